using System.Globalization;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Events;
using Vms.Recorder.Pools;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>
/// Has deleted what the rules want deleted; nothing else removes a file from the archive. Rules, in order: age and size of each
/// stream, then age and free space of each pool, oldest first whatever the camera. Segments being written are never touched, nor are those
/// that a hold or a clip keeps. Every deletion is in the journal, with its reason, before the file goes.
/// </summary>
internal sealed partial class RetentionSweep : IDisposable
{
    /// <summary>What one call of the writer thread frees at least: a delete per fragment would be a crawl.</summary>
    private const long RoomStep = 8L << 20;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);      // while the pool is full
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    /// <summary>For so long after a start the rules wait for control to say that the list of what is to be kept is no old one.</summary>
    private static readonly TimeSpan s_confirmWithin = TimeSpan.FromMinutes(10);

    /// <summary>How often what is kept is added up: that looks at every file of it.</summary>
    private static readonly TimeSpan s_countKept = TimeSpan.FromMinutes(10);

    private readonly StoragePools _pools;
    private readonly ArchiveFolders _folders;
    private readonly RetentionPolicies _policies;
    private readonly KeptFootage _kept;
    private readonly RetentionForecast _forecast;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ArchiveInventory _inventory;
    private readonly RetentionClock _clock;
    private readonly SegmentProtection _protection;
    private readonly SegmentDeletion _deletion;
    private readonly IndexJournal _journal;
    private readonly IReadOnlyList<PoolSpace> _spaces;
    private readonly RetentionAlarms _alarms;
    private readonly RetentionMetrics _metrics;
    private readonly Lock _gate = new();    // the sweep, the writer thread and requests delete one after the other
    private KeptBytes _keptBytes = new(0, 0, 0);
    private long _keptCountedAt;
    private long _keptGeneration = -1;
    private readonly long _startedAt;
    private readonly HashSet<string> _toldPools = new(StringComparer.Ordinal);      // by name: a sweep of it failed
    private bool _toldFailed;
    private bool _toldUnconfirmed;

    public RetentionSweep(
        StoragePools pools,
        ArchiveFolders folders,
        IndexJournal journal,
        OpenSegments open,
        RetentionPolicies policies,
        KeptFootage kept,
        UnfinishedExports exports,
        RetentionForecast forecast,
        RecorderEvents events,
        RecorderOptions options,
        TimeProvider time,
        ILogger<RetentionSweep> logger)
    {
        _pools = pools;
        _folders = folders;
        _journal = journal;
        _policies = policies;
        _kept = kept;
        _forecast = forecast;
        _options = options;
        _time = time;
        _logger = logger;
        _inventory = new ArchiveInventory(folders, open);
        _clock = new RetentionClock(time, LastWrite());
        _startedAt = time.GetTimestamp();
        _protection = new SegmentProtection(kept, exports, _clock);
        _spaces = [.. pools.All.Select(p => new PoolSpace(p, _inventory, time))];
        _metrics = new RetentionMetrics(_spaces);
        _deletion = new SegmentDeletion(pools.Layout, journal, _metrics, time, logger);
        _alarms = new RetentionAlarms(events, time, logger);
    }

    /// <summary>A pool has less free space than it must keep, and nothing may be deleted: nothing is recorded into it until there is room.</summary>
    public bool Full => _pools.All.Any(p => p.IsThere && p.IsFull);

    /// <summary>Tests put a disk in its place that fails.</summary>
    internal Action<string> DeleteFile
    {
        set => _deletion.DeleteFile = value;
    }

    /// <summary>Raised when a pool becomes full, with what is kept.</summary>
    public event Action<StoragePool, KeptBytes>? BecameFull;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long sweptAt = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Full || sweptAt == 0 || _time.GetElapsedTime(sweptAt) >= _options.SweepInterval)
            {
                TrySweep();
                sweptAt = _time.GetTimestamp();
            }

            await Task.Delay(Full ? s_look : s_rest, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Applies all rules once.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            foreach (var space in _spaces)
            {
                space.MeasureBitrate();
            }

            var now = _clock.Now();
            _alarms.Clock(_clock.IsDoubted, now);
            bool isCurrent = IsListCurrent();
            foreach (var (cameraId, stream) in isCurrent ? _inventory.Streams() : [])
            {
                if (_policies.TryGet(cameraId, stream, out var policy))
                {
                    SweepStream(cameraId, stream, policy, now);
                }
            }

            long capacity = 0;
            foreach (var space in _spaces.Where(s => s.Pool.IsThere))
            {
                capacity += TrySweepPool(space, isCurrent, now);
            }

            CountKeptNowAndThen();
            _deletion.EndCall();
            _forecast.Update(_policies, capacity, _keptBytes.Held);
            _metrics.Swept(_deletion.ForgetGone(), _keptBytes, _forecast.PoolDays);
        }
    }

    /// <summary>The pool's disk has no room for a write: frees some. False when there is nothing to delete. The pool's writer thread.</summary>
    public bool MakeRoom(StoragePool pool, long bytes)
    {
        lock (_gate)
        {
            var space = _spaces.Single(s => s.Pool == pool);
            var cause = new DeletionCause(DeletionReason.DiskFull, "no room for what is being recorded");
            long freed = DeleteOldest(space, Math.Max(bytes * 2, RoomStep), cause, alsoPromised: false);
            if (freed == 0 && !_deletion.IsGivenUp)
            {
                freed = DeleteOldest(space, Math.Max(bytes * 2, RoomStep), cause, alsoPromised: true);
            }

            _deletion.EndCall();
            if (freed == 0)
            {
                MarkFull(space, pool.MeasuredFreeBytes);
            }

            return freed > 0;
        }
    }

    /// <summary>Frees room for a segment that is moved to this pool: the oldest that is free to go.</summary>
    public bool MakeRoomToMove(StoragePool pool, long bytes)
    {
        lock (_gate)
        {
            var space = _spaces.Single(s => s.Pool == pool);
            if (!IsListCurrent())
            {
                return false;
            }

            long freed = DeleteOldest(
                space, bytes + 1, new DeletionCause(DeletionReason.Headroom, $"room in {pool.Name} for what is moved there"), alsoPromised: false);
            _deletion.EndCall();
            space.UsedBytes();      // the mover goes by it
            return freed > 0;
        }
    }

    /// <summary>Room that retention keeps for the coming hours of recording, above the minimum: who moves something into the pool leaves it, or the oldest
    /// there would go.</summary>
    /// <exception cref="IOException">The pool is away.</exception>
    public long HeadroomBytes(StoragePool pool)
    {
        lock (_gate)
        {
            var space = _spaces.Single(s => s.Pool == pool);
            return space.WantedBytes(space.FreeBytes()) - space.MinFreeBytes;
        }
    }

    /// <summary>A segment's verified copy takes its place: it gets the segment's name, the row goes into the journal, the old file is deleted. In
    /// one go, so that no rule sees both files, or decides about the one that goes. May be repeated after a crash.</summary>
    /// <param name="reached">Told each step.</param>
    /// <returns>False when the old file was deleted meanwhile: nothing was changed.</returns>
    /// <exception cref="IOException">A disk fails; what was begun is completed when it is called again. Likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public bool SwitchTo(SegmentMove move, Action<MoveStep> reached)
    {
        lock (_gate)
        {
            if (!File.Exists(move.NewPath))
            {
                if (!File.Exists(move.OldPath))
                {
                    return false;
                }

                File.Move(move.UnfinishedPath, move.NewPath);
                StorageVolume.SyncDirectory(Path.GetDirectoryName(move.NewPath)!);
            }

            reached(MoveStep.Renamed);
            _journal.Append(new SegmentPut(move.Row));
            _journal.Flush();
            reached(MoveStep.Journaled);
            _deletion.RemoveMoved(move.OldPath);
            reached(MoveStep.Deleted);
            return true;
        }
    }

    /// <summary>A second file of a segment that the index has in another pool, and that was verified there.</summary>
    /// <param name="kept">The file in the other pool. A move may have ended since somebody looked: it must be there still.</param>
    /// <returns>False when it is not, and nothing was removed.</returns>
    /// <exception cref="IOException">It cannot be deleted; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public bool RemoveSecond(string path, string kept)
    {
        lock (_gate)
        {
            if (!File.Exists(kept))
            {
                return false;
            }

            _deletion.RemoveMoved(path);
            return true;
        }
    }

    /// <summary>Removes everything of a camera that is not being written, and that no hold or clip keeps.</summary>
    /// <param name="by">Who asked for it.</param>
    public DeletedArchive DeleteArchive(string cameraId, string by)
    {
        lock (_gate)
        {
            var done = default(DeletedArchive);
            _deletion.BeginSeries();
            var cause = new DeletionCause(DeletionReason.Requested, "the camera was deleted with its recordings", by);
            foreach (var (_, stream) in _inventory.Streams().Where(s => s.CameraId == cameraId))
            {
                foreach (var segment in _inventory.Closed(cameraId, stream).ToList())
                {
                    if (_protection.Of(segment) >= Protection.Clip)
                    {
                        done = done with { HeldSegments = done.HeldSegments + 1, HeldBytes = done.HeldBytes + segment.Bytes };
                    }
                    else if (_deletion.IsGivenUp || _deletion.IsLeftAlone(segment.Path) || !_deletion.Delete(segment, cause))
                    {
                        done = done with { Left = done.Left + 1 };
                    }
                    else
                    {
                        done = done with { Segments = done.Segments + 1, Bytes = done.Bytes + segment.Bytes };
                    }
                }
            }

            _deletion.EndCall();
            // What a pool that is away has of it is left, too.
            int left = _pools.Layout.Roots.Sum(r => r.IsThere ? _folders.UnreadableIn(r.FolderOf(cameraId)) : 1);
            return done with { Left = done.Left + left };
        }
    }

    /// <summary>Finishes a deletion that was journaled when the process died.</summary>
    /// <returns>False when the file stays, also because somebody wants it kept since, or may.</returns>
    public bool DeleteAgain(SegmentName name, FileInfo file)
    {
        lock (_gate)
        {
            var segment = new StoredSegment(name, file.FullName, file.Length, name.Start);
            return IsListCurrent() && _protection.Of(segment) < Protection.Clip && _deletion.DeleteAgain(file.FullName);
        }
    }

    /// <summary>A file that was made and never got a whole fragment: it is in no index and holds no video.</summary>
    public void RemoveEmpty(string path)
    {
        lock (_gate)
        {
            if (File.Exists(path))
            {
                Log.RemovedEmpty(_logger, path);
                File.Delete(path);
            }
        }
    }

    public void Dispose() => _metrics.Dispose();

    private void TrySweep()
    {
        try
        {
            Sweep();
            _toldFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_toldFailed)
            {
                _toldFailed = true;
                Log.SweepFailed(_logger, e.Message);
            }
        }
    }

    /// <summary>Holds may have been made while the recorder was away: first control says that the list has them, or it is away for long.</summary>
    private bool IsListCurrent()
    {
        if (_kept.IsConfirmed)
        {
            return true;
        }

        if (_time.GetElapsedTime(_startedAt) < s_confirmWithin)
        {
            return false;
        }

        if (!_toldUnconfirmed && _kept.Applied is { } applied)
        {
            _toldUnconfirmed = true;
            Log.NotConfirmed(_logger, s_confirmWithin.TotalMinutes, applied.Generation, applied.Ranges.Count);
        }

        return true;
    }

    /// <summary>Before anything is written in this run.</summary>
    private DateTimeOffset? LastWrite()
    {
        try
        {
            return _inventory.LastWrite();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;        // the first sweep says so
        }
    }

    private void SweepStream(string cameraId, string stream, RetentionPolicy policy, DateTimeOffset now)
    {
        Delete(
            RetentionRules.OverAge(policy, now, CandidatesOf(cameraId, stream)).ToList(),
            new DeletionCause(DeletionReason.Age, $"older than {Number(policy.MaxAge.TotalDays)} days"));
        if (policy.MaxBytes > 0)
        {
            // What cannot be deleted is gone as far as the books go: newer video does not go in its place.
            long bytes = _inventory.BytesOf(cameraId, stream) - _deletion.UndeletableBytes(cameraId, stream);
            var over = RetentionRules.OverSize(policy, now, bytes, CandidatesOf(cameraId, stream), out long promised);
            Delete(over, new DeletionCause(DeletionReason.Size, $"more than {Number(policy.MaxBytes)} bytes"));
            _alarms.OverSize(cameraId, stream, promised);
        }
    }

    /// <summary>One pool's trouble is not that of the others.</summary>
    /// <returns>What its recordings may fill.</returns>
    private long TrySweepPool(PoolSpace space, bool isCurrent, DateTimeOffset now)
    {
        try
        {
            space.Changed();
            if (isCurrent && space.Pool.Spec.MaxAge > TimeSpan.Zero)
            {
                KeepAge(space, now);
            }

            KeepHeadroom(space, isCurrent);
            long capacity = space.CapacityBytes();
            _toldPools.Remove(space.Pool.Name);
            space.Forecast();
            return capacity;
        }
        catch (Exception e) when (_spaces.Count > 1 && e is IOException or UnauthorizedAccessException)
        {
            if (_toldPools.Add(space.Pool.Name))
            {
                Log.PoolSweepFailed(_logger, space.Pool.Root, e.Message);
            }

            return space.Capacity;
        }
    }

    /// <summary>What is older than this pool is to hold.</summary>
    private void KeepAge(PoolSpace space, DateTimeOffset now)
    {
        var pool = space.Pool;
        var cause = new DeletionCause(DeletionReason.Age, $"older than {Number(pool.Spec.MaxAge.TotalDays)} days, which the pool {pool.Name} holds");
        foreach (var (cameraId, stream) in _inventory.Streams())
        {
            var policy = PolicyOf(cameraId, stream) with { MaxAge = pool.Spec.MaxAge };
            Delete(RetentionRules.OverAge(policy, now, CandidatesOf(cameraId, stream, pool.Home)).ToList(), cause);
        }

        space.Changed();
    }

    /// <summary>Room for the coming hours is made of what is free to go; only the last room is made of what was promised for longer. So the
    /// alarm comes hours before.</summary>
    /// <param name="isCurrent">Is it known what is to be kept? Else only the last room is made, without which recording stops.</param>
    private void KeepHeadroom(PoolSpace space, bool isCurrent)
    {
        long free = space.FreeBytes();
        long wanted = isCurrent ? space.WantedBytes(free) : space.MinFreeBytes;
        string root = space.Pool.Root;
        if (free < wanted)
        {
            DeleteOldest(space, wanted - free, new DeletionCause(DeletionReason.Headroom, $"less than {wanted} bytes free"), alsoPromised: false);
            free = space.FreeBytes();
        }

        if (free >= wanted)
        {
            _alarms.MinimumKept(root);
        }
        else if (!_deletion.IsGivenUp && IsKeptFromRoom(space))
        {
            _alarms.MinimumAtRisk(root, wanted - free, _keptBytes);
            if (free < space.MinFreeBytes)
            {
                DeleteOldest(
                    space,
                    space.MinFreeBytes - free,
                    new DeletionCause(DeletionReason.Headroom, $"less than {space.MinFreeBytes} bytes free, and no older video may go"),
                    alsoPromised: true);
                free = space.FreeBytes();
            }
        }

        if (free < space.MinFreeBytes)
        {
            MarkFull(space, free);
        }
        else if (space.Pool.IsFull && free >= space.FreeAgainBytes)
        {
            space.Pool.IsFull = false;
            Log.HasRoom(_logger, root, free);
        }
    }

    /// <summary>Is room lacking because of what was promised or is held? Not while anything is left that is free to go: then the next sweep makes it.</summary>
    private bool IsKeptFromRoom(PoolSpace space)
    {
        if (RetentionRules.OldestFirst(Streams(space, alsoPromised: false)).Any())
        {
            return false;
        }

        if (!_alarms.IsAtRisk(space.Pool.Root))
        {
            CountKept();
        }

        return _keptBytes.Held > 0 || RetentionRules.OldestFirst(Streams(space, alsoPromised: true)).Any();
    }

    private long DeleteOldest(PoolSpace space, long bytes, DeletionCause cause, bool alsoPromised)
    {
        long freed = 0;
        _deletion.BeginSeries();
        foreach (var candidate in RetentionRules.OldestFirst(Streams(space, alsoPromised)))
        {
            if (freed >= bytes || _deletion.IsGivenUp)
            {
                break;
            }

            if (StandingOf(candidate) == Standing.Promised)
            {
                _alarms.MinimumBroken(candidate.Segment, cause.Reason);
            }

            freed += _deletion.Delete(candidate.Segment, cause) ? candidate.Segment.Bytes : 0;
        }

        space.Changed();
        return freed;
    }

    private List<IEnumerable<Candidate>> Streams(PoolSpace space, bool alsoPromised)
    {
        var now = _clock.Now();
        return
        [
            .. from s in _inventory.Streams()
               select RetentionRules.ForRoom(
                   PolicyOf(s.CameraId, s.Stream), now, CandidatesOf(s.CameraId, s.Stream, space.Pool.Home), alsoPromised),
        ];
    }

    private Standing StandingOf(Candidate candidate) =>
        RetentionRules.StandingOf(PolicyOf(candidate.Segment.Name.CameraId, candidate.Segment.Name.Stream), _clock.Now(), candidate);

    private RetentionPolicy PolicyOf(string cameraId, string stream) => _policies.TryGet(cameraId, stream, out var policy) ? policy : default;

    /// <summary>Closed segments of a stream, oldest first, without those whose deletion has just failed. Lazy.</summary>
    /// <param name="pool">Null for all that are there.</param>
    private IEnumerable<Candidate> CandidatesOf(string cameraId, string stream, PoolRoot? pool = null) =>
        from segment in _inventory.Closed(cameraId, stream, pool)
        where !_deletion.IsLeftAlone(segment.Path)
        select new Candidate(segment, _protection.Of(segment));

    private void Delete(List<StoredSegment> segments, DeletionCause cause)
    {
        _deletion.BeginSeries();
        foreach (var segment in segments.TakeWhile(_ => !_deletion.IsGivenUp))
        {
            _deletion.Delete(segment, cause);
        }
    }

    private void CountKeptNowAndThen()
    {
        if (_kept.Applied?.Generation != _keptGeneration || _time.GetElapsedTime(_keptCountedAt) >= s_countKept)
        {
            CountKept();
        }
    }

    private void CountKept()
    {
        var kept = from s in _inventory.Streams()
                   where _kept.RangesOf(s.CameraId).Count > 0
                   from segment in _inventory.ClosedWithin(s.CameraId, s.Stream, _kept.RangesOf(s.CameraId))
                   group segment.Bytes by _protection.Of(segment);
        var bytes = kept.ToDictionary(k => k.Key, k => k.Sum());
        _keptBytes = new KeptBytes(
            bytes.GetValueOrDefault(Protection.Hold), bytes.GetValueOrDefault(Protection.Clip), bytes.GetValueOrDefault(Protection.Bookmark));
        _keptGeneration = _kept.Applied?.Generation ?? -1;
        _keptCountedAt = _time.GetTimestamp();
    }

    private void MarkFull(PoolSpace space, long free)
    {
        if (space.Pool.IsFull)
        {
            return;
        }

        space.Pool.IsFull = true;
        CountKept();
        Log.Full(_logger, space.Pool.Root, free, space.MinFreeBytes, _keptBytes.Hold, _keptBytes.Clip);
        if (_kept.Applied is null)
        {
            Log.NothingKnown(_logger);
        }

        BecameFull?.Invoke(space.Pool, _keptBytes);
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(
            3301, LogLevel.Critical,
            "Pool {Root} is full: {Free} bytes free, {MinFree} must stay free, nothing may be deleted (holds keep {HoldBytes} bytes, clips {ClipBytes}); nothing is recorded into it")]
        public static partial void Full(ILogger logger, string root, long free, long minFree, long holdBytes, long clipBytes);

        [LoggerMessage(3302, LogLevel.Information, "Pool {Root} has room again ({Free} bytes free); recording goes on")]
        public static partial void HasRoom(ILogger logger, string root, long free);

        [LoggerMessage(3303, LogLevel.Error, "Retention cannot sweep ({Reason}); it tries again, and says no more about it until it could")]
        public static partial void SweepFailed(ILogger logger, string reason);

        [LoggerMessage(3315, LogLevel.Error, "Retention cannot sweep {Root} ({Reason}); it tries again, and says no more about it until it could")]
        public static partial void PoolSweepFailed(ILogger logger, string root, string reason);

        [LoggerMessage(3304, LogLevel.Information, "Removed {Path}: made when the recorder stopped, without any video")]
        public static partial void RemovedEmpty(ILogger logger, string path);

        [LoggerMessage(
            3309, LogLevel.Warning,
            "Control has not said for {Minutes} minutes what is to be kept; old recordings are deleted again, by the list of the last run ({Generation}, {Ranges} ranges)")]
        public static partial void NotConfirmed(ILogger logger, double minutes, long generation, int ranges);

        [LoggerMessage(3308, LogLevel.Critical, "Nothing may be deleted because it is not known what is to be kept; control has to answer once")]
        public static partial void NothingKnown(ILogger logger);
    }
}

/// <summary>What became of a camera's archive.</summary>
/// <param name="Left">Files that could not be deleted, and folders that could not be looked into; asked again, those are tried again.</param>
/// <param name="HeldSegments">That a hold or a clip keeps.</param>
internal readonly record struct DeletedArchive(long Segments, long Bytes, long Left, long HeldSegments, long HeldBytes);
