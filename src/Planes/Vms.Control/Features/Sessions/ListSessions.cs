using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Sessions;

/// <summary>GET /api/sessions: the caller's own sign-ins, or with <c>all=true</c> everybody's of the tenant; the newest first.</summary>
internal static class ListSessions
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    /// <param name="LastUsedAt">When it last got new tokens: within a quarter of an hour of its last request.</param>
    /// <param name="Current">The one that this request came with.</param>
    public sealed record SessionView(
        string Id, string UserId, string Username, string Address, string UserAgent, DateTimeOffset StartedAt, DateTimeOffset LastUsedAt, bool Current);

    public static void Map(RouteGroupBuilder sessions) =>
        sessions.MapGet("/", Handle).WithName(nameof(ListSessions)).WithSummary("List one's own sign-ins; with all=true everybody's, for whoever may read users.")
            .NeedsSignIn().ProducesProblem(400);

    private static async Task<Results<Ok<Page<SessionView>>, ForbidHttpResult, ProblemHttpResult>> Handle(
        bool? all, int? limit, string? cursor, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 2, out var key) || !TryRead(key, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
        var caller = Caller.Of(context);
        if (all == true && !caller.Rights.AllowsTenant(Permissions.UsersRead))
            return TypedResults.Forbid();

        var take = limit ?? DefaultLimit;
        await using var command = database.Command("""
            select s.id, a.id, a.username, s.address, s.user_agent, s.started_at, coalesce(s.last_used_at, s.started_at)
            from control.sign_in s join control.account a on a.id = s.account_id
            where a.tenant_id = $1 and ($2 or a.id = $3) and s.ended_at is null and a.enabled
              and exists (select 1 from control.refresh_token t where t.sign_in_id = s.id and t.spent_at is null and t.expires_at > $4)
              and ($5::timestamptz is null or (s.started_at, s.id) < ($5, $6))
            order by s.started_at desc, s.id desc limit $7
            """, caller.TenantId, all == true, caller.Principal!.Id, time.GetUtcNow(), beforeAt, beforeId, take + 1);
        var rows = await command.RowsAsync(
            r => new SessionView(
                r.GetGuid(0).ToString(), r.GetGuid(1).ToString(), r.GetString(2), r.GetString(3), r.GetString(4), r.Time(5), r.Time(6),
                r.GetGuid(0) == caller.SignInId),
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => Cursor.Of(last.StartedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), last.Id)));
    }

    private static bool TryRead(string[]? key, out DateTimeOffset? at, out Guid? id)
    {
        (at, id) = (null, null);
        if (key is null)
            return true;
        if (!DateTimeOffset.TryParseExact(key[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            || !Guid.TryParse(key[1], out var last))
            return false;
        (at, id) = (time, last);
        return true;
    }
}
