using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Outbox;

/// <summary>GET /api/outbox/dead: newest first, page by page.</summary>
internal static class ListDeadLetters
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder outbox) =>
        outbox.MapGet("/dead", Handle).WithName(nameof(ListDeadLetters)).WithSummary("List what could not be delivered, newest first.").Needs(Permissions.IntegrationsWrite, Scope.Tenant)
            .ProducesProblem(400);

    private static async Task<Results<Ok<Page<DeadLetter>>, ProblemHttpResult>> Handle(
        string? channel, int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 1, out var after) || (after is not null && DeadLetter.SeqOf(after[0]) < 0))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
        var take = limit ?? DefaultLimit;
        await using var command = database.Command($"""
            select {DeadLetter.Columns} from control.outbox
            where tenant_id = $1 and state = 'dead' and ($2::text is null or channel = $2) and seq < $3 order by seq desc limit $4
            """, Caller.Of(context).TenantId, channel, after is null ? long.MaxValue : DeadLetter.SeqOf(after[0]), take + 1);
        return TypedResults.Ok(Page.Of(await command.RowsAsync(DeadLetter.Read, cancellationToken), take, letter => letter, last => Cursor.Of(last.Id)));
    }
}
