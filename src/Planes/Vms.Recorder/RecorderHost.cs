using Npgsql;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Motion;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;
using Vms.Recorder.Pools;
using Vms.Recorder.Recordings;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder;

/// <summary>Start and ordered stop of the recorder's threads and loops. Recording starts without database and bus.</summary>
/// <remarks>Stop: drain the logs once more and close all segments → write what is queued → commit → carry the journal over, if the
/// database answers at once. What is left over is found again by the next start.</remarks>
internal sealed partial class RecorderHost(
    RecordingRegistry recordings,
    DrainLoop drain,
    PoolWriters writers,
    IndexJournal journal,
    IndexApplier applier,
    IndexRebuild rebuild,
    SegmentDamage damage,
    PoolMonitor monitor,
    SegmentMover mover,
    RetentionSweep retention,
    PreviewMaker previews,
    OpenSegments open,
    MotionSearches motion,
    GridKeeping grids,
    RecorderEvents events,
    PlaneReadiness readiness,
    TimeProvider time,
    ILogger<RecorderHost> logger) : IHostedService, IDisposable
{
    /// <summary>Recording waits for the disk: what reads from it for later gives way.</summary>
    private const long DiskIsBehindBytes = 4 << 20;

    private static readonly TimeSpan s_applyDeadline = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private readonly Lock _rebuildGate = new();
    private Task _rebuild = Task.CompletedTask;
    private bool _rebuildWanted = true;     // once per run of the process, and again when the journal lost something
    private bool _rebuilding;

    /// <summary>A comparison of index and files that was interrupted is tried again after this. Tests wait less.</summary>
    internal TimeSpan RebuildAgain { get; set; } = TimeSpan.FromSeconds(30);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.Set("postgres", false, "the archive index is not reachable yet");
        events.SiteOf = recordings.SiteOf;
        retention.BecameFull += (pool, kept) => events.StorageFull(pool.Root, time.GetUtcNow(), pool.MeasuredFreeBytes, kept.Hold, kept.Clip);
        applier.BecameAvailable += () => readiness.Set("postgres", true);
        applier.BecameAvailable += StartRebuild;
        journal.SetAside += AskForRebuild;
        monitor.Returned += AskForRebuild;
        applier.BecameAway += () => readiness.Set("postgres", false, "the archive index is not reachable; the journal holds the changes");

        foreach (var writer in writers.All)
        {
            writer.SegmentClosed += OfferForPreviews;
            writer.SegmentClosed += grids.Offer;
        }

        previews.IsDiskBehind = mover.IsDiskBehind = motion.IsDiskBehind = () => writers.All.Any(w => w.Queue.QueuedBytes > DiskIsBehindBytes);

        monitor.LookAtAll();        // says so where an operator looks first
        mover.Recover();
        writers.Start();
        drain.Start();
        await recordings.LoadAsync(cancellationToken);
        _loops.Add(applier.RunAsync(_stopping.Token));
        _loops.Add(damage.RunAsync(_stopping.Token));
        _loops.Add(monitor.RunAsync(_stopping.Token));
        _loops.Add(Task.Run(() => mover.RunAsync(_stopping.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => retention.RunAsync(_stopping.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => previews.RunAsync(_stopping.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => grids.RunAsync(_stopping.Token), CancellationToken.None));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.Run(
            () =>
            {
                drain.Stop();
                writers.Stop();
            },
            CancellationToken.None);
        await _stopping.CancelAsync();
        await Task.WhenAll([.. _loops, _rebuild]);
        await ApplyRestAsync();
        Log.Stopped(logger);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Of a camera with both streams recorded the small one has the previews: its pictures cost less.</summary>
    private void OfferForPreviews(SegmentRow segment)
    {
        if (segment.Stream != PlaybackRequest.DefaultStream || !open.Of(segment.CameraId, PlaybackSegments.Small, withGops: false).Any())
        {
            previews.Offer(segment);
        }
    }

    private async Task ApplyRestAsync()
    {
        using var deadline = new CancellationTokenSource(s_applyDeadline, time);
        try
        {
            if (applier.Available)
            {
                await applier.ApplyAllAsync(deadline.Token);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException
            or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.JournalKept(logger, e.Message);
        }
    }

    private void AskForRebuild()
    {
        lock (_rebuildGate)
        {
            _rebuildWanted = true;
        }

        if (applier.Available)
        {
            StartRebuild();
        }
    }

    private void StartRebuild()
    {
        lock (_rebuildGate)
        {
            if (_rebuildWanted && !_rebuilding && !_stopping.IsCancellationRequested)
            {
                _rebuilding = true;
                _rebuild = Task.Run(RebuildAsync);
            }
        }
    }

    /// <summary>Compares while that is wanted. Trouble of the disk is waited for here; when the database goes, its return begins anew.</summary>
    private async Task RebuildAsync()
    {
        while (TakeRebuild())
        {
            if (await TryRebuildAsync())
            {
                continue;
            }

            await Task.Delay(RebuildAgain, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_rebuildGate)
            {
                _rebuildWanted = true;
                _rebuilding = applier.Available && !_stopping.IsCancellationRequested;
                if (!_rebuilding)
                {
                    return;
                }
            }
        }
    }

    private bool TakeRebuild()
    {
        lock (_rebuildGate)
        {
            bool wanted = _rebuildWanted;
            _rebuildWanted = false;
            _rebuilding = wanted;
            return wanted;
        }
    }

    private async Task<bool> TryRebuildAsync()
    {
        try
        {
            await rebuild.RunAsync(everyFile: false, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            Log.RebuildInterrupted(logger, "the recorder stops");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.RebuildInterrupted(logger, e.Message);
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(3210, LogLevel.Information, "Recordings are written and committed")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(3211, LogLevel.Warning, "The journal keeps index changes for the next start ({Reason})")]
        public static partial void JournalKept(ILogger logger, string reason);

        [LoggerMessage(3212, LogLevel.Warning, "Comparing the index with the files was interrupted ({Reason}); it begins again within a minute, or with the database")]
        public static partial void RebuildInterrupted(ILogger logger, string reason);
    }
}
