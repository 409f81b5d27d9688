using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Auth;

/// <summary>The one-time token of the first start. The database holds its hash; a restart makes a new one and voids the old.</summary>
internal sealed class SetupLink(NpgsqlDataSource database, TimeProvider time)
{
    public async Task<string> CreateTokenAsync(CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        await database.ExecuteAsync("""
            insert into control.setup_token (token_hash, created_at) values ($1, $2)
            on conflict (only_one) do update set token_hash = excluded.token_hash, created_at = excluded.created_at
            """, [HashOf(token), time.GetUtcNow()], cancellationToken);
        return token;
    }

    /// <summary>Spends the token within the caller's transaction. False when it is wrong or was spent before.</summary>
    public static async Task<bool> SpendAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync("delete from control.setup_token where token_hash = $1", [HashOf(token)], cancellationToken) == 1;

    /// <summary>No setup any more: an administrator exists.</summary>
    public static Task<int> CloseAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from control.setup_token", [], cancellationToken);

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
