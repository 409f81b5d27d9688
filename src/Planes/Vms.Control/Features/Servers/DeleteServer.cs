using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Federation;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Servers;

/// <summary>DELETE /api/servers/{id}: forgets it and its API key. The key goes on counting there until that server deletes it.</summary>
internal static class DeleteServer
{
    public static void Map(RouteGroupBuilder servers) =>
        servers.MapDelete("/{id}", HandleAsync).WithName(nameof(DeleteServer)).WithSummary("Forget another server.").Needs(Permissions.ServersWrite, Scope.Tenant).ProducesProblem(404).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string id, HttpContext context, NpgsqlDataSource database, ServerDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ServerRow.LockAsync(connection, id, cancellationToken) is not { } row)
            return ServerRules.NotFound();
        if (ItemVersion.Check(context, row.Generation.ToString(CultureInfo.InvariantCulture)) is { } otherVersion)
            return otherVersion;
        await connection.ExecuteAsync("delete from control.server where id = $1", [id], cancellationToken);
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), Actor.Of(context), "server.deleted", id, new { row.Name, address = ServerRules.TextOf(row.Address) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await directory.RefreshAsync();
        return TypedResults.NoContent();
    }
}
