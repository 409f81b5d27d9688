using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;

namespace Vms.Control.Data;

/// <summary>Notes who changed what, in the transaction of the change: neither is there without the other.</summary>
internal static class AuditLog
{
    /// <summary>What came of it, unless something else is said.</summary>
    public const string Done = "done";

    /// <summary>It was not allowed, or the credential was wrong.</summary>
    public const string Refused = "refused";

    /// <summary>It was ordered, and no answer came: it may have been done.</summary>
    public const string Unknown = "unknown";

    private const string Columns = "tenant_id, address, at, actor, action, subject, detail, result";

    /// <param name="action">Noun and verb: hold.made.</param>
    /// <param name="subject">Id of what was changed.</param>
    /// <param name="detail">What was decided; serialized.</param>
    public static Task AddAsync(
        NpgsqlConnection connection, DateTimeOffset at, Actor actor, string action, string subject, object detail, CancellationToken cancellationToken,
        string result = Done) =>
        connection.ExecuteAsync(
            $"insert into control.audit ({Columns}) values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)",
            [actor.TenantId, actor.Address, at, actor.Name, action, subject, JsonSerializer.Serialize(detail, JsonSerializerOptions.Web), result], cancellationToken);

    /// <summary>The same, unless it is noted already and not longer ago than that.</summary>
    public static Task AddOnceAsync(
        NpgsqlConnection connection, DateTimeOffset at, TimeSpan within, Actor actor, string action, string subject, object detail, CancellationToken cancellationToken,
        string result = Done) =>
        connection.ExecuteAsync(
            $"""
            insert into control.audit ({Columns}) select $1, $2, $3, $4, $5, $6, $7::jsonb, $9 where not exists (
                select from control.audit where at > $8 and result = $9 and address is not distinct from $2 and tenant_id = $1 and actor = $4 and action = $5 and subject = $6 and detail = $7::jsonb)
            """,
            [actor.TenantId, actor.Address, at, actor.Name, action, subject, JsonSerializer.Serialize(detail, JsonSerializerOptions.Web), at - within, result], cancellationToken);

    /// <summary>An event that a program reported, unless it is noted already.</summary>
    /// <param name="id">In the detail, too: by it the index finds what is noted.</param>
    public static Task AddReportOnceAsync(
        NpgsqlConnection connection, DateTimeOffset at, Actor actor, string subject, string id, object detail, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"""
            insert into control.audit ({Columns}) select $1, $2, $3, $4, 'event.reported', $5, $6::jsonb, '{Done}' where not exists (
                select from control.audit where action = 'event.reported' and detail ->> 'id' = $7 and subject = $5 and detail = $6::jsonb)
            """,
            [actor.TenantId, actor.Address, at, actor.Name, subject, JsonSerializer.Serialize(detail, JsonSerializerOptions.Web), id], cancellationToken);
}

/// <summary>Who did something.</summary>
/// <param name="Name">Of the account or the API key; empty for the system itself.</param>
/// <param name="Address">From where; null: the system, or this machine's own socket.</param>
internal sealed record Actor(string TenantId, string Name, string? Address)
{
    public static Actor Of(HttpContext context) =>
        new(Caller.Of(context).TenantId, Caller.Of(context).Name, context.Connection.RemoteIpAddress?.ToString());
}
