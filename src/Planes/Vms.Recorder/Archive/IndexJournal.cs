using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Vms.Recorder.Retention;

namespace Vms.Recorder.Archive;

/// <summary>
/// The pool's ordered record of index changes. Everything goes through it, whether the database is there or not: appended here
/// by the pool's writer and by Retention, applied to PostgreSQL in order by <see cref="IndexApplier"/>, forgotten once committed.
/// </summary>
/// <remarks>
/// Files <c>.index/&lt;number&gt;.journal</c>, written to in turn; a file goes when all its entries are applied. What was
/// applied is not noted: after a restart the rest of the file is applied again, which by <see cref="IndexEntry"/> changes nothing.
/// An entry the disk has no room for stays in memory and is written with the next one. Any thread.
/// </remarks>
internal sealed partial class IndexJournal : IDisposable
{
    /// <summary>A file this long is closed and the next one begun.</summary>
    private const int RotateBytes = 1 << 20;

    private const string Extension = ".journal";

    private readonly ArchiveLayout _layout;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<Pending> _pending = [];
    private readonly SemaphoreSlim _appended = new(0, 1);
    private SafeFileHandle? _file;
    private long _fileNumber;
    private long _length;

    private IndexJournal(ArchiveLayout layout, ILogger logger)
    {
        _layout = layout;
        _logger = logger;
    }

    /// <summary>Entries not yet in the database.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Reads what an earlier run left; a torn end is cut off.</summary>
    /// <exception cref="IOException">The pool's folder cannot be read or written.</exception>
    public static IndexJournal Open(ArchiveLayout layout, ILogger logger)
    {
        var journal = new IndexJournal(layout, logger);
        Directory.CreateDirectory(layout.IndexPath);
        foreach (string path in Directory.GetFiles(layout.IndexPath, "*" + Extension).Order(StringComparer.Ordinal))
        {
            journal.Load(path);
        }

        if (journal._pending.Count > 0)
        {
            Log.Loaded(logger, journal._pending.Count);
            journal._appended.Release();
        }

        return journal;
    }

    /// <summary>Adds an entry. Never fails: see the type about a full disk.</summary>
    public void Append(IndexEntry entry)
    {
        lock (_gate)
        {
            _pending.Add(new Pending(entry));
            WriteUnwritten();
            if (_appended.CurrentCount == 0)
            {
                _appended.Release();
            }
        }
    }

    /// <summary>The oldest entries, whole.</summary>
    public IReadOnlyList<IndexEntry> Peek(int max)
    {
        lock (_gate)
        {
            return [.. _pending.Take(max).Select(Whole)];
        }
    }

    /// <summary>The oldest <paramref name="count"/> entries are committed in the database.</summary>
    public void Remove(int count)
    {
        lock (_gate)
        {
            _pending.RemoveRange(0, count);
            long oldest = _pending.Count > 0 ? _pending[0].File : _fileNumber;
            if (_pending.Count == 0 && (_file is null || _length > RotateBytes))
            {
                CloseFile();
                oldest = _fileNumber + 1;
            }

            DropFilesBefore(oldest);
        }
    }

    /// <summary>Entries of one stream not yet in the database, in order, whole where <paramref name="wanted"/>.</summary>
    public IReadOnlyList<IndexEntry> PendingOf(string cameraId, string stream, Func<IndexEntry, bool> wanted)
    {
        lock (_gate)
        {
            return
            [
                .. _pending
                    .Where(p => p.Entry.CameraId == cameraId && p.Entry.Stream == stream && wanted(p.Entry))
                    .Select(Whole),
            ];
        }
    }

    /// <summary>Did somebody decide to delete this segment, as far as entries not yet in the database say? Not when its file was merely missing.</summary>
    public bool IsDeleted(Guid segmentId)
    {
        lock (_gate)
        {
            return _pending.Exists(p => p.Entry is SegmentDeleted { Deleted.Reason: not DeletionReason.Missing } && p.Entry.Id == segmentId);
        }
    }

