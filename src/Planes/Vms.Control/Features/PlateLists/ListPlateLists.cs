using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.PlateLists;

/// <summary>GET /api/plate-lists: by name, with how many plates each has; all at once.</summary>
internal static class ListPlateLists
{
    public sealed record Summary(string Id, string Name, string Note, int Plates, DateTimeOffset UpdatedAt);

    public static void Map(RouteGroupBuilder lists) =>
        lists.MapGet("/", Handle).WithName(nameof(ListPlateLists)).WithSummary("List the lists of plates.").Needs(Permissions.PlatesWrite, Scope.Tenant);

    private static async Task<Ok<Page<Summary>>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id, name, note, jsonb_array_length(entries), updated_at from control.plate_list where tenant_id = $1 order by lower(name)", Caller.Of(context).TenantId);
        return TypedResults.Ok(new Page<Summary>(
            await command.RowsAsync(r => new Summary(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt32(3), r.Time(4)), cancellationToken), null));
    }
}
