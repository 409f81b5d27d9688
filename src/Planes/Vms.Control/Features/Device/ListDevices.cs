using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>GET /api/devices: makers, models and firmware of all cameras, by name, page by page. What is known; nobody is asked.</summary>
internal static class ListDevices
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 1000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/devices", Handle).WithName(nameof(ListDevices)).WithSummary("Maker, model, firmware and clock of every camera's device.").WithTags("Devices")
            .Needs(Permissions.CamerasRead, Scope.Cameras).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Results<Ok<Page<DeviceListView>>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, DeviceStates devices, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 2, out var after))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
        int take = limit ?? DefaultLimit;
        var seen = Caller.Of(context).Rights.Filter(Permissions.CamerasRead);
        await using var command = database.Command(
            """
            select id, name, site_id, lower(name) from control.camera
            where deleted_at is null and ($1::text is null or (lower(name), id) > ($1, $2)) and tenant_id = $4 and ($5::text[] is null or id = any($5))
            order by lower(name), id limit $3
            """, after?[0], after?[1], take + 1, seen.TenantId, seen.CameraIds);
        var rows = await command.RowsAsync(r => (Id: r.GetString(0), Name: r.GetString(1), Site: r.GetString(2), Key: r.GetString(3)), cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => ViewOf(row.Id, row.Name, row.Site, devices), last => Cursor.Of(last.Key, last.Id)));
    }

    private static DeviceListView ViewOf(string id, string name, string site, DeviceStates devices)
    {
        var row = devices.Of(id);
        var told = row?.Information;
        return new DeviceListView(
            id, name, site, row is { IsOnvif: true }, NullIfEmpty(told?.Manufacturer), NullIfEmpty(told?.Model), NullIfEmpty(told?.Firmware), NullIfEmpty(told?.SerialNumber),
            row?.Service.Authority, row?.Clock?.OffsetMs, row?.CheckedAt, row?.Problem?.Code, devices.ChangeOf(id)?.At);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