    /// <summary>Returns when something was appended since the last call, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) =>
        await _appended.WaitAsync(atMost, cancellationToken);

    public void Dispose()
    {
        lock (_gate)
        {
            CloseFile();
        }

        _appended.Dispose();
    }

    private void Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (!long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return;
        }

        _fileNumber = Math.Max(_fileNumber, number);
        int offset = 0;
        while (JournalCodec.TryDecode(_layout, bytes.AsSpan(offset), out var entry, out int length))
        {
            _pending.Add(new Pending(entry!) { File = number, Offset = offset, Length = length });
            _pending[^1].Strip();
            offset += length;
        }

        if (offset < bytes.Length)
        {
            Log.Torn(_logger, path, bytes.Length - offset);
        }
    }

    /// <summary>Writes what memory alone holds. Under <see cref="_gate"/>.</summary>
    private void WriteUnwritten()
    {
        int first = _pending.Count;
        while (first > 0 && _pending[first - 1].File == 0)
        {
            first--;
        }

        try
        {
            for (int i = first; i < _pending.Count; i++)
            {
                Write(_pending[i]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(_logger, _pending.Count - first, e.Message);
        }
    }

    private void Write(Pending pending)
    {
        if (_length > RotateBytes)
        {
            CloseFile();
        }

        if (_file is null)
        {
            _file = File.OpenHandle(FileOf(_fileNumber + 1), FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
            _fileNumber++;
        }

        byte[] record = JournalCodec.Encode(_layout, pending.Entry);
        // A write that fails half-way is overwritten by the next one, which starts at the same place.
        RandomAccess.Write(_file, record, _length);
        pending.File = _fileNumber;
        pending.Offset = _length;
        pending.Length = record.Length;
        pending.Strip();
        _length += record.Length;
    }

    private IndexEntry Whole(Pending pending)
    {
        if (!pending.Stripped)
        {
            return pending.Entry;
        }

        byte[] record = new byte[pending.Length];
        using var file = File.OpenHandle(FileOf(pending.File), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.Read(file, record, pending.Offset) == record.Length
            && JournalCodec.TryDecode(_layout, record, out var entry, out _)
            ? entry!
            : throw new InvalidDataException($"{FileOf(pending.File)}: the record at {pending.Offset} cannot be read back");
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
        _length = 0;
    }

    private void DropFilesBefore(long number)
    {
        foreach (string path in Directory.GetFiles(_layout.IndexPath, "*" + Extension))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long n) && n < number)
            {
                File.Delete(path);
            }
        }
    }

    private string FileOf(long number) => Path.Combine(_layout.IndexPath, number.ToString("D8", CultureInfo.InvariantCulture) + Extension);

    /// <summary>An entry and where the journal holds it. A closed segment's fragment table stays on disk: an outage of the
    /// database may last days.</summary>
    private sealed class Pending(IndexEntry entry)
    {
        public IndexEntry Entry { get; private set; } = entry;

        /// <summary>0: in memory only.</summary>
        public long File { get; set; }

        public long Offset { get; set; }

        public int Length { get; set; }

        public bool Stripped { get; private set; }

        public void Strip()
        {
            if (Entry is SegmentPut { Segment.Gops.IsEmpty: false } put)
            {
                Entry = new SegmentPut(put.Segment with { Gops = default });
                Stripped = true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Information, "Index journal: {Count} entries wait for the database")]
        public static partial void Loaded(ILogger logger, int count);

        [LoggerMessage(3001, LogLevel.Warning, "Index journal {Path}: {Bytes} bytes at the end were torn and are ignored")]
        public static partial void Torn(ILogger logger, string path, long bytes);

        [LoggerMessage(3002, LogLevel.Error, "Index journal: {Count} entries cannot be written ({Reason}); they are held in memory")]
        public static partial void NotWritten(ILogger logger, int count, string reason);
    }
}
