using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Auth.Oidc;

/// <summary>The accounts behind people of the identity provider: found by who they are there, added at the first sign-in, with the roles that their groups have now.
/// A local account of the same name is never taken over: whoever names people at the provider would own it. Any thread.</summary>
internal sealed partial class OidcAccounts(NpgsqlDataSource database, RightsState rights, TimeProvider time, ILogger<OidcAccounts> logger)
{
    /// <summary>No hash is like that: nobody signs in with a password.</summary>
    private const string NoPassword = "";

    /// <exception cref="OidcException">No group of theirs has a role, the account is disabled, or its name is taken.</exception>
    public async Task<AccountRow> SignInAsync(OidcPerson person, OidcOptions options, string? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var roles = await RolesAsync(connection, person, options, cancellationToken);
        var account = await FindAsync(connection, options, person, cancellationToken);
        if (account is { Enabled: false })
            throw new OidcException("ssoDisabled", $"The account {account.Username} is disabled");
        if (roles.Length == 0)
        {
            // Whoever left all groups loses what they gave at once, not when the next token is asked for.
            if (account is not null)
                await KeepAsync(connection, options, person, account.Id, roles, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            await rights.RefreshAsync();
            throw new OidcException("ssoNoRole", $"No group of {person.Names[0]} has a role here: {string.Join(", ", person.Groups.Take(20))}");
        }

        account ??= await AddAsync(connection, person, options, address, now, cancellationToken);
        await KeepAsync(connection, options, person, account.Id, roles, now, cancellationToken);
        if (roles.Contains(Role.Admin, StringComparer.Ordinal))
            await SetupLink.CloseAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.RefreshAsync();
        return account;
    }

    private static async Task<AccountRow?> FindAsync(NpgsqlConnection connection, OidcOptions options, OidcPerson person, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            """
            select a.id, a.tenant_id, a.username, a.password_hash, a.enabled from control.external_identity e join control.account a on a.id = e.account_id
            where e.issuer = $1 and e.subject = $2
            """,
            options.Issuer.OriginalString, person.Subject);
        return await command.FirstAsync(r => new AccountRow(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetBoolean(4)), cancellationToken);
    }

    private async Task<AccountRow> AddAsync(
        NpgsqlConnection connection, OidcPerson person, OidcOptions options, string? address, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var name = person.Names.FirstOrDefault(n => UsernameRules.Check(n) is null) ?? Bearable(person.Names[0]);
        var account = new AccountRow(Guid.CreateVersion7(now), Tenants.First, name, NoPassword, Enabled: true);
        var added = await connection.ExecuteAsync(
            """
            insert into control.account (id, tenant_id, username, username_key, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing
            """,
            [account.Id, account.TenantId, name, Accounts.KeyOf(name), NoPassword, now], cancellationToken);
        if (added == 0)
            throw new OidcException("ssoNameTaken", $"There is another account {name}; rename or delete it, so that {person.Names[0]} of {options.Name} can have the name");
        await AuditLog.AddAsync(
            connection, now, new Actor(account.TenantId, name, address), "user.added", account.Id.ToString(), new { username = name, provider = options.Issuer.OriginalString }, cancellationToken);
        Log.Added(logger, name, options.Issuer.OriginalString);
        return account;
    }

    private static string Bearable(string name) =>
        new([.. name.Take(UsernameRules.MaxLength).Select(c => UsernameRules.Check(c.ToString()) is null ? c : '_')]);

    private static Task<int> KeepAsync(
        NpgsqlConnection connection, OidcOptions options, OidcPerson person, Guid accountId, string[] roles, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into control.external_identity (issuer, subject, account_id, roles, last_sign_in_at) values ($1, $2, $3, $4, $5)
            on conflict (issuer, subject) do update set roles = excluded.roles, last_sign_in_at = excluded.last_sign_in_at
            """,
            [options.Issuer.OriginalString, person.Subject, accountId, roles, now], cancellationToken);

    /// <summary>Ids of those that are there, by id or by the name that the operator gave them.</summary>
    private static async Task<string[]> RolesAsync(NpgsqlConnection connection, OidcPerson person, OidcOptions options, CancellationToken cancellationToken)
    {
        var wanted = person.Groups.Where(options.RoleOfGroup.ContainsKey).Select(g => options.RoleOfGroup[g]).Distinct(StringComparer.Ordinal).ToArray();
        if (wanted.Length == 0)
            return [];
        await using var command = connection.Command(
            "select id from control.role where (tenant_id is null or tenant_id = $2) and (id = any($1) or lower(name) in (select lower(w) from unnest($1) w)) order by id",
            wanted, Tenants.First);
        return [.. await command.RowsAsync(r => r.GetString(0), cancellationToken)];
    }

    private static partial class Log
    {
        [LoggerMessage(1120, LogLevel.Information, "Added the account {Username} for somebody whom {Issuer} vouches for")]
        public static partial void Added(ILogger logger, string username, string issuer);
    }
}
