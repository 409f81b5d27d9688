using System.Diagnostics.Metrics;
using Npgsql;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>
/// Moves closed segments that are old enough from the pools they were recorded to into those of the role archive: copy, verify, switch the row,
/// delete. One segment at a time, with less right to processor and disk than everything else, never for more than half the time, and not while a
/// disk is behind with recording (docs/design/storage-pools.md). What somebody asks for (<see cref="FootageMoves"/>) takes turns with that.
/// </summary>
internal sealed partial class SegmentMover : IDisposable
{
    /// <summary>Listed at a time; the next ones are listed when they are done.</summary>
    private const int MaxListed = 64;

    private const int MaxPassedOver = 4096;

    private static readonly TimeSpan s_giveWay = TimeSpan.FromMilliseconds(200);

    /// <summary>What could not be moved is left alone for so long.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromHours(1);

    private readonly StoragePools _pools;
    private readonly IndexTables _tables;
    private readonly IndexJournal _journal;
    private readonly RetentionSweep _retention;
    private readonly SegmentDamage _damage;
    private readonly ArchiveInventory _inventory;
    private readonly OpenSegments _open;
    private readonly MoveNote _note;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new("Vms.Recorder.Mover");
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;
    private readonly Dictionary<Guid, long> _passedOver = [];      // that could not be moved, and when
    private readonly SemaphoreSlim _gate = new(1, 1);      // one move at a time
    private bool _toldNoRoom;
    private bool _toldWaits;

    public SegmentMover(
        StoragePools pools,
        ArchiveFolders folders,
        OpenSegments open,
        IndexTables tables,
        IndexJournal journal,
        RetentionSweep retention,
        SegmentDamage damage,
        TimeProvider time,
        ILogger<SegmentMover> logger)
    {
        _pools = pools;
        _tables = tables;
        _journal = journal;
        _retention = retention;
        _damage = damage;
        _inventory = new ArchiveInventory(folders, open);
        _open = open;
        _note = new MoveNote(pools.Layout);
        _time = time;
        _logger = logger;
        _bytes = _meter.CreateCounter<long>("vms_recorder_moved_bytes_total", "By", "Recordings that were moved into the pool.");
        _failures = _meter.CreateCounter<long>("vms_recorder_move_failures_total", null, "Segments that could not be moved, by reason; each is tried again.");
    }

    /// <summary>How often it looks for segments that are old enough. Tests wait less.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Recording waits for the disk: this reads and writes nothing meanwhile. Set once, before <see cref="RunAsync"/>.</summary>
    public Func<bool> IsDiskBehind { get; set; } = static () => false;

    /// <summary>Tests end it here, as a crash would.</summary>
    internal Action<MoveStep> Reached { get; set; } = static _ => { };

