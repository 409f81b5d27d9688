using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Audit;

/// <summary>GET /api/audit: who changed what, newest first.</summary>
internal static class ListAudit
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    /// <param name="Action">Noun and verb: hold.made, clip.deleted, …</param>
    /// <param name="Subject">Id of what was changed.</param>
    /// <param name="Address">From where; null for the system and for this machine's own socket.</param>
    /// <param name="Result">done or refused.</param>
    public sealed record AuditView(
        string Id, DateTimeOffset At, string Actor, string? Address, string Action, string Subject, string Result, JsonElement Detail);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/audit", Handle).WithName(nameof(ListAudit)).WithSummary("List who changed what, newest first.").WithTags("Audit").Needs(Permissions.AuditRead, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task<Results<Ok<Page<AuditView>>, ProblemHttpResult>> Handle(
        string? actor, string? action, string? subject, DateTimeOffset? from, DateTimeOffset? to, int? limit, string? cursor, HttpContext context,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (!Cursor.TryParse(cursor, parts: 1, out var key) || (key is not null && !long.TryParse(key[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        long? before = key is null ? null : long.Parse(key[0], CultureInfo.InvariantCulture);
        var take = limit ?? DefaultLimit;
        await using var command = database.Command("""
            select id, at, actor, address, action, subject, result, detail from control.audit
            where ($1::text is null or actor = $1) and ($2::text is null or action = $2) and ($3::text is null or subject = $3)
              and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5) and ($6::bigint is null or id < $6)
              and tenant_id = $8
            order by id desc limit $7
            """, actor, action, subject, from?.ToUniversalTime(), to?.ToUniversalTime(), before, take + 1,
            Caller.Of(context).TenantId);
        var rows = await command.RowsAsync(Read, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, take, row => row, last => Cursor.Of(last.Id)));
    }

    private static AuditView Read(NpgsqlDataReader row)
    {
        using var detail = JsonDocument.Parse(row.GetString(7));
        return new AuditView(
            row.GetInt64(0).ToString(CultureInfo.InvariantCulture), row.Time(1), row.GetString(2), row.StringOrNull(3), row.GetString(4), row.GetString(5),
            row.GetString(6), detail.RootElement.Clone());
    }
}
