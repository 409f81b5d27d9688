using System.Text.Json.Nodes;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Jobs;

/// <summary>A row of <c>control.job</c>.</summary>
/// <param name="Args">JSON; its shape is the kind's. Emptied when the job is over.</param>
/// <param name="Cursor">JSON; where to go on. Null: at the beginning.</param>
/// <param name="Done">Of <paramref name="Total"/>; in what, is the kind's matter.</param>
/// <param name="Total">Null until it is known.</param>
/// <param name="Result">JSON, when it is done; its shape is the kind's.</param>
internal sealed record JobRow(
    string Id, string TenantId, string Kind, string Args, string State, string? Cursor, long Done, long? Total, string? Result, string? ErrorCode, string? ErrorDetail,
    int Attempts, string CreatedBy, Guid CreatedById, string? CreatedFrom, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    public const string Columns = """
        j.id, j.tenant_id, j.kind, j.args, j.state, j.cursor, j.done, j.total, j.result, j.error_code, j.error_detail, j.attempts, j.created_by, j.created_by_id,
        j.created_from, j.created_at, j.started_at, j.finished_at
        """;

    /// <summary>The same for whoever only shows it: without arguments and cursor, and of the result without what is a list or an object itself. Those may have thousands
    /// of lines.</summary>
    public const string BriefColumns = """
        j.id, j.tenant_id, j.kind, '{}', j.state, null, j.done, j.total, case when jsonb_typeof(j.result) = 'object' then (
            select coalesce(jsonb_object_agg(r.key, r.value), '{}') from jsonb_each(j.result) r where jsonb_typeof(r.value) not in ('array', 'object')) end,
        j.error_code, j.error_detail, j.attempts, j.created_by, j.created_by_id, j.created_from, j.created_at, j.started_at, j.finished_at
        """;

    /// <summary>As with <see cref="BriefColumns"/>.</summary>
    public JobRow Brief() => this with
    {
        Args = "{}",
        Cursor = null,
        Result = Result is not null && JsonNode.Parse(Result) is JsonObject result
            ? new JsonObject(result.Where(member => member.Value is null or JsonValue).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString()
            : null,
    };

    /// <summary>On whose behalf it works.</summary>
    public Actor Actor => new(TenantId, CreatedBy, CreatedFrom);

    public static JobRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.StringOrNull(5), row.GetInt64(6),
        row.IsDBNull(7) ? null : row.GetInt64(7), row.StringOrNull(8), row.StringOrNull(9), row.StringOrNull(10), row.GetInt32(11), row.GetString(12), row.GetGuid(13),
        row.StringOrNull(14), row.Time(15), row.TimeOrNull(16), row.TimeOrNull(17));

    /// <summary>Puts a job into the queue; it begins after the commit.</summary>
    /// <param name="args">JSON. Secrets in it are encrypted by the caller.</param>
    public static async Task<JobRow> AddAsync(
        NpgsqlConnection connection, string kind, string args, Caller caller, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = new JobRow(
            Guid.CreateVersion7(now).ToString("N"), actor.TenantId, kind, args, JobStates.Queued, null, 0, null, null, null, null, 0, actor.Name, caller.Principal!.Id, actor.Address,
            now, null, null);
        await connection.ExecuteAsync("""
            insert into control.job (id, tenant_id, kind, args, state, created_by, created_by_id, created_from, created_at) values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)
            """, [row.Id, row.TenantId, kind, args, row.State, row.CreatedBy, row.CreatedById, row.CreatedFrom, now], cancellationToken);
        await AuditLog.AddAsync(connection, now, actor, "job.requested", row.Id, new { kind }, cancellationToken);
        return row;
    }
}

internal static class JobStates
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
}
