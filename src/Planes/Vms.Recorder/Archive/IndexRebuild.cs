using Vms.Containers;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Archive;

/// <summary>
/// Brings index and files together: files that the index lacks are read and added, segments it believes are still being written are
/// closed, rows that say something else than their file are corrected, rows whose file is gone are removed, and come back with the file.
/// Runs at the start, once the database is there, when the journal lost a record, and when somebody asks; changes go through the journal
/// like all others. Any thread; one comparison at a time.
/// </summary>
internal sealed partial class IndexRebuild(
    ArchiveLayout layout,
    ArchiveFolders folders,
    PoolIdentity identity,
    IndexTables tables,
    IndexJournal journal,
    OpenSegments open,
    RetentionSweep retention,
    SegmentDamage damage,
    TimeProvider time,
    ILogger<IndexRebuild> logger) : IDisposable
{
    /// <summary>A crash interrupts so many deletions at most; more files that are on the books as deleted were never deleted.</summary>
    private const int MaxInterrupted = 16;

    /// <summary>A row changes only to a higher version. The next one that stands for a closed segment.</summary>
    private const int NextVersion = 2;

    /// <summary>A deletion that a crash interrupted was decided just before.</summary>
    private static readonly TimeSpan s_interruptedWithin = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _interrupted;       // deletions finished by this comparison

    /// <param name="everyFile">Read, too, the files whose row looks right: what the index says of them is put right from the file.</param>
    /// <exception cref="IOException">The pool's own folder cannot be read.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database is away.</exception>
    public async Task<IndexRebuildResult> RunAsync(bool everyFile, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var streams = (await tables.StreamsAsync(cancellationToken)).Union(folders.Streams()).ToList();
            var total = default(IndexRebuildResult);
            _interrupted = 0;
            foreach (var (cameraId, stream) in streams)
            {
                cancellationToken.ThrowIfCancellationRequested();
                total += await RunAsync(cameraId, stream, everyFile, cancellationToken);
            }

            if (total != default)
            {
                Log.Done(logger, total.Added, total.Closed, total.Corrected, total.Removed, total.Unreadable);
            }

            return total;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<IndexRebuildResult> RunAsync(string cameraId, string stream, bool everyFile, CancellationToken cancellationToken)
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
        var notDeleted = new List<(SegmentName Name, FileInfo File, DateTimeOffset At)>();
        foreach (var (name, file) in OneOfEach(folders.Days(cameraId, stream).SelectMany(folders.SegmentsOf), pending, rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            onDisk.Add(name.Id);
            var last = pending.GetValueOrDefault(name.Id);
            if (open.Contains(name.Id) || last is SegmentPut)
            {
                continue;
            }

            if (last is SegmentDeleted { Deleted: { } d } ? DeletionReason.IsDecision(d.Reason) : deleted.ContainsKey(name.Id))
            {
                notDeleted.Add((name, file, last is SegmentDeleted { Deleted.At: var at } ? at : deleted[name.Id]));
            }
            else if (!rows.TryGetValue(name.Id, out var row) || !row.Closed || last is SegmentDeleted)
            {
                result += await AddAsync(name, file.FullName, known: row is not null && last is null, cancellationToken);
            }
            else if (IsElsewhere(file.FullName, row))
            {
                result += await MoveRowAsync(name, file.FullName, cancellationToken);
            }
            else if (everyFile || (file.Exists && file.Length != row.Bytes))
            {
                result += await CorrectAsync(name, file.FullName, row, cancellationToken);
            }
        }

        result += await FinishDeletionsAsync(notDeleted, cancellationToken);
        return result + await RemoveMissingAsync(cameraId, stream, rows, onDisk, cancellationToken);
    }

    /// <summary>A segment that stands in two pools, as an interrupted move may leave it, is in the one that the index names; else in the one whose
    /// file holds more. The other file goes, once the one that stays was verified as a whole.</summary>
    private IEnumerable<(SegmentName Name, FileInfo File)> OneOfEach(
        IEnumerable<(SegmentName Name, FileInfo File)> files, Dictionary<Guid, IndexEntry> pending, Dictionary<Guid, IndexedSegment> rows)
    {
        if (layout.Roots.Count == 1)
        {
            return files;
        }

        return files.GroupBy(f => f.Name.Id).Select(same => same.Where(f => File.Exists(f.File.FullName)).ToList() switch
        {
            [_, _, ..] several => Sort(several, (pending.GetValueOrDefault(same.Key) as SegmentPut)?.Segment.Path ?? PathOf(rows.GetValueOrDefault(same.Key))),
            _ => same.First(),
        });
    }

    private string? PathOf(IndexedSegment? row) => row is null ? null : layout.Absolute(row.Path);

    private (SegmentName Name, FileInfo File) Sort(List<(SegmentName Name, FileInfo File)> several, string? indexed)
    {
        var loaded = several
            .Select(f => (File: f, Readable: TryLoad(f.Name, f.File.FullName, int.MaxValue, out var row) is null, Version: row?.Version ?? -1))
            .OrderByDescending(f => f.File.File.FullName == indexed && f.Version >= 0).ThenByDescending(f => f.Version).ToList();
        var kept = loaded[0];
        foreach (var second in loaded.Skip(1).Where(s => kept.Version >= 0 && s.Readable && s.Version <= kept.Version && !open.Contains(kept.File.Name.Id)))
        {
            try
            {
                if (!retention.RemoveSecond(second.File.File.FullName, kept.File.File.FullName))
                {
                    return second.File;     // it was moved meanwhile
                }

                Log.RemovedSecond(logger, second.File.File.FullName, kept.File.File.FullName);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.Unreadable(logger, second.File.File.FullName, e.Message);
            }
        }

        return kept.File;
    }

    /// <summary>The index has it in another pool, which is there and has no such file.</summary>
    private bool IsElsewhere(string path, IndexedSegment row)
    {
        string indexed = layout.Absolute(row.Path);
        return indexed != path && layout.RootOf(indexed) is { IsThere: true } && !File.Exists(indexed) && File.Exists(path);
    }

    private async Task<IndexRebuildResult> MoveRowAsync(SegmentName name, string path, CancellationToken cancellationToken)
    {
        if (await tables.FindAsync(name.Id, name.CameraId, name.Stream, cancellationToken) is not { Closed: true } row)
        {
            return default;
        }

        journal.Append(new SegmentPut(row with { Path = path, Version = row.Version + NextVersion }));
        return new IndexRebuildResult(0, 0, Corrected: 1, 0, 0);
    }

    /// <summary>Files that the books say were deleted: a few of the last day were interrupted by a crash and go; all others were never deleted,
    /// and to delete them now is not what was decided then. They are in the index again, and retention decides anew.</summary>
    private async Task<IndexRebuildResult> FinishDeletionsAsync(
        List<(SegmentName Name, FileInfo File, DateTimeOffset At)> found, CancellationToken cancellationToken)
    {
        var result = default(IndexRebuildResult);
        var oldest = time.GetUtcNow() - s_interruptedWithin;
        var there = found.Where(f => File.Exists(f.File.FullName)).ToList();       // retention may be at it this moment
        bool few = there.Count(f => f.At >= oldest) <= MaxInterrupted - _interrupted;
        foreach (var (name, file, at) in there)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (journal.PendingOf(name.CameraId, name.Stream, e => e.Id == name.Id) is [.., SegmentPut])
            {
                continue;       // retention has just failed to delete it, and taken that back
            }

            if (few && at >= oldest)
            {
                _interrupted++;
                if (retention.DeleteAgain(name, file))
                {
                    continue;
                }
            }

            var kept = new DeletedSegment(
                name.Id, name.CameraId, name.Stream, name.Start, layout.Relative(file.FullName), 0, DeletionReason.Kept, time.GetUtcNow(), int.MaxValue);
            result += await AddAsync(name, file.FullName, known: false, cancellationToken, new SegmentDeleted(kept));
        }

        if (result.Added > 0)
        {
            Log.KeptFiles(logger, found[0].Name.CameraId, found[0].Name.Stream, result.Added);
        }

        return result;
    }

    /// <param name="first">Goes before the row.</param>
    private async Task<IndexRebuildResult> AddAsync(
        SegmentName name, string path, bool known, CancellationToken cancellationToken, IndexEntry? first = null)
    {
        if (TryLoad(name, path, verifyLast: 1, out var row) is { } failed)
        {
            return failed;
        }

        if (row is null || open.Contains(name.Id))
        {
            return default;
        }

        // Headers alone do not take a gap back.
        if (await damage.HasGapsAsync(row, cancellationToken))
        {
            if (TryLoad(name, path, verifyLast: int.MaxValue, out row) is { } unreadable)
            {
                return unreadable;
            }

            if (row is null)
            {
                return default;
            }
        }

        await damage.PutRightAsync(row, first, cancellationToken);
        return new IndexRebuildResult(Added: known ? 0 : 1, Closed: known ? 1 : 0, 0, 0, 0);
    }

    /// <summary>The index says something of this file; is it what the file says?</summary>
    private async Task<IndexRebuildResult> CorrectAsync(SegmentName name, string path, IndexedSegment row, CancellationToken cancellationToken)
    {
        byte[] gops = await tables.GopsAsync(row.Id, cancellationToken) ?? [];
        // Headers alone answer for nearly all files. Where they say something else, a fragment may be damaged behind a good header.
        foreach (int verifyLast in (ReadOnlySpan<int>)[1, int.MaxValue])
        {
            if (TryLoad(name, path, verifyLast, out var found) is { } failed)
            {
                return failed;
            }

            if (found is null || open.Contains(name.Id) || (found.Version <= row.Version && found.Gops.Span.SequenceEqual(gops)))
            {
                return default;
            }

            if (verifyLast > 1)
            {
                return await CorrectAsync(found, row, path, gops, cancellationToken);
            }
        }

        return default;
    }

    private async Task<IndexRebuildResult> CorrectAsync(
        SegmentRow found, IndexedSegment row, string path, byte[] gops, CancellationToken cancellationToken)
    {
        if (GopTable.TryDecode(gops, out var before) && GopTable.TryDecode(found.Gops.Span, out var after) && before.Except(after).Any())
        {
            // Something that was recorded is lost: that is looked into as when a viewer comes upon it, and is a gap then.
            return new IndexRebuildResult(0, 0, Corrected: damage.Report(path) ? 1 : 0, 0, 0);
        }

        // A row changes only to a higher version: one that claims more than the file holds has to go first.
        var first = found.Version < row.Version ? new SegmentDeleted(Missing(found.CameraId, found.Stream, row)) : null;
        await damage.PutRightAsync(found, first, cancellationToken);
        return new IndexRebuildResult(0, 0, Corrected: 1, 0, 0);
    }

    /// <summary>The segment's row as the file has it; null when it holds nothing good.</summary>
    /// <returns>A result when the file cannot be read.</returns>
    private IndexRebuildResult? TryLoad(SegmentName name, string path, int verifyLast, out SegmentRow? row)
    {
        row = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (TailRecovery.Load(name, path, file, verifyLast) is { } segment)
            {
                segment.MarkClosed();
                row = segment.Row(withGops: true);
            }

            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return default(IndexRebuildResult);     // retention was faster
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(logger, path, e.Message);
            return new IndexRebuildResult(0, 0, 0, 0, Unreadable: 1);
        }
    }

    private async Task<IndexRebuildResult> RemoveMissingAsync(
        string cameraId, string stream, Dictionary<Guid, IndexedSegment> rows, HashSet<Guid> onDisk, CancellationToken cancellationToken)
    {
        int removed = 0;
        foreach (var pool in rows.Values.GroupBy(r => layout.RootOf(layout.Absolute(r.Path))).ToList())
        {
            var missing = pool.Where(r => !onDisk.Contains(r.Id) && !open.Contains(r.Id) && IsGone(layout.Absolute(r.Path))).ToList();
            if (missing.Count == 0 || !identity.IsThere(layout.Absolute(missing[0].Path)))
            {
                continue;
            }

            if (SegmentDamage.IsTooMuch(missing.Count, pool.Count()))
            {
                Log.TooManyMissing(logger, cameraId, stream, missing.Count, pool.Count());
                continue;
            }

            foreach (var row in missing)
            {
                removed += await damage.GoneAsync(cameraId, stream, row, cancellationToken) ? 1 : 0;
            }
        }

        return new IndexRebuildResult(0, 0, 0, removed, 0);
    }

    /// <summary>Not there, as far as the folders above it tell: what cannot be looked at is not gone.</summary>
    private bool IsGone(string path) => !File.Exists(layout.Find(path)) && folders.WhyUnreadable(path) is null;

    private DeletedSegment Missing(string cameraId, string stream, IndexedSegment row) => new(
        row.Id, cameraId, stream, row.From, row.Path, row.Bytes, DeletionReason.Missing, time.GetUtcNow(), Version: int.MaxValue);

    private static partial class Log
    {
        [LoggerMessage(
            3020, LogLevel.Information,
            "Archive index compared with the files: {Added} added, {Closed} closed, {Corrected} corrected, {Removed} removed, {Unreadable} unreadable")]
        public static partial void Done(ILogger logger, int added, int closed, int corrected, int removed, int unreadable);

        [LoggerMessage(3021, LogLevel.Error, "Camera {CameraId} {Stream}: {Missing} of {Rows} files are not there; is the disk mounted? The index is left as it is")]
        public static partial void TooManyMissing(ILogger logger, string cameraId, string stream, int missing, int rows);

        [LoggerMessage(
            3023, LogLevel.Warning, "Camera {CameraId} {Stream}: {Files} files were on the books as deleted and are still there; they are in the index again")]
        public static partial void KeptFiles(ILogger logger, string cameraId, string stream, int files);

        [LoggerMessage(3024, LogLevel.Warning, "Removed {Path}: the same segment stands, whole, at {Kept}")]
        public static partial void RemovedSecond(ILogger logger, string path, string kept);

        [LoggerMessage(3022, LogLevel.Warning, "Cannot read {Path} for the index ({Reason})")]
        public static partial void Unreadable(ILogger logger, string path, string reason);
    }
}

/// <summary>What a comparison of index and files changed.</summary>
internal readonly record struct IndexRebuildResult(int Added, int Closed, int Corrected, int Removed, int Unreadable)
{
    public static IndexRebuildResult operator +(IndexRebuildResult a, IndexRebuildResult b) => new(
        a.Added + b.Added, a.Closed + b.Closed, a.Corrected + b.Corrected, a.Removed + b.Removed, a.Unreadable + b.Unreadable);
}
