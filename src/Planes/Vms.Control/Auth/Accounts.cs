using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Auth;

internal sealed record AccountRow(Guid Id, string TenantId, string Username, string PasswordHash, bool Enabled);

/// <summary>Accounts and their passwords. Any thread.</summary>
internal sealed class Accounts(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>PBKDF2-SHA512 rounds: the floor OWASP gives for it.</summary>
    private const int HashRounds = 210_000;

    private static readonly PasswordHasher<string> s_hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = HashRounds }));

    // An unknown name costs one verification too: the time of an answer does not tell which names exist.
    private static readonly string s_hashOfNobody = s_hasher.HashPassword("", Guid.NewGuid().ToString());

    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command("select exists (select 1 from control.account)");
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Null for a wrong name, a wrong password or a disabled account: the caller cannot tell which.</summary>
    public async Task<AccountRow?> VerifyAsync(string username, string password, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id, tenant_id, username, password_hash, enabled from control.account where username_key = $1", KeyOf(username));
        var account = await command.FirstAsync(
            r => new AccountRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetBoolean(4)), cancellationToken);
        var outcome = s_hasher.VerifyHashedPassword("", account?.PasswordHash ?? s_hashOfNobody, password);
        if (account is null || !account.Enabled || outcome == PasswordVerificationResult.Failed)
            return null;
        if (outcome == PasswordVerificationResult.SuccessRehashNeeded)
        {
            await database.ExecuteAsync(
                "update control.account set password_hash = $2 where id = $1", [account.Id, s_hasher.HashPassword("", password)], cancellationToken);
        }

        return account;
    }

    /// <summary>Adds an account within the caller's transaction, with a role for everything of its tenant.</summary>
    public async Task<Guid> AddAsync(
        NpgsqlConnection connection, string tenantId, string username, string password, string role, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(
            "insert into control.account (id, tenant_id, username, username_key, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)",
            [id, tenantId, username, KeyOf(username), s_hasher.HashPassword("", password), now], cancellationToken);
        await connection.ExecuteAsync(
            "insert into control.role_grant (tenant_id, account_id, role_id, scope) values ($1, $2, $3, 'tenant')", [tenantId, id, role], cancellationToken);
        return id;
    }

    /// <summary>Two spellings are one person.</summary>
    public static string KeyOf(string username) => username.Trim().ToLowerInvariant();
}
