using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>The second factor of an account: a secret that an authenticator app shares, encrypted with the node key, and recovery codes, of which the
/// hashes are stored. Each code counts once. Any thread.</summary>
internal sealed class SecondFactors(NpgsqlDataSource database, NodeKey nodeKey, TimeProvider time)
{
    private const int RecoveryCodes = 10;

    /// <summary>80 bits: whoever has the hash does not find it.</summary>
    private const int RecoveryCodeBytes = 10;

    private const int MaxCodeLength = 32;

    public async Task<bool> IsOnAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select totp_confirmed_at is not null from control.account where id = $1", accountId);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    public async Task<SecondFactorState> StateAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select totp_confirmed_at is not null, (select count(*)::int from control.recovery_code c where c.account_id = a.id) from control.account a where id = $1", accountId);
        return await command.FirstAsync(r => new SecondFactorState(r.GetBoolean(0), r.GetInt32(1)), cancellationToken) ?? new SecondFactorState(false, 0);
    }

    /// <summary>A new secret, which counts when a code of it was confirmed.</summary>
    /// <returns>Null where there is a second factor already.</returns>
    public async Task<byte[]?> EnrolAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        return await database.ExecuteAsync(
            "update control.account set totp_secret_protected = $2, totp_last_step = 0 where id = $1 and totp_confirmed_at is null",
            [accountId, nodeKey.Protect(Convert.ToBase64String(secret))], cancellationToken) == 1 ? secret : null;
    }

    /// <summary>Within the caller's transaction.</summary>
    /// <returns>The recovery codes, to be shown once; null for a wrong code, or where there is nothing to confirm.</returns>
    public async Task<IReadOnlyList<string>?> ConfirmAsync(NpgsqlConnection connection, Guid accountId, string code, CancellationToken cancellationToken)
    {
        if (!await SpendCodeAsync(connection, accountId, code, "totp_confirmed_at is null", cancellationToken))
            return null;
        await connection.ExecuteAsync("update control.account set totp_confirmed_at = $2 where id = $1", [accountId, time.GetUtcNow()], cancellationToken);
        string[] codes = [.. Enumerable.Range(0, RecoveryCodes).Select(_ => NewRecoveryCode())];
        await connection.ExecuteAsync("delete from control.recovery_code where account_id = $1", [accountId], cancellationToken);
        await connection.ExecuteAsync(
            "insert into control.recovery_code (account_id, code_hash) select $1, unnest($2::bytea[])", [accountId, codes.Select(HashOf).ToArray()], cancellationToken);
        return codes;
    }

    /// <summary>A code of the app or a recovery code; true spends it.</summary>
    public async Task<bool> VerifyAsync(Guid accountId, string code, CancellationToken cancellationToken)
    {
        if (code.Length > MaxCodeLength)
            return false;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var text = code.Replace(" ", "", StringComparison.Ordinal);
        if (text.Length == Totp.Digits)
            return await SpendCodeAsync(connection, accountId, text, "totp_confirmed_at is not null", cancellationToken);
        return await connection.ExecuteAsync(
            "delete from control.recovery_code where account_id = $1 and code_hash = $2", [accountId, HashOf(text)], cancellationToken) == 1;
    }

    public static async Task RemoveAsync(NpgsqlConnection connection, Guid accountId, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("delete from control.recovery_code where account_id = $1", [accountId], cancellationToken);
        await connection.ExecuteAsync(
            "update control.account set totp_secret_protected = null, totp_confirmed_at = null, totp_last_step = 0 where id = $1", [accountId], cancellationToken);
    }

    /// <summary>The database decides who was first: of two requests with one code the later gets nothing.</summary>
    private async Task<bool> SpendCodeAsync(NpgsqlConnection connection, Guid accountId, string code, string state, CancellationToken cancellationToken)
    {
        await using var find = connection.Command($"select totp_secret_protected from control.account where id = $1 and {state}", accountId);
        return await find.ExecuteScalarAsync(cancellationToken) is string secret
            && Totp.Match(Convert.FromBase64String(nodeKey.Unprotect(secret)), code, time.GetUtcNow()) is { } step
            && await connection.ExecuteAsync(
                "update control.account set totp_last_step = $2 where id = $1 and totp_last_step < $2", [accountId, step], cancellationToken) == 1;
    }

    /// <summary>As <c>ABCD-EFGH-IJKL-MNOP</c>.</summary>
    private static string NewRecoveryCode() =>
        string.Join('-', Totp.Base32(RandomNumberGenerator.GetBytes(RecoveryCodeBytes)).Chunk(4).Select(c => new string(c)));

    private static byte[] HashOf(string recoveryCode) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(recoveryCode.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant()));
}

/// <param name="On">A login needs a code.</param>
/// <param name="RecoveryCodesLeft">Each is good for one login without the app.</param>
internal sealed record SecondFactorState(bool On, int RecoveryCodesLeft);
