using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Audit;

/// <summary>A row of the audit log as it is hashed.</summary>
/// <param name="Seq">Its place in the chain, from 1 without a gap; null while it is not sealed.</param>
/// <param name="Detail">As PostgreSQL writes the jsonb: the same for the same content.</param>
/// <param name="Address">From where; null: the system did it.</param>
/// <param name="Hash">Null while it is not sealed.</param>
internal sealed record AuditEntry(
    long? Seq, long Id, DateTimeOffset At, string TenantId, string Actor, string Action, string Subject, string Detail, string? Address, string Result, byte[]? Hash)
{
    /// <summary>What <see cref="Read"/> expects.</summary>
    public const string Columns = "seq, id, at, tenant_id, actor, action, subject, detail::text, address, result, hash";

    public static AuditEntry Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetInt64(0), row.GetInt64(1), row.Time(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.StringOrNull(8), row.GetString(9), row.IsDBNull(10) ? null : row.GetFieldValue<byte[]>(10));
}
