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
/// An entry the disk has no room for stays in memory and is written with the next one. A record that can never be applied is set
/// aside (<see cref="JournalQuarantine"/>) and holds up none of the others. Any thread.
/// </remarks>
internal sealed partial class IndexJournal : IDisposable
{
    /// <summary>A file this long is closed and the next one begun.</summary>
    private const int RotateBytes = 1 << 20;

    /// <summary>So many refused entries are worth a comparison with the files; more have a common cause that it does not cure.</summary>
    private const int MaxRefused = 100;

    /// <summary>A bad sector costs no more of a journal file than this.</summary>
    private const int SalvageBytes = 4096;

    /// <summary>While no more than this wait, their fragment tables stay in memory: some megabytes at most, and nothing is read back as long as the
    /// database takes what comes.</summary>
    internal const int KeptWhole = 256;

    private const string Extension = ".journal";

    private readonly ArchiveLayout _layout;
    private readonly ILogger _logger;
    private readonly JournalQuarantine _quarantine;
    private readonly Lock _gate = new();
    private readonly List<Pending> _pending = [];
    private readonly HashSet<Guid> _refused = [];
    private readonly SortedDictionary<long, string> _unread = [];      // files of an earlier run that could not be read yet, and why
    private readonly HashSet<long> _keep = [];      // and those that were not even set aside
    private bool _tellSetAside;
    private readonly SemaphoreSlim _appended = new(0, 1);
    private SafeFileHandle? _file;
    private long _fileNumber;
    private long _length;

    private IndexJournal(ArchiveLayout layout, ILogger logger)
    {
        _layout = layout;
        _logger = logger;
        _quarantine = new JournalQuarantine(layout, logger);
    }

    /// <summary>Raised when a record was set aside: what it said may be missing from the index. Under the journal's lock: hand the work on.</summary>
    public event Action? SetAside;

    /// <summary>Entries not yet in the database, as far as they could be read.</summary>
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

    /// <summary>Reads what an earlier run left; a torn end is cut off, damage in the middle is set aside. A file that cannot be read is tried
    /// again by <see cref="Peek"/>.</summary>
    /// <exception cref="IOException">The pool's folder cannot be read or written.</exception>
    public static IndexJournal Open(ArchiveLayout layout, ILogger logger)
    {
        var journal = new IndexJournal(layout, logger);
        Directory.CreateDirectory(layout.IndexPath);
        foreach (string path in Directory.GetFiles(layout.IndexPath, "*" + Extension).Order(StringComparer.Ordinal))
        {
            journal.Load(path);
        }

        if (journal._pending.Count > 0 || journal._unread.Count > 0)
        {
            Log.Loaded(logger, journal._pending.Count);
            journal._appended.Release();
        }

        return journal;
    }

    /// <summary>Adds entries: whoever asks sees all of them or none. Never fails: see the type about a full disk.</summary>
    public void Append(params ReadOnlySpan<IndexEntry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                _pending.Add(new Pending(entry));
            }

