using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Federation;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>POST /api/servers: takes on another installation. It is asked first: what it shows and whether it takes the key is said now, not on the first search.</summary>
internal static class AddServer
{
    /// <param name="Address">https://host:port.</param>
    /// <param name="ApiKey">Issued by the other server, with the role viewer for everything of it.</param>
    /// <param name="CertificateSha256">Of its certificate, where that is self-made.</param>
    public sealed record Request(string? Name, string? Address, string? ApiKey, string? CertificateSha256);

    public static void Map(RouteGroupBuilder servers) =>
        servers.MapPost("/", HandleAsync).WithName(nameof(AddServer)).WithSummary("Add another server, whose cameras and events are shown here, too.").Needs(Permissions.ServersWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(502).AnswersOnce();

    private static async Task<Results<Created<ServerView>, ProblemHttpResult>> HandleAsync(
        Request request, HttpContext context, NpgsqlDataSource database, ServerDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var wanted = ServerRules.Check(request.Name, request.Address, request.ApiKey, needsApiKey: true, request.CertificateSha256, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, actor) = (time.GetUtcNow(), Actor.Of(context));
        var row = new ServerRow(CameraId.New(), wanted.Name, wanted.Address!, directory.Protect(wanted.ApiKey!), wanted.CertificateSha256, 1, now, now);
        using (var peer = directory.Connect(row, wanted.ApiKey!))
        {
            if (ServerRules.Refusal(await directory.AskAsync(peer, cancellationToken)) is { } refusal)
                return refusal;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var added = await connection.ExecuteAsync($"""
                insert into control.server ({ServerRow.Columns}) select $1, $2, $3, $4, $5, $6, $7, $7
                where (select count(*) from control.server) < $8
                """, [row.Id, row.Name, ServerRules.TextOf(row.Address), row.ApiKeyProtected, row.CertificateSha256, row.Generation, now, ServerRow.MaxServers], cancellationToken);
            if (added == 0)
                return Problems.Of(StatusCodes.Status409Conflict, "tooManyServers", $"There are {ServerRow.MaxServers} servers already");
        }
        catch (PostgresException e) when (ServerRules.Taken(e) is { } taken)
        {
            return taken;
        }

        await AuditLog.AddAsync(
            connection, now, actor, "server.added", row.Id, new { row.Name, address = ServerRules.TextOf(row.Address), row.CertificateSha256 }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await directory.RefreshAsync();
        var state = directory.Find(row.Id) is { } known ? await directory.CheckAsync(known, cancellationToken) : ServerState.Unchecked;
        return TypedResults.Created($"/api/servers/{row.Id}", ServerView.Of(row, state));
    }
}
