using Vms.Native.Storage;
using Vms.Recorder.Archive;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>
/// Deletes segments that somebody decided to delete: into the journal with the reason, then the file, then its previews. What could not be
/// deleted is left alone for a while. One caller at a time.
/// </summary>
internal sealed partial class SegmentDeletion(ArchiveLayout layout, IndexJournal journal, RetentionMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>So many deletions that fail one after the other are enough for one call: it is not these files, it is the disk.</summary>
    private const int MaxFailures = 3;

    /// <summary>A file that could not be deleted while others could is left alone for so long: what keeps it does not pass within seconds.</summary>
    private static readonly TimeSpan s_deleteAgain = TimeSpan.FromMinutes(10);

    /// <summary>When nothing at all could be deleted it may be over in a moment. Doubles with each failure, up to <see cref="s_deleteAgain"/>.</summary>
    private static readonly TimeSpan s_deleteSoon = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, Undeletable> _undeletable = new(StringComparer.Ordinal);
    private readonly List<string> _failedNow = [];      // in this call
    private int _deletedNow;
    private int _failures;      // in a row
    private bool _toldStuck;

    /// <summary>Tests put a disk in its place that fails.</summary>
    public Action<string> DeleteFile { get; set; } = File.Delete;

    /// <summary>Too many failures in a row: until <see cref="BeginSeries"/> nothing more is tried.</summary>
    public bool IsGivenUp => _failures >= MaxFailures;

    /// <summary>Deletions of one rule or request follow.</summary>
    public void BeginSeries() => _failures = 0;

    /// <summary>Its deletion has just failed.</summary>
    public bool IsLeftAlone(string path) =>
        _undeletable.TryGetValue(path, out var known) && time.GetElapsedTime(known.TriedAt) < known.LeaveAlone;

    public long UndeletableBytes(string cameraId, string stream)
    {
        var folders = layout.Roots.Select(r => r.FolderOf(cameraId, stream) + Path.DirectorySeparatorChar).ToList();
        return _undeletable.Where(u => folders.Exists(f => u.Key.StartsWith(f, StringComparison.Ordinal))).Sum(u => u.Value.Bytes);
    }

    /// <summary>False when the file stays, in the index, too; it is tried again after a while.</summary>
    public bool Delete(StoredSegment segment, DeletionCause cause)
    {
        string? why = WhyNotDelete(segment.Path);
        if (why is null)
        {
            var deleted = Deleted(segment, cause);
            journal.Append(new SegmentDeleted(deleted));
            why = TryDelete(segment.Path);
            if (why is not null)
            {
                TakeBack(segment, deleted);
            }
        }

        if (why is not null)
        {
            // One that is known and fails again is no news: a folder full of them must not hide what lies behind it.
            _failures += MarkUndeletable(segment, why) ? 1 : 0;
            return false;
        }

        _failures = 0;
        _deletedNow++;
        metrics.Deleted(cause.Reason);
        Log.Deleted(logger, segment.Name.CameraId, segment.Name.Stream, segment.Path, segment.Bytes, cause.Reason, cause.Rule, cause.By);
        RemoveIfEmpty(Path.GetDirectoryName(segment.Path)!);
        return true;
    }

    /// <summary>Finishes a deletion that is on the books already.</summary>
    /// <returns>False when the file stays.</returns>
    public bool DeleteAgain(string path)
    {
        if (IsLeftAlone(path) || WhyNotDelete(path) is not null || TryDelete(path) is not null)
        {
            return false;
        }

        Log.DeletedAgain(logger, path);
        return true;
    }

    /// <summary>Removes the file of a segment that stands in another pool now; in the index it stays.</summary>
    /// <exception cref="IOException">It cannot be; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public void RemoveMoved(string path)
    {
        if (File.Exists(path))
        {
            DeleteFile(path);
        }

        SegmentSidecars.Delete(path);
        RemoveIfEmpty(Path.GetDirectoryName(path)!);
    }

    /// <summary>After the last deletion of a call: for how long what failed in it is left alone.</summary>
    public void EndCall()
    {
        bool stuck = _failedNow.Count > 0 && _deletedNow == 0;
        foreach (string path in _failedNow)
        {
            if (stuck && _undeletable.TryGetValue(path, out var known))
            {
                double seconds = s_deleteSoon.TotalSeconds * Math.Pow(2, Math.Min(known.Tries - 1, 10));
                _undeletable[path] = known with { LeaveAlone = TimeSpan.FromSeconds(Math.Min(seconds, s_deleteAgain.TotalSeconds)) };
            }
        }

        // When nothing can be deleted, the first files have said so: one line, not one a file.
        _toldStuck = stuck || (_toldStuck && _deletedNow == 0);
        _failedNow.Clear();
        _deletedNow = 0;
    }

    /// <summary>Forgets files that somebody removed by hand.</summary>
    /// <returns>How many are left that could not be deleted.</returns>
    public int ForgetGone()
    {
        foreach (string gone in _undeletable.Keys.Where(p => !File.Exists(p) || !layout.RootOf(p).IsThere).ToList())
        {
            _undeletable.Remove(gone);
        }

        return _undeletable.Count;
    }

    private DeletedSegment Deleted(StoredSegment segment, DeletionCause cause) => new(
        segment.Name.Id,
        segment.Name.CameraId,
        segment.Name.Stream,
        segment.Name.Start,
        layout.Relative(segment.Path),
        segment.Bytes,
        cause.Reason,
        time.GetUtcNow(),
        Version: int.MaxValue,
        cause.Rule,
        cause.By);

    /// <summary>The file is still there: so is its row, as far as the file can be read now. What cannot comes back with the next comparison.</summary>
    private void TakeBack(StoredSegment segment, DeletedSegment deleted)
    {
        journal.Append(new SegmentDeleted(deleted with { Reason = DeletionReason.Kept }));
        try
        {
            using var file = new FileStream(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (TailRecovery.Load(segment.Name, segment.Path, file, verifyLast: 1) is { } kept)
            {
                kept.MarkClosed();
                journal.Append(new SegmentPut(kept.Row(withGops: true)!));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotTakenBack(logger, segment.Path, e.Message);
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
        SegmentSidecars.Delete(path);
        return null;
    }

    /// <returns>Whether that is news.</returns>
    private bool MarkUndeletable(StoredSegment segment, string why)
    {
        bool isNew = !_undeletable.TryGetValue(segment.Path, out var known);
        if (isNew && !_toldStuck)
        {
            Log.NotDeleted(logger, segment.Path, why, s_deleteAgain.TotalMinutes);
        }

        _undeletable[segment.Path] = new Undeletable(time.GetTimestamp(), s_deleteAgain, segment.Bytes, (known?.Tries ?? 0) + 1);
        _failedNow.Add(segment.Path);
        return isNew;
    }

    private static void RemoveIfEmpty(string day)
    {
        try
        {
            if (!Directory.EnumerateFileSystemEntries(day).All(SegmentSidecars.IsOne))
            {
                return;
            }

            // Left over where somebody removed segments by hand, or where deleting was interrupted.
            foreach (string left in Directory.GetFiles(day).Where(SegmentSidecars.IsOne))
            {
                SegmentSidecars.DeleteIfThere(left);
            }

            Directory.Delete(day);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A segment was made in it this moment, or it is gone, or may not be removed: an empty folder harms nobody.
        }
    }

    /// <summary>A file whose deletion failed.</summary>
    /// <param name="LeaveAlone">For so long since then.</param>
    private sealed record Undeletable(long TriedAt, TimeSpan LeaveAlone, long Bytes, int Tries);

    private static partial class Log
    {
        [LoggerMessage(3300, LogLevel.Information, "Camera {CameraId} {Stream}: deleted {Path} ({Bytes} bytes, {Reason}: {Rule}; by {By})")]
        public static partial void Deleted(ILogger logger, string cameraId, string stream, string path, long bytes, string reason, string rule, string by);

        [LoggerMessage(3305, LogLevel.Warning, "Deleted {Path}: its deletion was on the books and the file still there")]
        public static partial void DeletedAgain(ILogger logger, string path);

        [LoggerMessage(3306, LogLevel.Error, "Cannot delete {Path} ({Reason}); it stays, in the index, too; the deletion is tried again, at the latest in {Minutes} minutes")]
        public static partial void NotDeleted(ILogger logger, string path, string reason, double minutes);

        [LoggerMessage(3307, LogLevel.Warning, "{Path} could not be deleted and cannot be read ({Reason}); the next comparison brings it back into the index")]
        public static partial void NotTakenBack(ILogger logger, string path, string reason);
    }
}
