using System.Text.Json;
using Npgsql;

namespace Vms.Control.Data;

/// <summary>Notes who changed what, in the transaction of the change: neither is there without the other.</summary>
internal static class AuditLog
{
    /// <param name="actor">The user's name.</param>
    /// <param name="action">Noun and verb: hold.made.</param>
    /// <param name="subject">Id of what was changed.</param>
    /// <param name="detail">What was decided; serialized.</param>
    public static Task AddAsync(
        NpgsqlConnection connection, DateTimeOffset at, string actor, string action, string subject, object detail, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "insert into control.audit (at, actor, action, subject, detail) values ($1, $2, $3, $4, $5::jsonb)",
            [at, actor, action, subject, JsonSerializer.Serialize(detail, JsonSerializerOptions.Web)], cancellationToken);

    /// <summary>The same, unless it is noted already and not longer ago than that.</summary>
    public static Task AddOnceAsync(
        NpgsqlConnection connection, DateTimeOffset at, TimeSpan within, string actor, string action, string subject, object detail, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into control.audit (at, actor, action, subject, detail) select $1, $2, $3, $4, $5::jsonb where not exists (
                select from control.audit where at > $6 and actor = $2 and action = $3 and subject = $4 and detail = $5::jsonb)
            """,
            [at, actor, action, subject, JsonSerializer.Serialize(detail, JsonSerializerOptions.Web), at - within], cancellationToken);

    /// <summary>An event that a program reported, unless it is noted already.</summary>
    /// <param name="id">In the detail, too: by it the index finds what is noted.</param>
    public static Task AddReportOnceAsync(
        NpgsqlConnection connection, DateTimeOffset at, string actor, string subject, string id, object detail, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into control.audit (at, actor, action, subject, detail) select $1, $2, 'event.reported', $3, $4::jsonb where not exists (
                select from control.audit where action = 'event.reported' and detail ->> 'id' = $5 and subject = $3 and detail = $4::jsonb)
            """,
            [at, actor, subject, JsonSerializer.Serialize(detail, JsonSerializerOptions.Web), id], cancellationToken);
}
