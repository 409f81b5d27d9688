using System.Net.Sockets;
using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Jobs;
using Vms.Onvif.Discovery;

namespace Vms.Control.Features.Discovery;

/// <summary>
/// A scan of a network for devices. What a tenant's scans found within an hour is found by the next one, too: answers get lost. Begun again after a restart it asks
/// everybody once more and keeps what it had found. Done of total are the questions that were sent.
/// </summary>
internal sealed class ScanJob(DiscoveryOptions options, FeedHub hub, NpgsqlDataSource database, TimeProvider time) : IJobKind
{
    public const string KindName = "scan";

    /// <summary>Waiting or going on, of all tenants; datagrams of more would get in each other's way.</summary>
    public const int MaxRunning = 2;

    private static readonly TimeSpan s_remembered = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_saveEvery = TimeSpan.FromSeconds(1);

    /// <param name="Subnet">Null: the networks of this machine, by multicast.</param>
    public sealed record Args(string? Subnet);

    public string Name => KindName;

    /// <summary>Somebody looks at the list of devices as it grows.</summary>
    public bool IsAwaited => true;

    public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var args = JsonSerializer.Deserialize<Args>(run.Row.Args, JsonSerializerOptions.Web)!;
        var found = new FoundDevices(args.Subnet);
        foreach (var device in run.CursorAs<ScanFindings>()?.Devices ?? await BeforeAsync(run.Row.TenantId, cancellationToken))
            found.Keep(device);
        await run.SaveAsync(found.Findings, 0, null, cancellationToken);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var scan = new DiscoveryScan(options, time).RunAsync(
            Subnet.TryParse(args.Subnet, out var subnet) ? subnet : null, device => found.Add(device, time.GetUtcNow()), found.Asked, ending.Token);
        try
        {
            while (await Task.WhenAny(scan, Task.Delay(s_saveEvery, time, ending.Token)) != scan && !cancellationToken.IsCancellationRequested)
                await run.SaveAsync(found.Findings, found.Done, found.Total, cancellationToken);
            await scan;
            await run.SaveAsync(found.Findings, found.Done, found.Total, cancellationToken);
            return found.Findings;
        }
        catch (SocketException e)
        {
            await run.SaveAsync(found.Findings, found.Done, found.Total, cancellationToken);
            throw new JobFailedException("scanFailed", $"The network {args.Subnet ?? "by multicast"} cannot be asked: {e.Message}");
        }
        finally
        {
            await ending.CancelAsync();
            await scan.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public async Task OverAsync(JobRow row)
    {
        try
        {
            if (await ScanView.FindAsync(database, row.TenantId, row.Id, CancellationToken.None) is { } scan)
                hub.Publish(new DiscoveryCompleteMessage(scan.ScanId, scan.Devices), rights => rights.TenantId == row.TenantId && rights.AllowsTenant(Permissions.DevicesDiscover));
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
        {
            // Whoever asks for the scan is answered when the database is back.
        }
    }

    /// <summary>What the tenant's scans found within the last hour, older finds first.</summary>
    private async Task<IEnumerable<FoundDevice>> BeforeAsync(string tenantId, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - s_remembered;
        // Each has what those before it had: the last few know everything.
        await using var command = database.Command(
            "select result from control.job where tenant_id = $1 and kind = $2 and finished_at > $3 and result is not null order by finished_at desc limit $4",
            tenantId, KindName, since, MaxRunning + 1);
        var findings = await command.RowsAsync(r => JsonSerializer.Deserialize<ScanFindings>(r.GetString(0), JsonSerializerOptions.Web)!, cancellationToken);
        return findings.SelectMany(f => f.Devices).Where(d => d.SeenAt > since).OrderBy(d => d.SeenAt);
    }
}
