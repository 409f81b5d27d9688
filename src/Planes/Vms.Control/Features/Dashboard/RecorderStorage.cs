using System.Globalization;
using System.Net.Sockets;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Dashboard;

/// <summary>Storage as the recorder measures it; null while it does not answer.</summary>
/// <param name="ForecastDays">Days until the pool is full at the present rate; null when not known.</param>
internal sealed record StorageView(long? UsedBytes, long? FreeBytes, double? ForecastDays);

/// <summary>Asks the recorder's metrics for the size of its pools.</summary>
internal sealed class RecorderStorage(PlaneOptions options, TimeProvider time) : IDisposable
{
    private const string UsedMetric = "vms_recorder_pool_used_bytes";
    private const string FreeMetric = "vms_recorder_pool_free_bytes";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = LocalHttp.Client(options.SocketOf("recorder", "http"));

    public async Task<StorageView> ReadAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var text = await _http.GetStringAsync("metrics", linked.Token);
            return new StorageView(Sum(text, UsedMetric), Sum(text, FreeMetric), ForecastDays: null);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new StorageView(null, null, null);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Adds up one metric over its labels; null when it is not there.</summary>
    internal static long? Sum(string prometheusText, string metric)
    {
        double? sum = null;
        foreach (var line in prometheusText.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(metric, StringComparison.Ordinal) || line.Length <= metric.Length || line[metric.Length] is not (' ' or '{'))
                continue;
            if (double.TryParse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                sum = (sum ?? 0) + value;
        }

        return sum is { } bytes ? (long)bytes : null;
    }
}
