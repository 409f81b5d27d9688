using System.Net.Sockets;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.LiveFeed;
using Vms.Onvif.Discovery;

namespace Vms.Control.Features.Discovery;

/// <summary>The scans of a network that go on and the last ones that ended, in memory: a restart ends them, and another is begun in seconds. What a tenant's scans found
/// within an hour is shown by the next one, too: answers get lost. Any thread.</summary>
internal sealed partial class DiscoveryScans(
    DiscoveryOptions options, FeedHub hub, NpgsqlDataSource database, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<DiscoveryScans> logger)
{
    /// <summary>At the same time; datagrams of more would get in each other's way.</summary>
    public const int MaxRunning = 2;

    private const int MaxKept = 16;
    private static readonly TimeSpan s_remembered = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly List<Scan> _scans = [];    // oldest first
    private readonly Dictionary<string, Dictionary<(string Ip, string Endpoint), (DiscoveredDevice Device, DateTimeOffset At)>> _seen = new(StringComparer.Ordinal);

    private sealed class Scan(string id, string tenantId, string? subnet, DateTimeOffset startedAt)
    {
        public string Id => id;

        public string TenantId => tenantId;

        public string? Subnet => subnet;

        public DateTimeOffset StartedAt => startedAt;

        public bool IsOver { get; set; }

        public string? Error { get; set; }
    }

    /// <param name="subnet">Null: the networks of this machine, by multicast.</param>
    /// <returns>The scan's id; that of one of the same kind that goes on already; null when too many go on.</returns>
    public string? Start(string tenantId, Subnet? subnet)
    {
        Scan scan;
        lock (_gate)
        {
            var running = _scans.Where(s => !s.IsOver).ToList();
            if (running.Find(s => s.TenantId == tenantId && s.Subnet == subnet?.ToString()) is { } same)
                return same.Id;
            if (running.Count >= MaxRunning)
                return null;
            scan = new Scan(Guid.NewGuid().ToString("n"), tenantId, subnet?.ToString(), time.GetUtcNow());
            _scans.Add(scan);
            if (_scans.Count > MaxKept)
                _scans.Remove(_scans.First(s => s.IsOver));
        }

        _ = RunAsync(scan, subnet);
        return scan.Id;
    }

    /// <summary>Null for one that is not this tenant's, was never, or is forgotten.</summary>
    public async Task<ScanView?> FindAsync(string tenantId, string scanId, CancellationToken cancellationToken)
    {
        Scan? scan;
        lock (_gate)
            scan = _scans.Find(s => s.Id == scanId && s.TenantId == tenantId);
        return scan is null ? null : await ViewAsync(scan, cancellationToken);
    }

    private async Task RunAsync(Scan scan, Subnet? subnet)
    {
        string? error = null;
        try
        {
            await new DiscoveryScan(options, time).RunAsync(subnet, device => Found(scan.TenantId, device), lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            error = "The server was stopped meanwhile";
        }
        catch (SocketException e)
        {
            error = e.Message;
            Log.Failed(logger, scan.Subnet ?? "multicast", e.Message);
        }

        lock (_gate)
            (scan.Error, scan.IsOver) = (error, true);
        try
        {
            var view = await ViewAsync(scan, lifetime.ApplicationStopping);
            hub.Publish(
                new DiscoveryCompleteMessage(view.ScanId, view.Devices), rights => rights.TenantId == scan.TenantId && rights.AllowsTenant(Permissions.DevicesDiscover));
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || e is OperationCanceledException)
        {
            // Whoever asks for the scan is answered when the database is back.
        }
    }

    private void Found(string tenantId, DiscoveredDevice device)
    {
        lock (_gate)
        {
            if (!_seen.TryGetValue(tenantId, out var seen))
                _seen.Add(tenantId, seen = []);
            if (seen.Count >= DiscoveredDevices.MaxDevices)
                Forget(seen);
            if (seen.Count < DiscoveredDevices.MaxDevices)
                seen[(device.Address.ToString(), device.Endpoint)] = (device, time.GetUtcNow());
        }
    }

    private void Forget(Dictionary<(string Ip, string Endpoint), (DiscoveredDevice Device, DateTimeOffset At)> seen)
    {
        var now = time.GetUtcNow();
        foreach (var (key, (_, at)) in seen)
        {
            if (now - at > s_remembered)
                seen.Remove(key);
        }
    }

    private async Task<ScanView> ViewAsync(Scan scan, CancellationToken cancellationToken)
    {
        var known = await CameraHostsAsync(scan.TenantId, cancellationToken);
        lock (_gate)
        {
            List<DiscoveredView> devices = [];
            if (_seen.TryGetValue(scan.TenantId, out var seen))
            {
                Forget(seen);
                devices = [.. seen.Values.Select(s => DiscoveredView.Of(s.Device, s.At, known)).OrderBy(v => v.Ip, StringComparer.Ordinal)];
            }

            return new ScanView(scan.Id, scan.Error is not null ? "failed" : scan.IsOver ? "done" : "running", scan.Subnet, scan.StartedAt, scan.Error, devices);
        }
    }

    private async Task<HashSet<string>> CameraHostsAsync(string tenantId, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select main_url from control.camera where tenant_id = $1 and deleted_at is null", tenantId);
        var urls = await command.RowsAsync(r => r.GetString(0), cancellationToken);
        return [.. urls.Select(u => Uri.TryCreate(u, UriKind.Absolute, out var uri) ? uri.DnsSafeHost : "").Where(h => h.Length > 0)];
    }

    private static partial class Log
    {
        [LoggerMessage(1130, LogLevel.Warning, "The scan for devices ({Where}) failed: {Reason}")]
        public static partial void Failed(ILogger logger, string where, string reason);
    }
}
