using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Audit;

/// <summary>Puts new entries of the audit log into the chain, in the order of their ids, and signs its head. Once a second and in one place: an entry is written in the
/// transaction of its change, and must not make changes wait for each other. Until then an entry is append-only, but not yet proven.</summary>
internal sealed partial class AuditSealing(
    NpgsqlDataSource database, AuditKey key, AuditHeads heads, TimeProvider time, ILogger<AuditSealing> logger) : BackgroundService
{
    private const int MaxAtOnce = 1000;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private bool _toldLater;
    private bool _toldUnpublished;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await SealAsync(stoppingToken) == MaxAtOnce)
                {
                }

                _toldLater = false;
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                if (!_toldLater)
                    Log.Later(logger, e.Message);
                _toldLater = true;
            }

            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Seals what is there now.</summary>
    /// <returns>How many entries that were.</returns>
    public async Task<int> SealAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        List<AuditEntry> entries;
        await using (var command = connection.Command($"select {AuditEntry.Columns} from control.audit where seq is null order by id limit $1", MaxAtOnce))
            entries = await command.RowsAsync(AuditEntry.Read, cancellationToken);
        if (entries.Count == 0)
            return 0;

        var (seq, hash) = await LastAsync(connection, cancellationToken);
        var hashes = new byte[entries.Count][];
        for (var i = 0; i < entries.Count; i++)
            hashes[i] = hash = AuditChain.Hash(hash, ++seq, entries[i]);
        await connection.ExecuteAsync(
            """
            update control.audit a set seq = s.seq, hash = s.hash
            from unnest($1::bigint[], $2::bytea[]) with ordinality as e (id, hash, place) cross join lateral (select $3 + e.place as seq, e.hash as hash) s
            where a.id = e.id
            """,
            [entries.Select(e => e.Id).ToArray(), hashes, seq - entries.Count], cancellationToken);
        var head = key.Sign(seq, hash, time.GetUtcNow());
        await AuditHeads.KeepAsync(connection, head, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Publish(head);
        return entries.Count;
    }

    private void Publish(AuditHead head)
    {
        try
        {
            heads.Publish(head);
            _toldUnpublished = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_toldUnpublished)
                Log.Unpublished(logger, e.Message);
            _toldUnpublished = true;
        }
    }

    private static async Task<(long Seq, byte[] Hash)> LastAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {AuditEntry.Columns} from control.audit where seq is not null order by seq desc limit 1");
        return await command.FirstAsync(AuditEntry.Read, cancellationToken) is { Seq: { } seq, Hash: { } hash } ? (seq, hash) : (0, AuditChain.Start);
    }

    private static partial class Log
    {
        [LoggerMessage(1110, LogLevel.Warning, "Entries of the audit log wait to be sealed ({Reason}); it is tried every second")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1111, LogLevel.Warning, "The head of the audit log cannot be kept outside the database ({Reason}); it is tried with the next entry")]
        public static partial void Unpublished(ILogger logger, string reason);
    }
}
