using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Federation;

/// <summary>Another installation, as it is stored.</summary>
/// <param name="Address">Scheme, host and port.</param>
/// <param name="ApiKeyProtected">Of a key that it issued for us, encrypted with the node key.</param>
/// <param name="CertificateSha256">64 lower-case hex digits; null: a certificate has to be one that this machine trusts.</param>
internal sealed record ServerRow(
    string Id, string Name, Uri Address, string ApiKeyProtected, string? CertificateSha256, long Generation, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string Columns = "id, name, address, api_key_protected, certificate_sha256, generation, created_at, updated_at";

    /// <summary>As this installation is called among them.</summary>
    public const string HereId = "here";

    /// <summary>All are asked at once, and all are shown at once.</summary>
    public const int MaxServers = 50;

    public static ServerRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), new Uri(row.GetString(2)), row.GetString(3), row.StringOrNull(4), row.GetInt64(5), row.Time(6), row.Time(7));

    public static async Task<ServerRow?> FindAsync(NpgsqlDataSource database, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.server where id = $1", id);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>Locked until the transaction ends.</summary>
    public static async Task<ServerRow?> LockAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {Columns} from control.server where id = $1 for update", id);
        return await command.FirstAsync(Read, cancellationToken);
    }
}
