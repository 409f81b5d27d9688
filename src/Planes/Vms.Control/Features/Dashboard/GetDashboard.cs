using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Dashboard;

/// <summary>GET /api/dashboard: the installation at one glance. With <c>siteId</c> or <c>groupId</c> the cameras there, their events and alerts.</summary>
internal static class GetDashboard
{
    public sealed record Response(CamerasView Cameras, StorageView Storage, EventsView Events24h, IReadOnlyList<Alert> Alerts);

    public sealed record CamerasView(int Total, int Online, int Recording);

    /// <param name="ByType">Since the quarter of an hour that began 24 hours ago; null: they cannot be counted now.</param>
    public sealed record EventsView(IReadOnlyDictionary<string, long>? ByType);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/dashboard", Handle).WithName(nameof(GetDashboard)).WithSummary("The installation at one glance.").WithTags("Dashboard").Needs(Permissions.CamerasRead, Scope.Cameras)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Ok<Response>> Handle(
        string? siteId, string? groupId, HttpContext context, RightsState people, NpgsqlDataSource database, DesiredState desired, CameraStates states, RecorderStorage storage, Alerts alerts, EventCounts counts,
        CancellationToken cancellationToken)
    {
        var rights = Caller.Of(context).Rights;
        var places = people.Current?.Cameras;
        bool Stands(string camera) => (siteId is null && groupId is null)
            || (places?.GetValueOrDefault(camera) is { } place && (siteId is null || place.SiteId == siteId) && (groupId is null || place.GroupIds.Contains(groupId)));
        var cameras = (desired.Cameras?.Values ?? []).Where(c => rights.Allows(Permissions.CamerasRead, c.Row.Id) && Stands(c.Row.Id))
            .Select(c => (c.Row, State: states.Of(c.Row))).ToList();
        var seen = rights.Filter(Permissions.EventsRead);
        if (siteId is not null || groupId is not null)
        {
            // Events of the site itself belong to no group.
            seen = new CameraFilter(
                seen.TenantId, [.. (places?.Keys ?? []).Where(id => Stands(id) && rights.Allows(Permissions.EventsRead, id))],
                groupId is null && rights.AllowsSite(Permissions.EventsRead, siteId!) ? [siteId!] : []);
        }

        var byType = counts.Of(seen) ?? await CountAsync(database, seen, counts.From, cancellationToken);
        // The disks are the installation's: what other tenants have on them is not theirs to see.
        var measured = rights.TenantId == Tenants.First ? await storage.ReadAsync(cancellationToken) : new StorageView(null, null, null, null, []);
        return TypedResults.Ok(new Response(
            new CamerasView(cameras.Count, cameras.Count(c => c.State.State == "online"), cameras.Count(c => c.State.Recording.State == "recording")),
            measured,
            new EventsView(byType),
            alerts.Of(cameras, measured.Pools)));
    }

    /// <returns>Null when the database is away, or has more than it can count in time: the rest of the dashboard needs neither.</returns>
    private static async Task<IReadOnlyDictionary<string, long>?> CountAsync(
        NpgsqlDataSource database, CameraFilter seen, DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            """
            select type, count(*) from control.event
            where at >= $1 and tenant_id = $2 and ($3::text[] is null or camera_id = any($3) or (camera_id is null and site_id = any($4)))
            group by type order by type
            """, from, seen.TenantId, seen.CameraIds, seen.SiteIds);
        try
        {
            return (await command.RowsAsync(r => KeyValuePair.Create(r.GetString(0), r.GetInt64(1)), cancellationToken)).ToDictionary();
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            return null;
        }
    }
}
