using System.Globalization;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Viewing;

/// <summary>
/// Notices what was taken away, whatever took it: a role, a grant, a group, a moved camera, an account that was switched off or deleted, an API key that is over, a
/// sign-in that ended. It compares who may view what with what that was before, and writes down the difference (docs/design/revocation.md).
/// </summary>
internal sealed partial class Revocations(NpgsqlDataSource database, RightsState rights, SignIns signIns, TimeProvider time, ILogger<Revocations> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);

    /// <summary>That end between two looks, and are told one by one whatever else there is.</summary>
    private const int MaxSignIns = RevokedRights.Max / 2;

    private byte[]? _known;     // as it stands in the database

    /// <summary>Set after something was written down.</summary>
    public ChangeSignal Added { get; } = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (changed, ended) = (rights.Replaced.Next, signIns.Ended.Next);
            var wait = s_interval;
            try
            {
                if (rights.Current is { } snapshot && await PassAsync(snapshot, stoppingToken))
                    Added.Set();
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                // The rights themselves change in that database: nothing is taken away without it.
                (wait, _known) = (s_retry, null);
                Log.Later(logger, e.Message);
            }

            Task any = Task.WhenAny(changed, ended);
            await any.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether there was something.</returns>
    private async Task<bool> PassAsync(RightsSnapshot snapshot, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var current = ViewingRights.Of(snapshot);
        var bytes = current.ToBytes();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        _known ??= await KnownAsync(connection, cancellationToken);
        IReadOnlyList<Loss> losses = _known is null || bytes.AsSpan().SequenceEqual(_known) ? [] : current.LostSince(ViewingRights.FromBytes(_known));
        foreach (var loss in losses)
            await RevocationRows.AddAsync(connection, loss.AccountId, null, loss.CameraIds, loss.Rights, snapshot.ReadAt, now, cancellationToken);
        var ended = await EndedSignInsAsync(connection, now, cancellationToken);
        // Last, and never made coarser at once: an account's own spares rights of this very snapshot, and so what was begun in the sign-in.
        var own = ended.Take(MaxSignIns).ToList();
        foreach (var (signIn, account) in ended.Skip(MaxSignIns))
            await RevocationRows.AddAsync(connection, account, signIn, null, ViewingRight.All, snapshot.ReadAt, now, cancellationToken);
        if (losses.Count + ended.Count > 0)
        {
            var coarser = await RevocationRows.TidyAsync(connection, RevokedRights.Max - own.Count, snapshot.ReadAt, now, cancellationToken);
            if (coarser is not 0)
                Log.Coarser(logger, RevokedRights.Max, coarser?.ToString(CultureInfo.InvariantCulture) ?? "all");
        }

        foreach (var (signIn, account) in own)
            await RevocationRows.AddAsync(connection, account, signIn, null, ViewingRight.All, snapshot.ReadAt, now, cancellationToken);

        if (_known is null || !bytes.AsSpan().SequenceEqual(_known))
            await connection.ExecuteAsync("insert into control.viewing_rights (rights) values ($1) on conflict (only_one) do update set rights = excluded.rights", [bytes], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        _known = bytes;
        if (losses.Count + ended.Count == 0)
            return false;
        Log.Taken(logger, losses.Select(l => l.AccountId).Distinct().Count(), ended.Count);
        return true;
    }

    private static async Task<byte[]?> KnownAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select rights from control.viewing_rights");
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }

    private static async Task<List<(Guid SignIn, Guid Account)>> EndedSignInsAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "update control.sign_in set viewing_ended_at = $1 where ended_at is not null and viewing_ended_at is null returning id, account_id", now);
        return await command.RowsAsync(r => (r.GetGuid(0), r.GetGuid(1)), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1254, LogLevel.Debug, "What was taken away is looked at later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1250, LogLevel.Information, "Rights to view were taken away from {Accounts} accounts, {SignIns} sign-ins ended: the planes are told, and end what is open by them")]
        public static partial void Taken(ILogger logger, int accounts, int signIns);

        [LoggerMessage(1251, LogLevel.Warning, "More than {Max} rights to view were taken away within a day: of {Accounts} accounts everything that is open ends now, and comes back where it is still allowed")]
        public static partial void Coarser(ILogger logger, int max, string accounts);
    }
}
