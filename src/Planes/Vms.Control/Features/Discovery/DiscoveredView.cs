using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Jobs;

namespace Vms.Control.Features.Discovery;

/// <summary>A device that answered a scan.</summary>
/// <param name="Ip">Where its answer came from.</param>
/// <param name="Xaddrs">Of its device service.</param>
/// <param name="Name">For people: maker and model, or what somebody called it.</param>
/// <param name="Known">A camera of yours has this address.</param>
/// <param name="LastSeenAt">When it answered last; an earlier scan's where this one has not heard of it.</param>
internal sealed record DiscoveredView(string Ip, IReadOnlyList<string> Xaddrs, string Name, string? Model, string? Mac, bool Known, DateTimeOffset LastSeenAt)
{
    public static DiscoveredView Of(FoundDevice device, IReadOnlySet<string> knownHosts) => new(
        device.Ip, device.Xaddrs, device.Name, device.Model, device.Mac, knownHosts.Contains(device.Ip), device.SeenAt);
}

/// <param name="ScanId">Also the id of its job.</param>
/// <param name="State">running (also while it waits), done, failed, or cancelled.</param>
/// <param name="Error">Of a failed one.</param>
internal sealed record ScanView(string ScanId, string State, string? Subnet, DateTimeOffset StartedAt, string? Error, IReadOnlyList<DiscoveredView> Devices)
{
    /// <summary>Null for one that is not this tenant's, was never, or is forgotten.</summary>
    public static async Task<ScanView?> FindAsync(NpgsqlDataSource database, string tenantId, string scanId, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {JobRow.Columns} from control.job j where j.id = $1 and j.tenant_id = $2 and j.kind = $3", scanId, tenantId, ScanJob.KindName);
        return await command.FirstAsync(JobRow.Read, cancellationToken) is { } row ? await OfAsync(database, row, cancellationToken) : null;
    }

    private static async Task<ScanView> OfAsync(NpgsqlDataSource database, JobRow row, CancellationToken cancellationToken)
    {
        var findings = (row.Result ?? row.Cursor) is { } json ? JsonSerializer.Deserialize<ScanFindings>(json, JsonSerializerOptions.Web)! : new ScanFindings(null, []);
        await using var command = database.Command("select main_url from control.camera where tenant_id = $1 and deleted_at is null", row.TenantId);
        var urls = await command.RowsAsync(r => r.GetString(0), cancellationToken);
        var known = urls.Select(u => Uri.TryCreate(u, UriKind.Absolute, out var uri) ? uri.DnsSafeHost : "").Where(h => h.Length > 0).ToHashSet(StringComparer.Ordinal);
        return new ScanView(
            row.Id, row.State == JobStates.Queued ? JobStates.Running : row.State, findings.Subnet, row.StartedAt ?? row.CreatedAt,
            row.State == JobStates.Failed ? row.ErrorDetail : null,
            [.. findings.Devices.Select(d => DiscoveredView.Of(d, known)).OrderBy(v => v.Ip, StringComparer.Ordinal)]);
    }
}
