using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Archive;

/// <summary>
/// Brings index and files together: files that the index lacks are read and added, segments it believes are still being written are
/// closed, rows whose file is gone are removed, and come back with the file. Runs at the start, once the database is there; changes go through the journal like
/// all others.
/// </summary>
internal sealed partial class IndexRebuild(
    StoragePool pool, IndexTables tables, IndexJournal journal, OpenSegments open, RetentionSweep retention, TimeProvider time, ILogger<IndexRebuild> logger)
{
    /// <summary>When more than this share of a stream's files is gone at once, it is the disk that is missing, not the video.</summary>
    private const double PlausibleLoss = 0.5;

    private const int FewFiles = 10;

    public async Task<IndexRebuildResult> RunAsync(CancellationToken cancellationToken)
    {
        var streams = (await tables.StreamsAsync(cancellationToken)).Union(pool.Layout.Streams()).ToList();
        var total = default(IndexRebuildResult);
        foreach (var (cameraId, stream) in streams)
        {
            cancellationToken.ThrowIfCancellationRequested();
            total += await RunAsync(cameraId, stream, cancellationToken);
        }

        if (total != default)
        {
            Log.Done(logger, total.Added, total.Closed, total.Removed, total.Unreadable);
        }

        return total;
    }

    private async Task<IndexRebuildResult> RunAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        // Before the tables are asked: what is applied in between is then in both answers.
        var pending = new Dictionary<Guid, IndexEntry>();
        foreach (var entry in journal.PendingOf(cameraId, stream, static e => e is SegmentPut or SegmentDeleted))
        {
            pending[entry.Id] = entry;
        }

        var rows = (await tables.AllAsync(cameraId, stream, cancellationToken)).ToDictionary(r => r.Id);
        var deleted = await tables.DeletedAsync(cameraId, stream, cancellationToken);
        var result = default(IndexRebuildResult);
        var onDisk = new HashSet<Guid>();
        foreach (var (name, file) in pool.Layout.Days(cameraId, stream).SelectMany(pool.Layout.SegmentsOf))
        {
            cancellationToken.ThrowIfCancellationRequested();
            onDisk.Add(name.Id);
            var last = pending.GetValueOrDefault(name.Id);
            if (open.Contains(name.Id) || last is SegmentPut)
            {
                continue;
            }

            if (deleted.Contains(name.Id) || journal.IsDeleted(name.Id))
            {
                retention.DeleteAgain(file.FullName);
            }
            else if (!rows.TryGetValue(name.Id, out var row) || !row.Closed || last is SegmentDeleted)
            {
                result += Add(name, file.FullName, known: row is not null);
            }
        }

        return result + RemoveMissing(cameraId, stream, rows, onDisk);
    }

    private IndexRebuildResult Add(SegmentName name, string path, bool known)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (TailRecovery.Load(name, path, file, verifyLast: 1) is { } segment && !open.Contains(name.Id))
            {
                segment.MarkClosed();
                journal.Append(new SegmentPut(segment.Row(withGops: true)!));
                return known ? new IndexRebuildResult(0, 1, 0, 0) : new IndexRebuildResult(1, 0, 0, 0);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(logger, path, e.Message);
            return new IndexRebuildResult(0, 0, 0, 1);
        }

        return default;
    }

    private IndexRebuildResult RemoveMissing(string cameraId, string stream, Dictionary<Guid, IndexedSegment> rows, HashSet<Guid> onDisk)
    {
        var missing = rows.Values
            .Where(r => !onDisk.Contains(r.Id) && !open.Contains(r.Id) && !File.Exists(pool.Layout.Absolute(r.Path)))
            .ToList();
        if (missing.Count > FewFiles && missing.Count > rows.Count * PlausibleLoss)
        {
            Log.TooManyMissing(logger, cameraId, stream, missing.Count, rows.Count);
            return default;
        }

        foreach (var row in missing)
        {
            journal.Append(new SegmentDeleted(new DeletedSegment(
                row.Id, cameraId, stream, row.From, row.Path, row.Bytes, DeletionReason.Missing, time.GetUtcNow(), Version: int.MaxValue)));
        }

        return new IndexRebuildResult(0, 0, missing.Count, 0);
    }

    private static partial class Log
    {
        [LoggerMessage(3020, LogLevel.Information, "Archive index compared with the files: {Added} added, {Closed} closed, {Removed} removed, {Unreadable} unreadable")]
        public static partial void Done(ILogger logger, int added, int closed, int removed, int unreadable);

        [LoggerMessage(3021, LogLevel.Error, "Camera {CameraId} {Stream}: {Missing} of {Rows} files are not there; is the disk mounted? The index is left as it is")]
        public static partial void TooManyMissing(ILogger logger, string cameraId, string stream, int missing, int rows);

        [LoggerMessage(3022, LogLevel.Warning, "Cannot read {Path} for the index ({Reason})")]
        public static partial void Unreadable(ILogger logger, string path, string reason);
    }
}

internal readonly record struct IndexRebuildResult(int Added, int Closed, int Removed, int Unreadable)
{
    public static IndexRebuildResult operator +(IndexRebuildResult a, IndexRebuildResult b) =>
        new(a.Added + b.Added, a.Closed + b.Closed, a.Removed + b.Removed, a.Unreadable + b.Unreadable);
}
