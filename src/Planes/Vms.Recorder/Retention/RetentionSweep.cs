using System.Diagnostics.Metrics;
using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>
/// Decides what is deleted and deletes it; nothing else removes a file from the archive. Rules, in order: age and size of each
/// stream, then free space of the pool, oldest first whatever the camera. Segments being written are never touched. Every deletion
/// is in the journal, with its reason, before the file goes.
/// </summary>
internal sealed partial class RetentionSweep : IDisposable
{
    /// <summary>What one call of the writer thread frees at least: a delete per fragment would be a crawl.</summary>
    private const long RoomStep = 8L << 20;

    /// <summary>So much must be free beyond the minimum before recording goes on: no stop and go at the edge.</summary>
    private const long RoomAgain = 1L << 20;

    /// <summary>Of the pool.</summary>
    private const double MostHeadroom = 0.1;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);      // while the pool is full
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    /// <summary>So many deletions that fail one after the other are enough for one call: it is not these files, it is the disk.</summary>
    private const int MaxFailures = 3;

    /// <summary>A file that could not be deleted while others could is left alone for so long: what keeps it does not pass within seconds.</summary>
    private static readonly TimeSpan s_deleteAgain = TimeSpan.FromMinutes(10);

    /// <summary>When nothing at all could be deleted it may be over in a moment. Doubles with each failure, up to <see cref="s_deleteAgain"/>.</summary>
    private static readonly TimeSpan s_deleteSoon = TimeSpan.FromSeconds(15);

    private readonly StoragePool _pool;
    private readonly ArchiveFolders _folders;
    private readonly IndexJournal _journal;
    private readonly GapLedger _ledger;
    private readonly RetentionPolicies _policies;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ArchiveInventory _inventory;
    private readonly Dictionary<string, Undeletable> _undeletable = new(StringComparer.Ordinal);
    private readonly List<string> _failedNow = [];      // in this call
    private int _deletedNow;
    private bool _toldStuck;
    private readonly Lock _gate = new();    // the sweep, the writer thread and requests delete one after the other
    private readonly Meter _meter = new("Vms.Recorder.Retention");
    private readonly Counter<long> _deleted;
    private int _undeletableFiles;
    private long _usedBytes;
    private long _measuredAt;
    private long _measuredBytes;
    private double _bytesPerSecond;
    private volatile bool _full;
    private bool _toldFailed;

    public RetentionSweep(
        StoragePool pool,
        ArchiveFolders folders,
        IndexJournal journal,
        OpenSegments open,
        GapLedger ledger,
        RetentionPolicies policies,
        RecorderOptions options,
        TimeProvider time,
        ILogger<RetentionSweep> logger)
    {
        _pool = pool;
        _folders = folders;
        _journal = journal;
        _ledger = ledger;
        _policies = policies;
        _options = options;
        _time = time;
        _logger = logger;
        _inventory = new ArchiveInventory(pool.Layout, folders, open);
        _measuredAt = time.GetTimestamp();
        _meter.CreateObservableGauge("vms_recorder_pool_used_bytes", () => Volatile.Read(ref _usedBytes), "By", "Recordings in the pool, as of the last sweep.");
        _meter.CreateObservableGauge(
            "vms_recorder_undeletable_files", () => Volatile.Read(ref _undeletableFiles), null, "Segment files whose deletion failed; it is tried again, at the latest after 10 minutes.");
        _deleted = _meter.CreateCounter<long>("vms_recorder_segments_deleted_total", null, "Segments deleted, by reason.");
    }

    /// <summary>The pool has less free space than it must keep, and nothing may be deleted: recordings stop until there is room.</summary>
    public bool Full => _full;

    /// <summary>Tests put a disk in its place that fails.</summary>
    internal Action<string> DeleteFile { get; set; } = File.Delete;

    /// <summary>Raised when <see cref="Full"/> becomes true.</summary>
    public event Action? BecameFull;

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
            MeasureBitrate();
            foreach (var (cameraId, stream) in _inventory.Streams())
            {
                if (_policies.TryGet(cameraId, stream, out var policy))
                {
                    SweepStream(cameraId, stream, policy);
                }
            }

            KeepHeadroom();
            Volatile.Write(ref _usedBytes, UsedBytes());
            HoldBackFailed();
            foreach (string gone in _undeletable.Keys.Where(p => !File.Exists(p)).ToList())
            {
                _undeletable.Remove(gone);      // by hand
            }

            Volatile.Write(ref _undeletableFiles, _undeletable.Count);
        }
    }

    /// <summary>The disk has no room for a write: frees some. False when there is nothing to delete. Writer thread.</summary>
    public bool MakeRoom(long bytes)
    {
        lock (_gate)
        {
            long freed = DeleteOldest(Math.Max(bytes * 2, RoomStep), DeletionReason.DiskFull);
            HoldBackFailed();
            if (freed == 0)
            {
                MarkFull(_pool.Volume.FreeBytes);
            }

            return freed > 0;
        }
    }

    /// <summary>Removes everything of a camera that is not being written.</summary>
    /// <returns>What went, and how many files could not be deleted, or folders not be looked into; asked again, those are tried again.</returns>
    public (long Segments, long Bytes, long Left) DeleteArchive(string cameraId)
    {
        lock (_gate)
        {
            long segments = 0;
            long bytes = 0;
            long left = 0;
            int failures = 0;
            foreach (var (_, stream) in _inventory.Streams().Where(s => s.CameraId == cameraId))
            {
                foreach (var segment in _inventory.Closed(cameraId, stream).ToList())
                {
                    if (failures == MaxFailures || IsHeldBack(segment.Path) || !Delete(segment, DeletionReason.Requested, ref failures))
                    {
                        left++;
                        continue;
                    }

                    segments++;
                    bytes += segment.Bytes;
                }
            }

            HoldBackFailed();

            return (segments, bytes, left + _folders.UnreadableIn(_pool.Layout.FolderOf(cameraId)));
        }
    }

    /// <summary>Finishes a deletion that was journaled when the process died.</summary>
    /// <returns>False when the file stays.</returns>
    public bool DeleteAgain(FileInfo file)
    {
        lock (_gate)
        {
            if (IsHeldBack(file.FullName) || WhyNotDelete(file.FullName) is not null || TryDelete(file.FullName) is not null)
            {
                return false;
            }

            Log.DeletedAgain(_logger, file.FullName);
            return true;
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

    public void Dispose() => _meter.Dispose();

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

    private void SweepStream(string cameraId, string stream, RetentionPolicy policy)
    {
        if (policy.MaxAge > TimeSpan.Zero)
        {
            var oldest = _time.GetUtcNow() - policy.MaxAge;
            Delete(Deletable(cameraId, stream).TakeWhile(s => s.End < oldest).ToList(), DeletionReason.Age);
        }

        if (policy.MaxBytes > 0)
        {
            // What cannot be deleted is gone as far as the books go: newer video does not go in its place.
            long excess = _inventory.BytesOf(cameraId, stream) - UndeletableBytes(cameraId, stream) - policy.MaxBytes;
            Delete(TakeUntil(Deletable(cameraId, stream), excess).ToList(), DeletionReason.Size);
        }
    }

    /// <summary>Room for the coming hours, but never more than a part of what the pool can hold: a small disk under many cameras would be kept
    /// empty, and every recording deleted within seconds.</summary>
    /// <param name="bytesPerSecond">Of all recordings now.</param>
    /// <param name="hours">As the operator set it.</param>
    /// <param name="capacity">Bytes of recordings that the pool holds when it is full.</param>
    internal static long HeadroomBytes(double bytesPerSecond, double hours, long capacity) =>
        (long)Math.Min(bytesPerSecond * hours * 3600, Math.Max(0, capacity) * MostHeadroom);

    private void KeepHeadroom()
    {
        long free = FreeBytes();
        long wanted = _options.MinFreeBytes + HeadroomBytes(_bytesPerSecond, _options.HeadroomHours, UsedBytes() + free - _options.MinFreeBytes);
        if (free < wanted)
        {
            DeleteOldest(wanted - free, DeletionReason.Headroom);
            free = FreeBytes();
        }

        if (free < _options.MinFreeBytes)
        {
            MarkFull(free);
        }
        else if (_full && free >= _options.MinFreeBytes + Math.Max(RoomAgain, _options.MinFreeBytes / 10))
        {
            _full = false;
            Log.HasRoom(_logger, _pool.Layout.Root, free);
        }
    }

    /// <summary>Free space as the rules see it: of the file system, and of the pool's own ceiling when it has one.</summary>
    private long FreeBytes()
    {
        long free = _pool.Volume.FreeBytes;
        if (_options.PoolBytes > 0)
        {
            free = Math.Min(free, _options.PoolBytes - UsedBytes());
        }

        return free;
    }

    private long UsedBytes() => _inventory.Streams().Sum(s => _inventory.BytesOf(s.CameraId, s.Stream));

    private long DeleteOldest(long bytes, string reason)
    {
        long freed = 0;
        var queues = new PriorityQueue<IEnumerator<StoredSegment>, DateTimeOffset>();
        foreach (var (cameraId, stream) in _inventory.Streams())
        {
            Enqueue(queues, Deletable(cameraId, stream).GetEnumerator());
        }

        int failures = 0;
        while (freed < bytes && failures < MaxFailures && queues.TryDequeue(out var oldest, out _))
        {
            freed += Delete(oldest.Current, reason, ref failures) ? oldest.Current.Bytes : 0;
            Enqueue(queues, oldest);
        }

        return freed;
    }

    private static void Enqueue(PriorityQueue<IEnumerator<StoredSegment>, DateTimeOffset> queues, IEnumerator<StoredSegment> segments)
    {
        if (segments.MoveNext())
        {
            queues.Enqueue(segments, segments.Current.Name.Start);
        }
    }

    private static IEnumerable<StoredSegment> TakeUntil(IEnumerable<StoredSegment> segments, long bytes)
    {
        foreach (var segment in segments)
        {
            if (bytes <= 0)
            {
                yield break;
            }

            bytes -= segment.Bytes;
            yield return segment;
        }
    }

    /// <summary>Closed segments of a stream, oldest first, without those whose deletion has just failed.</summary>
    private IEnumerable<StoredSegment> Deletable(string cameraId, string stream) =>
        _inventory.Closed(cameraId, stream).Where(s => !IsHeldBack(s.Path));

    private bool IsHeldBack(string path) =>
        _undeletable.TryGetValue(path, out var known) && _time.GetElapsedTime(known.TriedAt) < known.HoldBack;

    private long UndeletableBytes(string cameraId, string stream)
    {
        string folder = _pool.Layout.FolderOf(cameraId, stream) + Path.DirectorySeparatorChar;
        return _undeletable.Where(u => u.Key.StartsWith(folder, StringComparison.Ordinal)).Sum(u => u.Value.Bytes);
    }

    private void Delete(List<StoredSegment> segments, string reason)
    {
        int failures = 0;
        foreach (var segment in segments.TakeWhile(_ => failures < MaxFailures))
        {
            Delete(segment, reason, ref failures);
        }
    }

    /// <summary>False when the file stays, in the index, too; it is tried again after a while.</summary>
    /// <param name="failures">In a row. One that is known and fails again is none: a folder full of them must not hide what lies behind it.</param>
    private bool Delete(StoredSegment segment, string reason, ref int failures)
    {
        string? why = WhyNotDelete(segment.Path);
        if (why is null)
        {
            var deleted = Deleted(segment, reason);
            _journal.Append(new SegmentDeleted(deleted));
            why = TryDelete(segment.Path);
            if (why is not null)
            {
                TakeBack(segment, deleted);
            }
        }

        if (why is not null)
        {
            failures += MarkUndeletable(segment, why) ? 1 : 0;
            return false;
        }

        failures = 0;
        _deletedNow++;
        _deleted.Add(1, new KeyValuePair<string, object?>("reason", reason));
        Log.Deleted(_logger, segment.Name.CameraId, segment.Name.Stream, segment.Path, segment.Bytes, reason);
        RemoveIfEmpty(Path.GetDirectoryName(segment.Path)!);
        return true;
    }

    private DeletedSegment Deleted(StoredSegment segment, string reason) => new(
        segment.Name.Id,
        segment.Name.CameraId,
        segment.Name.Stream,
        segment.Name.Start,
        _pool.Layout.Relative(segment.Path),
        segment.Bytes,
        reason,
        _time.GetUtcNow(),
        Version: int.MaxValue);

    /// <summary>The file is still there: so is its row, as far as the file can be read now. What cannot comes back with the next comparison.</summary>
    private void TakeBack(StoredSegment segment, DeletedSegment deleted)
    {
        _journal.Append(new SegmentDeleted(deleted with { Reason = DeletionReason.Kept }));
        try
        {
            using var file = new FileStream(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (TailRecovery.Load(segment.Name, segment.Path, file, verifyLast: 1) is { } kept)
            {
                kept.MarkClosed();
                _journal.Append(new SegmentPut(kept.Row(withGops: true)!));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotTakenBack(_logger, segment.Path, e.Message);
        }
    }

    /// <summary>Asked before the index is told that the file goes.</summary>
    private static string? WhyNotDelete(string path) => StorageFile.WhyUndeletable(path);

    /// <summary>Null when the file is gone, else why it is not.</summary>
    private string? TryDelete(string path)
    {
        try
        {
            DeleteFile(path);
        }
        catch (DirectoryNotFoundException)
        {
            // So is its folder.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        _undeletable.Remove(path);
        return null;
    }

    /// <returns>Whether that is news.</returns>
    private bool MarkUndeletable(StoredSegment segment, string why)
    {
        bool isNew = !_undeletable.TryGetValue(segment.Path, out var known);
        if (isNew && !_toldStuck)
        {
            Log.NotDeleted(_logger, segment.Path, why, s_deleteAgain.TotalMinutes);
        }

        _undeletable[segment.Path] = new Undeletable(_time.GetTimestamp(), s_deleteAgain, segment.Bytes, (known?.Tries ?? 0) + 1);
        _failedNow.Add(segment.Path);
        return isNew;
    }

    /// <summary>How long what failed in this call is left alone.</summary>
    private void HoldBackFailed()
    {
        bool stuck = _failedNow.Count > 0 && _deletedNow == 0;
        foreach (string path in _failedNow)
        {
            if (stuck && _undeletable.TryGetValue(path, out var known))
            {
                double seconds = s_deleteSoon.TotalSeconds * Math.Pow(2, Math.Min(known.Tries - 1, 10));
                _undeletable[path] = known with { HoldBack = TimeSpan.FromSeconds(Math.Min(seconds, s_deleteAgain.TotalSeconds)) };
            }
        }

        // When nothing can be deleted, the first files have said so: one line, not one a file.
        _toldStuck = stuck || (_toldStuck && _deletedNow == 0);
        _failedNow.Clear();
        _deletedNow = 0;
    }

    private static void RemoveIfEmpty(string day)
    {
        try
        {
            if (!Directory.EnumerateFileSystemEntries(day).Any())
            {
                Directory.Delete(day);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A segment was made in it this moment, or it is gone, or may not be removed: an empty folder harms nobody.
        }
    }

    private void MeasureBitrate()
    {
        var elapsed = _time.GetElapsedTime(_measuredAt);
        if (elapsed < TimeSpan.FromSeconds(10))
        {
            return;
        }

        long bytes = _ledger.BytesTotal;
        _bytesPerSecond = (bytes - _measuredBytes) / elapsed.TotalSeconds;
        _measuredBytes = bytes;
        _measuredAt = _time.GetTimestamp();
    }

    private void MarkFull(long free)
    {
        if (_full)
        {
            return;
        }

        _full = true;
        Log.Full(_logger, _pool.Layout.Root, free, _options.MinFreeBytes);
        BecameFull?.Invoke();
    }

    /// <summary>A file whose deletion failed.</summary>
    /// <param name="HoldBack">Since then it is left alone for so long.</param>
    private sealed record Undeletable(long TriedAt, TimeSpan HoldBack, long Bytes, int Tries);

    private static partial class Log
    {
        [LoggerMessage(3300, LogLevel.Information, "Camera {CameraId} {Stream}: deleted {Path} ({Bytes} bytes, {Reason})")]
        public static partial void Deleted(ILogger logger, string cameraId, string stream, string path, long bytes, string reason);

        [LoggerMessage(3301, LogLevel.Critical, "Pool {Root} is full: {Free} bytes free, {MinFree} must stay free, nothing may be deleted; recording stops")]
        public static partial void Full(ILogger logger, string root, long free, long minFree);

        [LoggerMessage(3302, LogLevel.Information, "Pool {Root} has room again ({Free} bytes free); recording goes on")]
        public static partial void HasRoom(ILogger logger, string root, long free);

        [LoggerMessage(3303, LogLevel.Error, "Retention cannot sweep ({Reason}); it tries again, and says no more about it until it could")]
        public static partial void SweepFailed(ILogger logger, string reason);

        [LoggerMessage(3304, LogLevel.Information, "Removed {Path}: made when the recorder stopped, without any video")]
        public static partial void RemovedEmpty(ILogger logger, string path);

        [LoggerMessage(3306, LogLevel.Error, "Cannot delete {Path} ({Reason}); it stays, in the index, too; the deletion is tried again, at the latest in {Minutes} minutes")]
        public static partial void NotDeleted(ILogger logger, string path, string reason, double minutes);

        [LoggerMessage(3307, LogLevel.Warning, "{Path} could not be deleted and cannot be read ({Reason}); the next comparison brings it back into the index")]
        public static partial void NotTakenBack(ILogger logger, string path, string reason);

        [LoggerMessage(3305, LogLevel.Warning, "Deleted {Path}: its deletion was on the books and the file still there")]
        public static partial void DeletedAgain(ILogger logger, string path);
    }
}