    private bool HasWork => _pools.All.Any(p => p.Spec.MoveAfter is not null) && _pools.All.Any(p => p.Spec.Role == PoolRole.Archive);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await MoveAllAsync(cancellationToken);
            await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _gate.Dispose();
    }

    /// <summary>Moves what is old enough now. What cannot be is left for the next time.</summary>
    public async Task MoveAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (HasWork && await RecoverInTurnAsync(cancellationToken) && await MoveSomeAsync(cancellationToken))
            {
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was begun is undone, or will be at the next start.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.Waits(_logger, e.Message);
        }
    }

    /// <returns>Whether there may be more to move.</returns>
    private async Task<bool> MoveSomeAsync(CancellationToken cancellationToken)
    {
        bool moved = false;
        foreach (var (pool, segment) in Due())
        {
            await LetDiskCatchUpAsync(cancellationToken);
            long began = _time.GetTimestamp();
            StoragePool? target = null;
            var result = await MoveAsync(segment, pool, s => target = TargetFor(s), cancellationToken);
            if (result is MoveResult.Moved)
            {
                target!.Wrote(segment.Bytes);       // how fast it fills, day by day; what somebody moves there once does not say that
            }

            if (result is MoveResult.Moved or MoveResult.Gone)
            {
                moved = true;
                await Task.Delay(_time.GetElapsedTime(began), _time, cancellationToken);
            }
            else
            {
                LeaveForNow(pool, segment, result);
            }
        }

        return moved;
    }

    private void LeaveForNow(StoragePool pool, StoredSegment segment, MoveResult result)
    {
        if (result is MoveResult.NoRoom)
        {
            if (!_toldNoRoom)
            {
                _toldNoRoom = true;
                Log.NoRoom(_logger, pool.Root);
            }
        }
        else if (result is not MoveResult.Waits)
        {
            PassOver(segment.Name.Id);
        }
    }

    /// <summary>What is old enough, oldest first in each pool.</summary>
    private List<(StoragePool Pool, StoredSegment Segment)> Due()
    {
        var due = new List<(StoragePool Pool, StoredSegment Segment)>();
        foreach (var pool in _pools.All.Where(p => p.IsThere))
        {
            if (pool.Spec.MoveAfter is { } after)
            {
                var before = _time.GetUtcNow() - after;
                var streams = from s in _inventory.Streams()
                              select from segment in _inventory.Closed(s.CameraId, s.Stream, pool.Home).TakeWhile(c => c.Name.Start < before)
                                     where segment.End < before && !IsPassedOver(segment.Name.Id)
                                     select new Candidate(segment, Protection.None);
                due.AddRange(RetentionRules.OldestFirst(streams).Take(MaxListed).Select(c => (pool, c.Segment)));
            }
        }

        return due;
    }

    /// <summary>The archive pool with most room; when none has enough, the one whose oldest recordings make some.</summary>
    private StoragePool? TargetFor(StoredSegment segment)
    {
        long bytes = segment.Bytes;
        var targets = _pools.All.Where(p => p.Spec.Role == PoolRole.Archive && p.State.State == PoolState.Ready).OrderByDescending(RoomOf).ToList();
        return targets.Find(t => RoomOf(t) > bytes) ?? targets.Find(t => _retention.MakeRoomToMove(t, bytes) && RoomOf(t) > bytes);
    }

    private bool IsPassedOver(Guid id) => _passedOver.TryGetValue(id, out long at) && _time.GetElapsedTime(at) < s_again;

    private void PassOver(Guid id)
    {
        if (_passedOver.Count >= MaxPassedOver)
        {
            _passedOver.Clear();
        }

        _passedOver[id] = _time.GetTimestamp();
    }

    private static partial class Log
    {
        [LoggerMessage(3810, LogLevel.Debug, "Camera {CameraId} {Stream}: moved {OldPath} to {NewPath} ({Bytes} bytes)")]
        public static partial void Moved(ILogger logger, string cameraId, string stream, string oldPath, string newPath, long bytes);

        [LoggerMessage(3811, LogLevel.Warning, "Camera {CameraId} {Stream}: the move of {OldPath} to {NewPath} was interrupted and is completed now")]
        public static partial void Completed(ILogger logger, string cameraId, string stream, string oldPath, string newPath);

        [LoggerMessage(3812, LogLevel.Error, "A move to another pool that was interrupted cannot be put right yet ({Reason}); it is tried again, and nothing else is moved until then")]
        public static partial void NotRecovered(ILogger logger, string reason);

        [LoggerMessage(3813, LogLevel.Error, "Camera {CameraId} {Stream}: {Path} stays where it is: its copy in {Root} is not what was recorded ({Result}); it is tried again later")]
        public static partial void NotGood(ILogger logger, string cameraId, string stream, string path, string root, CopyResult result);

        [LoggerMessage(3814, LogLevel.Error, "Camera {CameraId} {Stream}: {Path} cannot be moved to {Root} ({Reason}); it stays where it is and is tried again later")]
        public static partial void Failed(ILogger logger, string cameraId, string stream, string path, string root, string reason);

        [LoggerMessage(3815, LogLevel.Warning, "Recordings in {Root} are old enough to be moved, and no archive pool has room for them; they stay until one has")]
        public static partial void NoRoom(ILogger logger, string root);

        [LoggerMessage(3817, LogLevel.Warning, "Moving recordings waits: {From} was on its way to {To}, and one of the two pools is away. Nothing is moved until both are back")]
        public static partial void WaitsForPool(ILogger logger, string from, string to);

        [LoggerMessage(3816, LogLevel.Warning, "Moving recordings waits ({Reason})")]
        public static partial void Waits(ILogger logger, string reason);
    }
}
