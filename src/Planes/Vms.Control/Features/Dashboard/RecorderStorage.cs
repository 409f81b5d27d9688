using System.Globalization;
using System.Net.Sockets;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Dashboard;

/// <summary>Storage as the recorder measures it; null while it does not answer.</summary>
/// <param name="ForecastDays">Days of video the pool holds at the bitrate of the last day; null when not known.</param>
/// <param name="KeptBytes">What holds, clips and bookmarks keep.</param>
internal sealed record StorageView(long? UsedBytes, long? FreeBytes, double? ForecastDays, long? KeptBytes);

/// <summary>Asks the recorder's metrics for the size of its pools.</summary>
internal sealed class RecorderStorage(PlaneOptions options, TimeProvider time) : IDisposable
{
    private const string UsedMetric = "vms_recorder_pool_used_bytes";
    private const string FreeMetric = "vms_recorder_pool_free_bytes";
    private const string ForecastMetric = "vms_recorder_pool_forecast_days";
    private const string KeptMetric = "vms_recorder_kept_bytes";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = LocalHttp.Client(options.SocketOf("recorder", "http"));

    public async Task<StorageView> ReadAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var text = await _http.GetStringAsync("metrics", linked.Token);
            return new StorageView(
                (long?)Sum(text, UsedMetric), (long?)Sum(text, FreeMetric), Sum(text, ForecastMetric) is > 0 and var days ? Math.Round(days, 2) : null,
                (long?)Sum(text, KeptMetric));
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new StorageView(null, null, null, null);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Adds up one metric over its labels; null when it is not there.</summary>
    internal static double? Sum(string prometheusText, string metric)
    {
        double? sum = null;
        foreach (var line in prometheusText.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(metric, StringComparison.Ordinal) || line.Length <= metric.Length || line[metric.Length] is not (' ' or '{'))
                continue;
            if (double.TryParse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                sum = (sum ?? 0) + value;
        }

        return sum;
    }
}
