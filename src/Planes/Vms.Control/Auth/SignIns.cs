using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Vms.Control.Auth.Oidc;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Reconciliation;

namespace Vms.Control.Auth;

/// <summary>Sign-in sessions and their refresh tokens: each token works once, a second use ends the whole sign-in
/// (RFC 9700 §4.14.2). Only SHA-256 hashes are stored. Any thread.</summary>
internal sealed partial class SignIns(
    NpgsqlDataSource database, AccessTokens accessTokens, RightsState rights, UsageLimitRows limits, OidcSignIn provider, TimeProvider time, ILogger<SignIns> logger)
{
    /// <summary>How long a browser that stays away remains signed in.</summary>
    private static readonly TimeSpan s_refreshLifetime = TimeSpan.FromDays(14);

    /// <summary>How long the first token counts that reaches the browser in an address.</summary>
    private static readonly TimeSpan s_handOverLifetime = TimeSpan.FromMinutes(1);

    /// <summary>The longest life of a ticket, which is longer than that of an access token.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromHours(24);

    // Access tokens and tickets are checked without the database: what ended within their lifetime is remembered here.
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _ended = new();

    private const int MaxUserAgentLength = 256;

    /// <summary>Starts a sign-in for an account whose password was checked.</summary>
    /// <param name="userAgent">As the client calls itself; cut to a bearable length.</param>
    public async Task<TokenView> StartAsync(AccountRow account, string address, string userAgent, CancellationToken cancellationToken)
    {
        var (user, refreshToken) = await BeginAsync(account, address, userAgent, s_refreshLifetime, cancellationToken);
        return TokensOf(user, refreshToken);
    }

    /// <summary>Starts a sign-in for an account that an identity provider vouches for.</summary>
    /// <returns>A refresh token, to be swapped at once.</returns>
    public async Task<string> HandOverAsync(AccountRow account, string address, string userAgent, CancellationToken cancellationToken) =>
        (await BeginAsync(account, address, userAgent, s_handOverLifetime, cancellationToken)).RefreshToken;

    private async Task<(SignedIn User, string RefreshToken)> BeginAsync(
        AccountRow account, string address, string userAgent, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var user = new SignedIn(account.Id, account.TenantId, account.Username, Guid.CreateVersion7(time.GetUtcNow()));
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await limits.EnterSessionAsync(connection, account.TenantId, account.Id, user.SignInId, now, cancellationToken);
        await connection.ExecuteAsync("delete from control.refresh_token where expires_at < $1", [now], cancellationToken);
        await connection.ExecuteAsync(
            "insert into control.sign_in (id, account_id, started_at, last_used_at, address, user_agent) values ($1, $2, $3, $3, $4, $5)",
            [user.SignInId, account.Id, now, address, userAgent.Length > MaxUserAgentLength ? userAgent[..MaxUserAgentLength] : userAgent], cancellationToken);
        await AuditLog.AddAsync(
            connection, now, new Actor(account.TenantId, account.Username, address), "session.started", user.SignInId.ToString(), new { }, cancellationToken);
        await connection.ExecuteAsync("update control.account set last_login_at = $2 where id = $1", [account.Id, now], cancellationToken);
        var refreshToken = await AddTokenAsync(connection, user.SignInId, now, lifetime, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await rights.FindFreshAsync(account.Id);    // the tokens count from now on
        return (user, refreshToken);
    }

    /// <summary>Swaps a refresh token for the next one. Null when it is unknown, spent, expired, or its sign-in ended.</summary>
    public async Task<TokenView?> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hash = HashOf(refreshToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        SignedIn? user;
        await using (var spend = connection.Command("""
            update control.refresh_token t set spent_at = $2
            from control.sign_in s join control.account a on a.id = s.account_id
            where t.token_hash = $1 and t.spent_at is null and t.expires_at > $2
              and s.id = t.sign_in_id and s.ended_at is null and a.enabled
              and (s.started_at > $3 or not exists (select from control.external_identity e where e.account_id = a.id))
            returning a.id, a.tenant_id, a.username, s.id
            """, hash, now, now - OidcOptions.SessionOf(provider.Options)))
        {
            user = await spend.FirstAsync(r => new SignedIn(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetGuid(3)), cancellationToken);
        }

        if (user is null)
        {
            await EndIfSpentAsync(connection, hash, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return null;
        }

        await WakeAsync(connection, user, now, cancellationToken);
        await connection.ExecuteAsync("update control.sign_in set last_used_at = $2 where id = $1", [user.SignInId, now], cancellationToken);
        var next = await AddTokenAsync(connection, user.SignInId, now, s_refreshLifetime, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TokensOf(user, next);
    }

    /// <summary>One that was not used for longer than an access token lives begins again as far as the number of sessions goes.</summary>
    private async Task WakeAsync(NpgsqlConnection connection, SignedIn user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var asleep = connection.Command(
            "select id from control.sign_in where id = $1 and (last_used_at is null or last_used_at <= $2)", user.SignInId, now - AccessTokens.Lifetime);
        if (await asleep.ExecuteScalarAsync(cancellationToken) is not null)
            await limits.EnterSessionAsync(connection, user.TenantId, user.AccountId, user.SignInId, now, cancellationToken);
    }

    public async Task EndAsync(Guid signInId, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            "update control.sign_in set ended_at = $2, end_reason = 'logout' where id = $1 and ended_at is null",
            [signInId, time.GetUtcNow()], cancellationToken);
        Remember(signInId);
    }

    /// <summary>Ends the sign-ins of an account within the caller's transaction; <see cref="Remember(IEnumerable{Guid})"/> what comes back after the commit.</summary>
    /// <param name="except">One that goes on; null: none.</param>
    public async Task<IReadOnlyList<Guid>> EndAllAsync(
        NpgsqlConnection connection, Guid accountId, Guid? except, string reason, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "update control.sign_in set ended_at = $3, end_reason = $4 where account_id = $1 and ended_at is null and id <> coalesce($2, gen_random_uuid()) returning id",
            accountId, except, time.GetUtcNow(), reason);
        return await command.RowsAsync(r => r.GetGuid(0), cancellationToken);
    }

    public void Remember(IEnumerable<Guid> ended)
    {
        foreach (var id in ended)
            Remember(id);
    }

    /// <summary>Set after sign-ins ended.</summary>
    public ChangeSignal Ended { get; } = new();

    /// <summary>What had ended before the start was read: before that nobody can say whose token still counts.</summary>
    public bool KnowsEnded { get; private set; }

    /// <summary>True when access tokens and tickets of this sign-in no longer count.</summary>
    public bool HasEnded(Guid signInId) => _ended.ContainsKey(signInId);

    /// <summary>After a restart: what ended while something issued before could still be alive.</summary>
    public async Task RememberRecentlyEndedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id from control.sign_in where ended_at > $1", time.GetUtcNow() - s_remembered);
        foreach (var id in await command.RowsAsync(r => r.GetGuid(0), cancellationToken))
            Remember(id);
        KnowsEnded = true;
    }

    private async Task EndIfSpentAsync(NpgsqlConnection connection, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var end = connection.Command("""
            update control.sign_in s set ended_at = $2, end_reason = 'reuse'
            from control.refresh_token t, control.account a
            where t.token_hash = $1 and t.spent_at is not null and s.id = t.sign_in_id and s.ended_at is null and a.id = s.account_id
            returning s.id, a.username
            """, hash, now);
        var reused = await end.FirstAsync(r => new { Id = r.GetGuid(0), Username = r.GetString(1) }, cancellationToken);
        if (reused is null)
            return;
        Remember(reused.Id);
        Log.TokenReused(logger, reused.Username);
    }

    private static async Task<string> AddTokenAsync(
        NpgsqlConnection connection, Guid signInId, DateTimeOffset now, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await connection.ExecuteAsync(
            "insert into control.refresh_token (token_hash, sign_in_id, issued_at, expires_at) values ($1, $2, $3, $4)",
            [HashOf(token), signInId, now, now + lifetime], cancellationToken);
        return token;
    }

    private void Remember(Guid signInId)
    {
        var now = time.GetUtcNow();
        _ended[signInId] = now;
        foreach (var (id, at) in _ended)
        {
            if (now - at > s_remembered)
                _ended.TryRemove(id, out _);
        }

        Ended.Set();
    }

    private TokenView TokensOf(SignedIn user, string refreshToken) =>
        new(accessTokens.Issue(user), refreshToken, (int)AccessTokens.Lifetime.TotalSeconds);

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Warning, "Sign-in of {Username} ended: a refresh token was used a second time, it may have been copied")]
        public static partial void TokenReused(ILogger logger, string username);
    }
}

/// <summary>Answer to a login or refresh; <c>ExpiresIn</c> in seconds.</summary>
internal sealed record TokenView(string AccessToken, string RefreshToken, int ExpiresIn);
