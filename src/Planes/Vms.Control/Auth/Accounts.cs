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
        var outcome = s_hasher.VerifyHashedPassword("", account is { PasswordHash.Length: > 0 } ? account.PasswordHash : s_hashOfNobody, password);
        if (account is null || !account.Enabled || outcome == PasswordVerificationResult.Failed)
            return null;
        if (outcome == PasswordVerificationResult.SuccessRehashNeeded)
        {
            await database.ExecuteAsync(
                "update control.account set password_hash = $2 where id = $1", [account.Id, s_hasher.HashPassword("", password)], cancellationToken);
        }

        return account;
    }

    /// <summary>Adds an account within the caller's transaction; what it may do is added besides.</summary>
    /// <exception cref="PostgresException">Unique violation: the name is taken, in this tenant or in another.</exception>
    public async Task<Guid> AddAsync(
        NpgsqlConnection connection, string tenantId, string username, string password, string displayName, bool enabled, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(
            """
            insert into control.account (id, tenant_id, username, username_key, password_hash, display_name, enabled, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """, [id, tenantId, username, KeyOf(username), s_hasher.HashPassword("", password), displayName, enabled, now], cancellationToken);
        return id;
    }

    /// <summary>A tenant's first account.</summary>
    /// <exception cref="PostgresException">As <see cref="AddAsync"/>.</exception>
    public async Task AddAdministratorAsync(NpgsqlConnection connection, string tenantId, string username, string password, CancellationToken cancellationToken)
    {
        var id = await AddAsync(connection, tenantId, username, password, "", enabled: true, cancellationToken);
        await Grants.ReplaceAsync(
            connection, tenantId, GrantHolder.Account, id, [new GrantView(Role.Admin, GrantScopes.Tenant, null)], cancellationToken);
    }

    public static Task SetPasswordAsync(NpgsqlConnection connection, Guid id, string password, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("update control.account set password_hash = $2 where id = $1", [id, s_hasher.HashPassword("", password)], cancellationToken);

    /// <summary>Null when there is no such account.</summary>
    public async Task<string?> TenantOfAsync(string username, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select tenant_id from control.account where username_key = $1", KeyOf(username));
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Two spellings are one person.</summary>
    public static string KeyOf(string username) => username.Trim().ToLowerInvariant();
}
