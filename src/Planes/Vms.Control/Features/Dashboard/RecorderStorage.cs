using System.Globalization;
using System.Net.Sockets;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Dashboard;

/// <summary>Storage as the recorder measures it; null while it does not answer.</summary>
/// <param name="ForecastDays">Days of video the pools hold at the bitrate of the last day; null when not known.</param>
/// <param name="KeptBytes">What holds, clips and bookmarks keep.</param>
/// <param name="Pools">Each of them, the main one first; empty while the recorder does not answer.</param>
internal sealed record StorageView(long? UsedBytes, long? FreeBytes, double? ForecastDays, long? KeptBytes, IReadOnlyList<PoolView> Pools);

/// <summary>One storage pool; what is not known while it is away is null.</summary>
/// <param name="Role">record or archive.</param>
/// <param name="State">ready, full, failed or away.</param>
/// <param name="CapacityBytes">What recordings may fill before the oldest go.</param>
/// <param name="HeadroomHours">Until no more than the minimum is free, at the pool's usual bitrate and if nothing were deleted.</param>
/// <param name="ForecastDays">Days of video that it holds at its usual bitrate.</param>
/// <param name="MovedBytes">Moved into it since the recorder started.</param>
internal sealed record PoolView(
    string Name, string Role, string State, long? UsedBytes, long? FreeBytes, long? CapacityBytes, double? HeadroomHours, double? ForecastDays, long MovedBytes);

/// <summary>Asks the recorder's metrics for the size of its pools.</summary>
internal sealed class RecorderStorage(PlaneOptions options, TimeProvider time) : IDisposable
{
    private const string UsedMetric = "vms_recorder_pool_used_bytes";
    private const string FreeMetric = "vms_recorder_pool_free_bytes";
    private const string ForecastMetric = "vms_recorder_pool_forecast_days";
    private const string KeptMetric = "vms_recorder_kept_bytes";
    private const string StateMetric = "vms_recorder_pool_state";
    private const string CapacityMetric = "vms_recorder_pool_capacity_bytes";
    private const string HeadroomMetric = "vms_recorder_pool_headroom_hours";
    private const string DaysMetric = "vms_recorder_pool_days";
    private const string MovedMetric = "vms_recorder_moved_bytes_total";
    private const string MainPool = "main";

    /// <summary>As many as a recorder can have.</summary>
    private const int MaxPools = 16;

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
                (long?)Sum(text, KeptMetric), Pools(text));
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new StorageView(null, null, null, null, []);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The pools that the recorder says the state of.</summary>
    internal static IReadOnlyList<PoolView> Pools(string prometheusText)
    {
        var pools = new List<PoolView>();
        foreach (var line in prometheusText.Split('\n'))
        {
            if (pools.Count == MaxPools)
                break;
            if (!line.StartsWith(StateMetric + "{", StringComparison.Ordinal) || Label(line, "pool") is not { } name || Label(line, "role") is not { } role || Label(line, "state") is not { } state)
                continue;
            double? Of(string metric) => Sum(prometheusText, metric, $"pool=\"{name}\"");
            double? Known(string metric) => Of(metric) is > 0 and var value ? Math.Round(value, 2) : null;
            pools.Add(new PoolView(
                name, role, state, (long?)Of(UsedMetric), (long?)Of(FreeMetric), (long?)Of(CapacityMetric), Known(HeadroomMetric), Known(DaysMetric), (long?)Of(MovedMetric) ?? 0));
        }

        return [.. pools.OrderBy(p => p.Name != MainPool).ThenBy(p => p.Role == "archive").ThenBy(p => p.Name, StringComparer.Ordinal)];
    }

    private static string? Label(string line, string label)
    {
        var start = line.IndexOf(label + "=\"", StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += label.Length + 2;
        var end = line.IndexOf('"', start);
        return end < 0 ? null : line[start..end];
    }

    /// <summary>Adds up one metric over its labels; null when it is not there.</summary>
    /// <param name="label">Only where it has this one.</param>
    internal static double? Sum(string prometheusText, string metric, string label = "")
    {
        double? sum = null;
        foreach (var line in prometheusText.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(metric, StringComparison.Ordinal) || line.Length <= metric.Length || line[metric.Length] is not (' ' or '{'))
                continue;
            if (line.Contains(label, StringComparison.Ordinal) && double.TryParse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                sum = (sum ?? 0) + value;
        }

        return sum;
    }
}
