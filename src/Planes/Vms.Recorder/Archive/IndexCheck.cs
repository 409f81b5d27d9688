using System.Runtime.CompilerServices;
using Vms.Containers;
using Vms.Containers.AtRest;
using Vms.Containers.Mp4;
using Vms.Native.Processes;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Archive;

/// <summary>
/// Does the index say what the files are? Looks and changes nothing, beside a running recorder: what is being written is left out, what
/// comes and goes meanwhile is no finding. Files are read with the lowest priority, one after the other; memory holds the rows of one
/// stream at a time. Any thread.
/// </summary>
internal sealed class IndexCheck(
    ArchiveLayout layout, ArchiveFolders folders, IndexTables tables, IndexJournal journal, OpenSegments open, SegmentDamage damage)
{
    /// <param name="cameraId">Null for all.</param>
    /// <param name="counts">Grows while the check goes on.</param>
    /// <exception cref="IOException">The pool's own folder cannot be read.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database is away.</exception>
    public async IAsyncEnumerable<IndexFinding> RunAsync(
        IndexCheckLevel level, string? cameraId, IndexCheckCounts counts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var streams = (await tables.StreamsAsync(cancellationToken)).Union(folders.Streams()).Where(s => cameraId is null || s.CameraId == cameraId);
        foreach (var (camera, stream) in streams.Order().ToList())
        {
            await foreach (var finding in CheckAsync(camera, stream, level, counts, cancellationToken))
            {
                yield return finding;
            }
        }
    }

    private async IAsyncEnumerable<IndexFinding> CheckAsync(
        string cameraId, string stream, IndexCheckLevel level, IndexCheckCounts counts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // In this order: a file that was listed has its row by then, in the journal or in the table.
        var files = ListFiles(cameraId, stream, out var unreadable);
        var pending = new Dictionary<Guid, IndexEntry>();
        foreach (var entry in journal.PendingOf(cameraId, stream, static e => e is SegmentPut or SegmentDeleted))
        {
            pending[entry.Id] = entry;
        }

        var rows = (await tables.AllAsync(cameraId, stream, cancellationToken)).ToDictionary(r => r.Id);
        foreach (var entry in pending.Values)
        {
            if (entry is SegmentPut { Segment: var s })
            {
                rows[s.Id] = new IndexedSegment(s.Id, s.From, s.To, layout.Relative(s.Path), s.InitBytes, s.Bytes, s.Closed, s.Version);
            }
            else
            {
                rows.Remove(entry.Id);
            }
        }

        foreach (var (folder, reason) in unreadable)
        {
            yield return new IndexFinding(cameraId, stream, null, layout.Relative(folder), IndexFinding.Unreadable, reason);
        }

        foreach (var row in rows.Values.OrderBy(r => r.Id))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (open.Contains(row.Id))
            {
                continue;
            }

            counts.Segments++;
            IndexFinding Found(string problem, string detail) => new(cameraId, stream, row.From, row.Path, problem, detail);
            string path = layout.Absolute(row.Path);
            if (!layout.RootOf(path).IsThere)
            {
                continue;       // its pool's folder is a finding
            }

            if (files.ContainsKey(row.Id) || File.Exists(path))
            {
                if (level > IndexCheckLevel.Presence && await CheckFileAsync(row, pending, level, counts, cancellationToken) is var (problem, detail))
                {
                    yield return Found(problem, detail);
                }
            }
            else if (folders.WhyUnreadable(path) is null && await IsWantedAsync(cameraId, stream, row, cancellationToken))
            {
                yield return Found(IndexFinding.Missing, "the index has it, the file is not there");
            }
        }

        counts.Files += files.Count;
        await foreach (var finding in CheckUnindexedAsync(cameraId, stream, files, rows, cancellationToken))
        {
            yield return finding;
        }
    }

    private Dictionary<Guid, (SegmentName Name, string Path)> ListFiles(
        string cameraId, string stream, out List<(string Folder, string Reason)> unreadable)
    {
        unreadable = [];
        var files = new Dictionary<Guid, (SegmentName Name, string Path)>();
        var days = folders.Days(cameraId, stream);
        foreach (var root in layout.Roots)
        {
            string all = root.FolderOf(cameraId, stream);
            if (WhyNot(all) is { } whyNone)
            {
                unreadable.Add((all, whyNone));
            }
        }

        foreach (string day in days)
        {
            foreach (var (name, file) in folders.SegmentsOf(day))
            {
                if (!open.Contains(name.Id))
                {
                    files[name.Id] = (name, file.FullName);
                }
            }

            if (WhyNot(day) is { } why)
            {
                unreadable.Add((day, why));
            }
        }

        return files;
    }

    private string? WhyNot(string folder) => folders.WhyUnreadable(Path.Combine(folder, "any"));

    /// <summary>Not deleted, by retention or by a comparison, since the rows were read.</summary>
    private async Task<bool> IsWantedAsync(string cameraId, string stream, IndexedSegment row, CancellationToken cancellationToken)
    {
        // A deletion is in the journal before the file goes: one that took this file is there by now, or in the table.
        var since = journal.PendingOf(cameraId, stream, e => e.Id == row.Id);
        return since.Count > 0 ? since[^1] is SegmentPut : await tables.HasAsync(row.Id, cancellationToken);
    }

    private async IAsyncEnumerable<IndexFinding> CheckUnindexedAsync(
        string cameraId,
        string stream,
        Dictionary<Guid, (SegmentName Name, string Path)> files,
        Dictionary<Guid, IndexedSegment> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<Guid, DateTimeOffset>? deleted = null;
        foreach (var (name, path) in files.Values.Where(f => !rows.ContainsKey(f.Name.Id)))
        {
            deleted ??= await tables.DeletedAsync(cameraId, stream, cancellationToken);
            if (!File.Exists(path))
            {
                continue;       // retention was faster
            }

            yield return deleted.ContainsKey(name.Id) || journal.IsDeleted(name.Id)
                ? new IndexFinding(cameraId, stream, name.Start, layout.Relative(path), IndexFinding.NotDeleted, "the index says deleted, the file is still there")
                : new IndexFinding(
                    cameraId, stream, name.Start, layout.Relative(path), IndexFinding.NotIndexed, "not in the index; a rebuild adds it if there is video in it");
        }
    }

    private async Task<(string Problem, string Detail)?> CheckFileAsync(
        IndexedSegment row, Dictionary<Guid, IndexEntry> pending, IndexCheckLevel level, IndexCheckCounts counts, CancellationToken cancellationToken)
    {
        FragmentEntry[]? table = null;
        if (level == IndexCheckLevel.Hash && row.Closed)
        {
            var gops = pending.GetValueOrDefault(row.Id) is SegmentPut { Segment.Gops: var waiting } ? waiting : await tables.GopsAsync(row.Id, cancellationToken);
            if (!GopTable.TryDecode(gops.Span, out table) || table.Length == 0)
            {
                return (IndexFinding.Table, "the index has no fragment table of it");
            }

            counts.Fragments += table.Length;
        }

        return await IdleThread.RunAsync(() => CheckFile(row, table, cancellationToken));
    }

    private (string Problem, string Detail)? CheckFile(IndexedSegment row, FragmentEntry[]? table, CancellationToken cancellationToken)
    {
        string path = layout.Find(layout.Absolute(row.Path));
        try
        {
            if (CheckSize(row, path) is { } size)
            {
                return size;
            }

            var states = table is null ? [] : StoredFragments.Check(path, table, cancellationToken);
            int wrong = states.Count(s => s == FragmentState.Wrong);
            if (wrong > 0)
            {
                damage.Report(path);
                return (IndexFinding.Damaged, $"{wrong} of {states.Length} fragments are not what was written");
            }

            int unreadable = states.Count(s => s == FragmentState.Unreadable);
            return unreadable > 0 ? (IndexFinding.Unreadable, $"{unreadable} of {states.Length} fragments cannot be read") : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;        // retention was faster
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (IndexFinding.Unreadable, e.Message);
        }
    }

    private static (string Problem, string Detail)? CheckSize(IndexedSegment row, string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        if (length < row.Bytes)
        {
            return (IndexFinding.TooShort, $"{length} bytes of {row.Bytes}");
        }

        byte[] init = new byte[Math.Min(length, Fmp4InitReader.MaxInitBytes)];
        int read = RandomAccess.Read(file, init, 0);
        MatroskaHead.Restore(init.AsSpan(0, read));
        return Fmp4InitReader.TryRead(init.AsSpan(0, read), out _, out int initBytes) && initBytes == row.InitBytes
            ? null
            : (IndexFinding.Init, "it does not begin with its init segment");
    }
}
