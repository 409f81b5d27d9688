using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Integrations;

/// <summary>Settings of a service as they are stored.</summary>
/// <param name="SecretProtected">Its password, encrypted with the node key; null: none.</param>
/// <param name="EnabledAt">When it was switched on: what happened before is not told. Null: it is off.</param>
/// <param name="Generation">0: nobody has set it yet.</param>
internal sealed record Integration<T>(T Settings, string? SecretProtected, DateTimeOffset? EnabledAt, long Generation) where T : ServiceSettings;

/// <summary>Reads and writes <c>control.integration</c>. Any thread.</summary>
internal sealed class IntegrationStore(NpgsqlDataSource database, NodeKey key)
{
    private const string Select = "select settings, secret_protected, enabled_at, generation from control.integration where kind = $1";

    /// <summary>Set after a change was committed.</summary>
    public ChangeSignal Changed { get; } = new();

    /// <param name="fallback">Where nobody has set anything yet.</param>
    public async Task<Integration<T>> ReadAsync<T>(string kind, T fallback, CancellationToken cancellationToken) where T : ServiceSettings
    {
        await using var command = database.Command(Select, kind);
        return await command.FirstAsync(Read<T>, cancellationToken) ?? new Integration<T>(fallback, null, null, 0);
    }

    /// <summary>Locked until the transaction ends.</summary>
    public static async Task<Integration<T>> LockAsync<T>(NpgsqlConnection connection, string kind, T fallback, CancellationToken cancellationToken) where T : ServiceSettings
    {
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtext('integration.' || $1))", [kind], cancellationToken);
        await using var command = connection.Command(Select + " for update", kind);
        return await command.FirstAsync(Read<T>, cancellationToken) ?? new Integration<T>(fallback, null, null, 0);
    }

    public static Task SaveAsync<T>(
        NpgsqlConnection connection, string kind, Integration<T> integration, DateTimeOffset now, CancellationToken cancellationToken) where T : ServiceSettings =>
        connection.ExecuteAsync("""
            insert into control.integration (kind, settings, secret_protected, enabled_at, generation, updated_at) values ($1, $2::jsonb, $3, $4, $5, $6)
            on conflict (kind) do update set settings = excluded.settings, secret_protected = excluded.secret_protected, enabled_at = excluded.enabled_at,
                generation = excluded.generation, updated_at = excluded.updated_at
            """,
            [kind, JsonSerializer.Serialize(integration.Settings, JsonSerializerOptions.Web), integration.SecretProtected, integration.EnabledAt, integration.Generation, now],
            cancellationToken);

    public string Protect(string password) => key.Protect(password);

    /// <summary>Null: there is none.</summary>
    /// <exception cref="LinkException">Another installation encrypted it.</exception>
    public string? PasswordOf<T>(Integration<T> integration) where T : ServiceSettings
    {
        try
        {
            return integration.SecretProtected is { } secret ? key.Unprotect(secret) : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new LinkException("The password was encrypted by another installation: enter it again");
        }
    }

    private static Integration<T> Read<T>(NpgsqlDataReader row) where T : ServiceSettings =>
        new(JsonSerializer.Deserialize<T>(row.GetString(0), JsonSerializerOptions.Web)!, row.StringOrNull(1), row.TimeOrNull(2), row.GetInt64(3));
}
