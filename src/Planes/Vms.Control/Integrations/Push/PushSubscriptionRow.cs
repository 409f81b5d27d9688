using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Integrations.Push;

/// <summary>A row of <c>control.push_subscription</c>: a browser that is told.</summary>
/// <param name="Endpoint">Of its maker's push service.</param>
/// <param name="P256dh">Its public key, base64url.</param>
/// <param name="Auth">Its secret, base64url.</param>
/// <param name="Browser">As it was called when it subscribed.</param>
internal sealed record PushSubscriptionRow(
    Guid Id, Guid AccountId, string Endpoint, string P256dh, string Auth, string Browser, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
{
    public const string Columns = "id, account_id, endpoint, p256dh, auth, browser, created_at, last_used_at";

    /// <summary>Of one user.</summary>
    public const int MaxSubscriptions = 20;

    public static PushSubscriptionRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.Time(6), row.TimeOrNull(7));

    public static async Task<List<PushSubscriptionRow>> OfAsync(NpgsqlDataSource database, Guid accountId, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.push_subscription where account_id = $1 order by created_at, id", accountId);
        return await command.RowsAsync(Read, cancellationToken);
    }
}
