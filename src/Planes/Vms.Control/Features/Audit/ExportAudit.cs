using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Audit;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Audit;

/// <summary>GET /api/audit/export: the log of a time as a file, oldest first: for a spreadsheet (csv), or with everything that its hashes cover (jsonl, a line of JSON each).</summary>
internal static class ExportAudit
{
    private const int PageSize = 1000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/audit/export", Handle).WithName(nameof(ExportAudit)).WithSummary("The audit log of a time as a file, oldest first: csv, or jsonl with its hashes.")
            .WithTags("Audit").Needs(Permissions.AuditRead, Scope.Tenant)
            .Produces<Stream>(200, "text/csv", "application/x-ndjson").ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static Results<PushStreamHttpResult, ProblemHttpResult> Handle(
        string? format, DateTimeOffset? from, DateTimeOffset? to, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        if (format is not (null or "csv" or "jsonl"))
            return Problems.Fields(new FieldProblem("format", "unknown", "Use csv or jsonl"));
        var csv = format is null or "csv";
        var name = string.Create(CultureInfo.InvariantCulture, $"audit-{time.GetUtcNow():yyyyMMdd-HHmmss}.{(csv ? "csv" : "jsonl")}");
        var tenant = Caller.Of(context).TenantId;
        return TypedResults.Stream(body => WriteAsync(body, csv, tenant, from, to, database, cancellationToken), csv ? "text/csv; charset=utf-8" : "application/x-ndjson", name);
    }

    private static async Task WriteAsync(
        Stream body, bool csv, string tenant, DateTimeOffset? from, DateTimeOffset? to, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: csv));      // spreadsheets take it for another encoding without the mark
        writer.NewLine = csv ? "\r\n" : "\n";
        if (csv)
            await writer.WriteLineAsync("time,user,action,subject,result,address,detail");
        long after = 0;
        while (true)
        {
            await using var command = database.Command(
                $"""
                select {AuditEntry.Columns} from control.audit
                where tenant_id = $5 and id > $1 and ($2::timestamptz is null or at >= $2) and ($3::timestamptz is null or at < $3) order by id limit $4
                """, after, from?.ToUniversalTime(), to?.ToUniversalTime(), PageSize, tenant);
            var page = await command.RowsAsync(AuditEntry.Read, cancellationToken);
            foreach (var entry in page)
                await writer.WriteLineAsync((csv ? Csv(entry) : Json(entry)).AsMemory(), cancellationToken);
            if (page.Count < PageSize)
                return;
            after = page[^1].Id;
        }
    }

    private static string Csv(AuditEntry entry) => string.Join(
        ',', new[] { entry.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), entry.Actor, entry.Action, entry.Subject, entry.Result, entry.Address ?? "", entry.Detail }.Select(Cell));

    /// <summary>Quoted always; text that a spreadsheet would take for a formula gets an apostrophe in front.</summary>
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Json(AuditEntry entry) => JsonSerializer.Serialize(
        new
        {
            entry.Seq,
            entry.Id,
            entry.At,
            entry.TenantId,
            entry.Actor,
            entry.Action,
            entry.Subject,
            entry.Detail,
            entry.Address,
            entry.Result,
            Hash = entry.Hash is null ? null : Convert.ToHexStringLower(entry.Hash),
        },
        JsonSerializerOptions.Web);
}