            WriteUnwritten();
            if (_appended.CurrentCount == 0)
            {
                _appended.Release();
            }
        }
    }

    /// <summary>Returns when what was appended is on the disk.</summary>
    /// <exception cref="IOException">It is not, or not all of it.</exception>
    public void Flush()
    {
        lock (_gate)
        {
            if (_pending.Count > 0 && _pending[^1].File == 0)
            {
                WriteUnwritten();
                if (_pending[^1].File == 0)
                {
                    throw new IOException("the journal cannot be written");
                }
            }

            if (_file is not null)
            {
                RandomAccess.FlushToDisk(_file);
            }
        }
    }

    /// <summary>The oldest entries, whole. What turns out to be damaged is set aside on the way.</summary>
    /// <param name="giveUp">Set aside, too, what cannot be read at all, instead of throwing.</param>
    /// <exception cref="IOException">A file cannot be read now.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    public IReadOnlyList<IndexEntry> Peek(int max, bool giveUp = false)
    {
        lock (_gate)
        {
            LoadUnread(giveUp);
            var entries = new List<IndexEntry>();
            while (entries.Count < Math.Min(max, _pending.Count))
            {
                if (WholeOrSetAside(_pending[entries.Count], giveUp) is { } entry)
                {
                    entries.Add(entry);
                }
                else
                {
                    _pending.RemoveAt(entries.Count);
                    SetAside?.Invoke();
                }
            }

            return entries;
        }
    }

    /// <summary>The database refuses this entry for good: it is kept beside the journal. <see cref="Remove"/> it with the others.</summary>
    public void Refuse(IndexEntry entry, string reason)
    {
        _quarantine.Add($"{entry.Id:N}-{entry.Version}", JournalCodec.Encode(_layout, entry), QuarantineCause.Refused, reason);
        lock (_gate)
        {
            // Once each: the comparison with the files may well come to the same entry, which would be refused again, and so on. And not
            // before the entry is removed: what is pending is not compared.
            _tellSetAside |= _refused.Count < MaxRefused && _refused.Add(entry.Id);
        }
    }

    /// <summary>The oldest <paramref name="count"/> entries are committed in the database.</summary>
    public void Remove(int count)
    {
        lock (_gate)
        {
            _pending.RemoveRange(0, count);
            if (_tellSetAside)
            {
                _tellSetAside = false;
                SetAside?.Invoke();
            }

            long oldest = _pending.Count > 0 ? _pending[0].File : _fileNumber;
            if (_pending.Count == 0 && (_file is null || _length > RotateBytes))
            {
                CloseFile();
                oldest = _fileNumber + 1;
            }

            DropFilesBefore(oldest);
        }
    }

    /// <summary>Entries of one stream not yet in the database, in order, as far as <paramref name="wanted"/>; whole, unless the journal's file
    /// cannot be read, which is no reason to answer nothing.</summary>
    public IReadOnlyList<IndexEntry> PendingOf(string cameraId, string stream, Func<IndexEntry, bool> wanted)
    {
        lock (_gate)
        {
            return
            [
                .. _pending
                    .Where(p => p.Entry.CameraId == cameraId && p.Entry.Stream == stream && wanted(p.Entry))
                    .Select(WholeOrStripped),
            ];
        }
    }

    /// <summary>Did somebody decide to delete this segment, as far as entries not yet in the database say? Not when its file was merely missing,
    /// and not when the deletion failed.</summary>
    public bool IsDeleted(Guid segmentId)
    {
        lock (_gate)
        {
            return _pending.FindLast(p => p.Entry is SegmentDeleted && p.Entry.Id == segmentId)?.Entry is SegmentDeleted { Deleted.Reason: var reason }
                && DeletionReason.IsDecision(reason);
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

        _quarantine.Dispose();
        _appended.Dispose();
    }

    private void Load(string path)
    {
        if (!long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return;
        }

        _fileNumber = Math.Max(_fileNumber, number);
        try
        {
            _pending.AddRange(Parse(path, number, File.ReadAllBytes(path), patchy: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unread[number] = e.Message;
        }
    }

    /// <summary>Files that could not be read before. Their entries go where they belong: nothing of a later file has been applied yet.</summary>
    /// <exception cref="IOException">One still cannot be; likewise <see cref="UnauthorizedAccessException"/>. Not when <paramref name="giveUp"/>.</exception>
    private void LoadUnread(bool giveUp)
    {
        while (_unread.Count > 0)
        {
            long number = _unread.First().Key;
            string path = FileOf(number);
            try
            {
                Insert(number, Parse(path, number, giveUp ? ReadPatchy(path, out bool patchy) : ReadWhole(path, out patchy), patchy));
                _unread.Remove(number);
                if (patchy)
                {
                    SetAside?.Invoke();
                }
            }
            catch (FileNotFoundException)
            {
                _unread.Remove(number);
            }
            catch (Exception e) when (giveUp && e is IOException or UnauthorizedAccessException)
            {
                _unread.Remove(number);
                if (!_quarantine.Move(path, e.Message))
                {
                    _keep.Add(number);
                }

                SetAside?.Invoke();
            }
        }
    }

    private void Insert(long number, List<Pending> entries)
    {
        int at = _pending.FindIndex(p => p.File == 0 || p.File > number);
        _pending.InsertRange(at < 0 ? _pending.Count : at, entries);
    }

    private static byte[] ReadWhole(string path, out bool patchy)
    {
        patchy = false;
        return File.ReadAllBytes(path);
    }

    /// <summary>What the disk still gives back; zeros where it gives nothing.</summary>
    /// <exception cref="IOException">Nothing at all.</exception>
    private static byte[] ReadPatchy(string path, out bool patchy)
    {
        patchy = false;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        for (int offset = 0; offset < bytes.Length; offset += SalvageBytes)
        {
            try
            {
                RandomAccess.Read(file, bytes.AsSpan(offset, Math.Min(SalvageBytes, bytes.Length - offset)), offset);
            }
            catch (IOException)
            {
                patchy = true;
            }
        }

        return bytes;
    }

    /// <param name="patchy">Part of it could not be read: the end is not torn, but damaged, too.</param>
    private List<Pending> Parse(string path, long number, byte[] bytes, bool patchy)
    {
        var found = new List<Pending>();
        int offset = 0;
        while (offset < bytes.Length)
        {
            var record = JournalCodec.Read(_layout, bytes.AsSpan(offset), out var entry, out int length);
            if (record == JournalRecord.Good)
            {
                found.Add(new Pending(entry!) { File = number, Offset = offset, Length = length });
                found[^1].Strip();
            }
            else if (record == JournalRecord.Undecodable)
            {
                Quarantine(number, offset, bytes.AsSpan(offset, length), "its checksum holds, its content makes no sense");
            }
            else
            {
                length = JournalCodec.FindRecord(_layout, bytes, offset + 1) - offset;
                if (offset + length == bytes.Length && !patchy)
                {
                    Log.Torn(_logger, path, length);
                    break;
                }

                Quarantine(number, offset, bytes.AsSpan(offset, length), patchy ? "damaged, or it cannot be read" : "damaged");
            }

            offset += length;
        }

        return found;
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
        if (_pending.Count > KeptWhole)
        {
            pending.Strip();
        }

        _length += record.Length;
    }

    /// <summary>Null when it was set aside.</summary>
    private IndexEntry? WholeOrSetAside(Pending pending, bool giveUp)
    {
        byte[] record = [];
        try
        {
            return Whole(pending, out record);
        }
        catch (InvalidDataException e)
        {
            Quarantine(pending.File, pending.Offset, record, e.Message);
        }
        catch (Exception e) when (giveUp && e is IOException or UnauthorizedAccessException)
        {
            _quarantine.Add(NameOf(pending.File, pending.Offset), [], QuarantineCause.Unreadable, e.Message);
        }

        return null;
    }

    private IndexEntry WholeOrStripped(Pending pending)
    {
        try
        {
            return Whole(pending, out _);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return pending.Entry;
        }
    }

    /// <exception cref="InvalidDataException">What the file holds is not what was written.</exception>
    private IndexEntry Whole(Pending pending, out byte[] record)
    {
        record = [];
        if (!pending.Stripped)
        {
            return pending.Entry;
        }

        record = new byte[pending.Length];
        using var file = File.OpenHandle(FileOf(pending.File), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.Read(file, record, pending.Offset) == record.Length
            && JournalCodec.Read(_layout, record, out var entry, out _) == JournalRecord.Good
            ? entry!
            : throw new InvalidDataException("it cannot be read back as it was written");
    }

    private void Quarantine(long file, long offset, ReadOnlySpan<byte> record, string reason) =>
        _quarantine.Add(NameOf(file, offset), record, QuarantineCause.Damaged, reason);

    private static string NameOf(long file, long offset) => string.Create(CultureInfo.InvariantCulture, $"{file:D8}-{offset}");

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
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out long n)
                && n < number && !_unread.ContainsKey(n) && !_keep.Contains(n))
            {
                File.Delete(path);
            }
        }
    }

    private string FileOf(long number) => Path.Combine(_layout.IndexPath, number.ToString("D8", CultureInfo.InvariantCulture) + Extension);

    /// <summary>An entry and where the journal holds it. When many wait, a closed segment's fragment table stays on disk: an outage of the
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
