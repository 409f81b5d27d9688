using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Recordings;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Gaps;

/// <summary>
/// Asks the index, not the writer, whether recorded and booked time together are the wall time: each recording every few minutes, from where it was last asked, and from
/// where it stood when this process began. What is missing without a word becomes a gap of its own, so that nobody finds an empty hour that no one was told about.
/// </summary>
internal sealed partial class CoverageAudit(
    RecordingRegistry recordings,
    GapLedger ledgers,
    ArchiveIndex index,
    IndexJournal journal,
    RecorderEvents events,
    TimeProvider time,
    ILogger<CoverageAudit> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    /// <summary>Each recording has its turn once in so many intervals.</summary>
    private const int Turns = 5;

    /// <summary>What is younger may still be on its way from the writer to the index.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(10);

    /// <summary>The database may have been away: not more than this at a time.</summary>
    private static readonly TimeSpan s_lookBack = TimeSpan.FromDays(1);

    private readonly Dictionary<(string CameraId, string Stream), DateTimeOffset> _auditedTo = [];
    private int _turn;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TakeTurnAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The recorder stops.
        }
    }

    private async Task TakeTurnAsync(CancellationToken stoppingToken)
    {
        try
        {
            var streams = recordings.Statuses().Where(s => s.Runs).Select(s => (s.CameraId, s.Stream)).Order().ToList();
            foreach (var gone in _auditedTo.Keys.Except(streams).ToList())
            {
                _auditedTo.Remove(gone);
            }

            for (int i = _turn++ % Turns; i < streams.Count; i += Turns)
            {
                await AuditAsync(streams[i].CameraId, streams[i].Stream, stoppingToken);
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.Failed(logger, e);      // one turn's trouble, not the end of looking
        }
    }

    /// <summary>Looks at one recording from where it was last looked at. One caller at a time.</summary>
    internal async Task AuditAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        var ledger = ledgers.Of(cameraId, stream);
        var to = UnixTime.FromMicroseconds(ledger.Written.EndUs) - s_settled;
        if (to <= DateTimeOffset.UnixEpoch + s_lookBack)
        {
            return;     // nothing was recorded yet
        }

        if (!_auditedTo.TryGetValue((cameraId, stream), out var from))
        {
            // What an earlier run left is put right when index and files are compared, which takes a while.
            _auditedTo[(cameraId, stream)] = to;
            return;
        }

        from = from < to - s_lookBack ? to - s_lookBack : from;
        if (from >= to)
        {
            // Nothing new, or the clock was set back: what is recorded again is looked at from there on.
            _auditedTo[(cameraId, stream)] = to < from - s_settled ? to : from;
            return;
        }

        try
        {
            _auditedTo[(cameraId, stream)] = await AuditAsync(ledger, from, to, cancellationToken);
        }
        catch (IndexUnavailableException)
        {
            // The same stretch is looked at when the database is back.
        }
    }

    /// <returns>Where the next look begins.</returns>
    private async Task<DateTimeOffset> AuditAsync(StreamLedger ledger, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (cameraId, stream) = (ledger.CameraId, ledger.Stream);
        // The segment that reaches into the range may have begun long before it.
        var segments = await index.FindAsync(cameraId, stream, from - RangeCoverage.LongestSegment, to + s_settled, cancellationToken);
        var gaps = await index.GapsAsync(cameraId, stream, from, to, cancellationToken);
        var deleted = await index.DeletedStartsAsync(cameraId, stream, from, to, cancellationToken);
        if (deleted.Count > 0)
        {
            // What retention took is no loss: only what is left behind it is looked at.
            segments = [.. segments.Where(s => s.From > deleted[^1])];
            var left = segments.Count > 0 ? segments.Min(s => s.From) : to;
            gaps = [.. gaps.Where(g => g.From >= left)];
        }

        var found = Coverage.Missing(segments, gaps, from, to, out var reached);
        foreach (var missing in found)
        {
            var gap = ledger.GapRowOf(default, missing.FromUs, missing.ToUs, GapCause.Unaccounted, open: false);
            journal.Append(new GapPut(gap));
            ledger.Found(gap);
            events.GapBooked(gap);
            Log.Unaccounted(logger, cameraId, stream, gap.From, gap.To);
        }

        return reached;
    }

    private static partial class Log
    {
        [LoggerMessage(
            3070, LogLevel.Error,
            "Camera {CameraId} {Stream}: nothing is recorded from {From:O} to {To:O}, and nothing on the books said why. It is a gap with the cause 'unaccounted' now; please report it, it is a fault of the recorder")]
        public static partial void Unaccounted(ILogger logger, string cameraId, string stream, DateTimeOffset from, DateTimeOffset to);

        [LoggerMessage(3071, LogLevel.Error, "Whether recordings are complete could not be looked at this minute; the next look is in a minute")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
