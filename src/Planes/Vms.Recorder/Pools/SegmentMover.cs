using System.Diagnostics.Metrics;
using Npgsql;
using Vms.Containers;
using Vms.Hosting;
using Vms.Native.Processes;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>
/// Moves closed segments that are old enough from the pools they were recorded to into those of the role archive: copy, verify, switch the row,
/// delete. One segment at a time, with less right to processor and disk than everything else, never for more than half the time, and not while a
/// disk is behind with recording (docs/design/storage-pools.md).
/// </summary>
internal sealed partial class SegmentMover : IDisposable
{
    /// <summary>Listed at a time; the next ones are listed when they are done.</summary>
    private const int MaxListed = 64;

    /// <summary>A row changes only to a higher version. The next one that stands for a closed segment.</summary>
    private const int NextVersion = 2;

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

    /// <summary>Finishes or undoes what a crash interrupted. Before anything else looks at the files.</summary>
    /// <returns>False when that is not possible yet: a pool is away, or a disk fails.</returns>
    public bool Recover()
    {
        try
        {
            if (_note.Read() is not { } move)
            {
                _note.Clear();
                return true;
            }

            if (!move.From.IsThere || !_pools.Of(move.NewPath).IsThere)
            {
                if (!_toldWaits)
                {
                    _toldWaits = true;
                    Log.WaitsForPool(_logger, move.OldPath, move.NewPath);
                }

                return false;
            }

            _toldWaits = false;

            if (File.Exists(move.NewPath))
            {
                // It was verified before it got this name.
                _retention.SwitchTo(move, Reached);
                Log.Completed(_logger, move.Row.CameraId, move.Row.Stream, move.OldPath, move.NewPath);
            }

            else
            {
                SegmentSidecars.Delete(move.NewPath);
            }

            if (File.Exists(move.UnfinishedPath))       // else not even its folder may be there
            {
                File.Delete(move.UnfinishedPath);
            }

            _note.Clear();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotRecovered(_logger, e.Message);
            return false;
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
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        try
        {
            while (HasWork && Recover() && await MoveSomeAsync(cancellationToken))
            {
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was begun is undone at the next start.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Log.Waits(_logger, e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <returns>Whether there may be more to move.</returns>
    private async Task<bool> MoveSomeAsync(CancellationToken cancellationToken)
    {
        bool moved = false;
        foreach (var (pool, segment) in Due())
        {
            while (IsDiskBehind())
            {
                await Task.Delay(s_giveWay, _time, cancellationToken);
            }

            long began = _time.GetTimestamp();
            if (await MoveAsync(pool, segment, cancellationToken))
            {
                moved = true;
                await Task.Delay(_time.GetElapsedTime(began), _time, cancellationToken);
            }
        }

        return moved;
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

    /// <exception cref="NpgsqlException">The database is away.</exception>
    private async Task<bool> MoveAsync(StoragePool pool, StoredSegment segment, CancellationToken cancellationToken)
    {
        var row = await RowOfAsync(segment, cancellationToken);
        if (row is not { Closed: true } || row.Path != segment.Path || !GopTable.TryDecode(row.Gops.Span, out var table) || table.Length == 0)
        {
            return PassOver(segment, "notIndexed");     // a comparison of index and files brings it in
        }

        if (TargetFor(segment) is not { } target)
        {
            if (!_toldNoRoom)
            {
                _toldNoRoom = true;
                Log.NoRoom(_logger, pool.Root);
            }

            _failures.Add(1, new KeyValuePair<string, object?>("reason", "noRoom"));
            return false;
        }

        _toldNoRoom = false;
        if (File.Exists(target.Home.PathOf(segment.Name)))
        {
            return PassOver(segment, "exists");         // which of the two is good is found out when index and files are compared
        }

        var move = SegmentMove.Of(row with { Path = target.Home.PathOf(segment.Name), Version = row.Version + NextVersion }, pool.Home, _pools.Layout);
        try
        {
            return await MoveAsync(move, table, target, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(_logger, segment.Name.CameraId, segment.Name.Stream, segment.Path, target.Root, e.Message);
            Recover();
            return PassOver(segment, "ioError");
        }
    }

    private async Task<bool> MoveAsync(SegmentMove move, FragmentEntry[] table, StoragePool target, CancellationToken cancellationToken)
    {
        _note.Write(move);
        Reached(MoveStep.Noted);
        var result = await IdleThread.RunAsync(
            () => SegmentCopy.Make(move.OldPath, move.UnfinishedPath, table, () => GiveWay(cancellationToken), cancellationToken));
        if (result != CopyResult.Good)
        {
            File.Delete(move.UnfinishedPath);
            _note.Clear();
            Log.NotGood(_logger, move.Row.CameraId, move.Row.Stream, move.OldPath, target.Root, result);
            if (result == CopyResult.SourceDamaged)
            {
                _damage.Report(move.OldPath);
            }

            return PassOver(move.Row.Id, result == CopyResult.SourceDamaged ? "damaged" : "copyDamaged");
        }

        Reached(MoveStep.Copied);
        SegmentSidecars.Copy(move.OldPath, move.NewPath);
        long bytes = new FileInfo(move.UnfinishedPath).Length;
        if (_retention.SwitchTo(move, Reached))
        {
            target.Wrote(bytes);
            target.UsedBytes += bytes;
            _bytes.Add(bytes, new KeyValuePair<string, object?>("pool", target.Name));
            Log.Moved(_logger, move.Row.CameraId, move.Row.Stream, move.OldPath, move.NewPath, bytes);
        }
        else
        {
            File.Delete(move.UnfinishedPath);       // retention was faster
            SegmentSidecars.Delete(move.NewPath);
        }

        _note.Clear();
        return true;
    }

    private async Task<SegmentRow?> RowOfAsync(StoredSegment segment, CancellationToken cancellationToken)
    {
        var waiting = _journal.PendingOf(segment.Name.CameraId, segment.Name.Stream, e => e.Id == segment.Name.Id);
        return waiting.Count > 0
            ? (waiting[^1] as SegmentPut)?.Segment
            : await _tables.FindAsync(segment.Name.Id, segment.Name.CameraId, segment.Name.Stream, cancellationToken);
    }

    /// <summary>The archive pool with most room; when none has enough, the one whose oldest recordings make some.</summary>
    private StoragePool? TargetFor(StoredSegment segment)
    {
        long bytes = segment.Bytes;
        var targets = _pools.All.Where(p => p.Spec.Role == PoolRole.Archive && p.State.State == PoolState.Ready).OrderByDescending(RoomOf).ToList();
        return targets.Find(t => RoomOf(t) > bytes) ?? targets.Find(t => _retention.MakeRoomToMove(t, bytes) && RoomOf(t) > bytes);
    }

    private static long RoomOf(StoragePool pool)
    {
        long free = pool.FreeBytes - pool.Spec.MinFreeBytes;
        return pool.Spec.MaxBytes > 0 ? Math.Min(free, pool.Spec.MaxBytes - pool.UsedBytes) : free;
    }

    private void GiveWay(CancellationToken cancellationToken)
    {
        while (IsDiskBehind() && !cancellationToken.WaitHandle.WaitOne(s_giveWay))
        {
        }
    }

    private bool IsPassedOver(Guid id) => _passedOver.TryGetValue(id, out long at) && _time.GetElapsedTime(at) < s_again;

    private bool PassOver(StoredSegment segment, string reason) => PassOver(segment.Name.Id, reason);

    /// <returns>False: it was not moved.</returns>
    private bool PassOver(Guid id, string reason)
    {
        if (_passedOver.Count >= MaxPassedOver)
        {
            _passedOver.Clear();
        }

        _passedOver[id] = _time.GetTimestamp();
        _failures.Add(1, new KeyValuePair<string, object?>("reason", reason));
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(3810, LogLevel.Debug, "Camera {CameraId} {Stream}: moved {OldPath} to {NewPath} ({Bytes} bytes)")]
        public static partial void Moved(ILogger logger, string cameraId, string stream, string oldPath, string newPath, long bytes);

        [LoggerMessage(3811, LogLevel.Warning, "Camera {CameraId} {Stream}: the move of {OldPath} to {NewPath} was interrupted and is completed now")]
        public static partial void Completed(ILogger logger, string cameraId, string stream, string oldPath, string newPath);

        [LoggerMessage(3812, LogLevel.Error, "A move to another pool that was interrupted cannot be put right yet ({Reason}); it is tried again, and nothing else is moved until then")]
        public static partial void NotRecovered(ILogger logger, string reason);

        [LoggerMessage(3813, LogLevel.Error, "Camera {CameraId} {Stream}: {Path} stays where it is: its copy in {Root} is not what was recorded ({Result}); it is tried again in an hour")]
        public static partial void NotGood(ILogger logger, string cameraId, string stream, string path, string root, CopyResult result);

        [LoggerMessage(3814, LogLevel.Error, "Camera {CameraId} {Stream}: {Path} cannot be moved to {Root} ({Reason}); it stays where it is and is tried again in an hour")]
        public static partial void Failed(ILogger logger, string cameraId, string stream, string path, string root, string reason);

        [LoggerMessage(3815, LogLevel.Warning, "Recordings in {Root} are old enough to be moved, and no archive pool has room for them; they stay until one has")]
        public static partial void NoRoom(ILogger logger, string root);

        [LoggerMessage(3817, LogLevel.Warning, "Moving recordings waits: {From} was on its way to {To}, and one of the two pools is away. Nothing is moved until both are back")]
        public static partial void WaitsForPool(ILogger logger, string from, string to);

        [LoggerMessage(3816, LogLevel.Warning, "Moving recordings waits ({Reason})")]
        public static partial void Waits(ILogger logger, string reason);
    }
}
