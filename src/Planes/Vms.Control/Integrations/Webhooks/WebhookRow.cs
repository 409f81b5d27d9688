using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Integrations.Webhooks;

/// <summary>A row of <c>control.webhook</c>.</summary>
/// <param name="SecretProtected">Encrypted with the node key.</param>
/// <param name="TriedStatus">HTTP status of the last delivery; null: none came.</param>
/// <param name="TriedError">Null: the last one arrived.</param>
internal sealed record WebhookRow(
    string Id, string TenantId, string Name, string Url, string SecretProtected, bool Enabled, long Generation, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset? TriedAt, int? TriedStatus, string? TriedError)
{
    public const string Columns =
        "id, tenant_id, name, url, secret_protected, enabled, generation, created_at, updated_at, tried_at, tried_status, tried_error";

    public const int MaxWebhooks = 100;

    public static WebhookRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetBoolean(5), row.GetInt64(6), row.Time(7), row.Time(8),
        row.TimeOrNull(9), row.IsDBNull(10) ? null : row.GetInt32(10), row.StringOrNull(11));

    public static async Task<WebhookRow?> FindAsync(NpgsqlDataSource database, string tenantId, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.webhook where id = $1 and tenant_id = $2", id, tenantId);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>Locked until the transaction ends.</summary>
    public static async Task<WebhookRow?> LockAsync(NpgsqlConnection connection, string tenantId, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {Columns} from control.webhook where id = $1 and tenant_id = $2 for update", id, tenantId);
        return await command.FirstAsync(Read, cancellationToken);
    }

    public Task<int> TriedAsync(NpgsqlDataSource database, DateTimeOffset at, WebhookAnswer answer, CancellationToken cancellationToken) => database.ExecuteAsync(
        "update control.webhook set tried_at = $2, tried_status = $3, tried_error = $4 where id = $1", [Id, at, answer.Status, answer.Error], cancellationToken);
}
