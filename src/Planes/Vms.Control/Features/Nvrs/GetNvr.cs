using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Nvrs;

/// <summary>GET /api/nvrs/{id}.</summary>
internal static class GetNvr
{
    public static void Map(RouteGroupBuilder nvrs) =>
        nvrs.MapGet("/{id}", Handle).WithName(nameof(GetNvr)).WithSummary("Get a recorder.").Needs(Permissions.CamerasRead).ProducesProblem(404);

    public static async Task<NvrView> ViewAsync(NpgsqlDataSource database, NvrRow row, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {ListNvrs.Added} from control.nvr n where n.id = $1", row.Id);
        return NvrView.Of(row, await command.ExecuteScalarAsync(cancellationToken) is int added ? added : 0);
    }

    private static async Task<Results<Ok<NvrView>, ProblemHttpResult>> Handle(string id, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await NvrRow.FindAsync(database, Caller.Of(context), Permissions.CamerasRead, id, cancellationToken) is { } row
            ? TypedResults.Ok(await ViewAsync(database, row, cancellationToken))
            : NvrProblems.NotFound();
}
