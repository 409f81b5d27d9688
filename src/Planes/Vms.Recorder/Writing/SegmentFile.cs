using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.AtRest;
using Vms.Containers.Mp4;
using Vms.Native.Storage;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Writing;

/// <summary>
/// One archive file being written: an init segment, then whole fragments, appended and never patched. Holds the fragment table until
/// the segment closes, so that it can be played while it grows.
/// </summary>
/// <remarks>
/// File calls come from the pool's writer thread, and from its commit thread after <see cref="Close"/>. What is known of the
/// content may be read by any thread.
/// </remarks>
internal sealed class SegmentFile
{
    private readonly Lock _gate = new();
    private readonly byte[] _init;
    private readonly byte[] _head;  // as stored
    private readonly ArrayBufferWriter<byte> _gops = new(4096);
    private readonly byte[] _lastBox;
    private SafeFileHandle? _handle;
    private FragmentHeader _first;
    private FragmentHeader _last;
    private FragmentEntry _lastEntry;
    private int _fragments;
    private long _length;
    private long _reserved;
    private bool _trimAtClose;      // there may be something behind its end: reserved, by this run or the one before, or half written
    private long _uncommitted;
    private bool _direct;           // the handle writes past the page cache
    private bool _directRefused;    // by the file system, for this file
    private bool _closed;

    /// <param name="label">What the file says about itself; the class is told by it, too.</param>
    public SegmentFile(SegmentName name, string path, IReadOnlyList<TrackInfo> tracks, SegmentLabel? label = null)
    {
        Name = name;
        Path = path;
        Tracks = tracks;
        Class = RecordingClasses.Parse(label?.Class);
        _head = name.Format == SegmentFormat.Matroska ? MatroskaHead.Make(tracks, label) : Fmp4Writer.StoredInit(tracks, label);
        _init = [.. _head];
        MatroskaHead.Restore(_init);
        _lastBox = new byte[FragmentHeader.SizeOf(tracks.Count)];
        _gops.Write([GopTable.FormatVersion]);
    }

    /// <summary>Goes on with a file from an earlier run, behind its last good fragment.</summary>
    /// <param name="init">The init segment that is in the file.</param>
    public SegmentFile(SegmentName name, string path, IReadOnlyList<TrackInfo> tracks, byte[] init, FragmentHeader first, FragmentScan scan)
        : this(name, path, tracks)
    {
        _init = init;
        Class = RecordingClasses.Parse(SegmentLabel.ClassIn(init));
        foreach (var entry in scan.Fragments)
        {
            GopTable.Append(_gops, _lastEntry, entry);
            _lastEntry = entry;
        }

        _first = first;
        _last = scan.Last!.Value;
        scan.LastHeader.Span.CopyTo(_lastBox);
        _fragments = scan.Fragments.Count;
        _length = _uncommitted = scan.GoodEnd;
    }

    public SegmentName Name { get; }

    public string Path { get; }

    public IReadOnlyList<TrackInfo> Tracks { get; }

    public RecordingClass Class { get; }

    /// <summary>Writing has ended; the commit thread lets go of the file.</summary>
    public bool Closed => Volatile.Read(ref _closed);

    public bool HasFragments => Volatile.Read(ref _fragments) > 0;

    public SafeFileHandle? Handle => _handle;

    /// <summary>The last fragment went past the page cache. Writer thread.</summary>
    public bool IsDirect => _direct;

    /// <summary>The `uuid` box of the last fragment, to resume behind it. Only while nothing is written.</summary>
    public ReadOnlySpan<byte> LastBox => _lastBox;

    /// <summary>The canonical init segment: what the fragments' hashes are of. As long as what the file begins with.</summary>
    public ReadOnlySpan<byte> Init => _init;

    /// <summary>Header of the last fragment. Only while nothing is written.</summary>
    public FragmentHeader Last => _last;

    /// <summary>What the index says about the content so far; null before the first fragment.</summary>
    public SegmentRow? Row(bool withGops)
    {
        lock (_gate)
        {
            return _fragments == 0
                ? null
                : new SegmentRow(
                    Name.Id,
                    Name.CameraId,
                    Name.Stream,
                    UnixTime.FromMicroseconds(_first.FirstCaptureTimeUs),
                    UnixTime.FromMicroseconds(_last.EndUs),
                    Path,
                    _init.Length,
                    withGops ? _gops.WrittenSpan.ToArray() : default(ReadOnlyMemory<byte>),
                    Tracks,
                    _first.Epoch,
                    _first.FirstSequence,
                    _last.LastSequence,
                    _length,
                    _closed,
                    Class,
                    VersionOf(_fragments, _closed));
        }
    }

    /// <summary>Grows with the content, so that a row written after a resume, or by a rebuild, is never taken for an older one.</summary>
    public static int VersionOf(int fragments, bool closed) => (fragments * 2) + (closed ? 1 : 0);

    /// <summary>Writes one fragment behind the others; the first one creates the file. Writer thread.</summary>
    /// <param name="reserveStep">So much is reserved at a time, in a file that has become as long; 0: nothing.</param>
    /// <param name="direct">Past the page cache, if that is possible.</param>
    /// <exception cref="SegmentLostException">The file it goes on with is gone, or shorter than it was.</exception>
    /// <exception cref="IOException">Nothing was added: the file ends where it did.</exception>
    public void Append(ReadOnlySpan<byte> fragment, in FragmentHeader header, long reserveStep, bool direct)
    {
        Open();
        Reserve(fragment.Length, reserveStep);
        try
        {
            Write(fragment, direct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CutBack();
            throw;
        }

        lock (_gate)
        {
            var entry = header.ToEntry(_length);
            GopTable.Append(_gops, _lastEntry, entry);
            _lastEntry = entry;
            if (_fragments == 0)
            {
                _first = header;
            }

            _last = header;
            fragment[.._lastBox.Length].CopyTo(_lastBox);
            _length += fragment.Length;
            _fragments++;
        }
    }

    /// <summary>No more fragments come. Gives reserved space back; the file stays open until it is committed. Writer thread.</summary>
    public void Close()
    {
        if (_handle is not null && _trimAtClose)
        {
            CutBack();
        }

        MarkClosed();
    }

    /// <summary>The row says complete from now on; the file is not touched.</summary>
    public void MarkClosed()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Cuts off what is behind the last good fragment: a half-written one and reserved space. Writer thread.</summary>
    public void CutBack()
    {
        _reserved = 0;
        _trimAtClose = true;
        try
        {
            StorageFile.TrimReserved(_handle!, _length);
            _trimAtClose = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A torn tail is found by length and checksum and cut at the next start, as after a crash.
        }
    }

    /// <summary>What was written before this call is on the disk now: its pages need not stay in memory. Commit thread.</summary>
    public void DropCommitted(long committed)
    {
        if (_handle is { IsClosed: false } handle && committed > _uncommitted)
        {
            try
            {
                StorageFile.DropCache(handle, _uncommitted, committed - _uncommitted);
            }
            catch (ObjectDisposedException)
            {
                // A write failed this moment, and the writer thread let go of the file.
            }

            _uncommitted = committed;
        }
    }

    public long Length
    {
        get
        {
            lock (_gate)
            {
                return _length;
            }
        }
    }

    /// <summary>Commit thread, after the commit that follows <see cref="Close"/>; writer thread after a failed write: the next one opens it anew.</summary>
    public void Release()
    {
        _handle?.Dispose();
        _handle = null;
    }

    /// <summary>Not in a file shorter than one step, as those of ten seconds or of an event are: reserving and giving back costs more than what
    /// such a file gains by lying in one piece.</summary>
    private void Reserve(int bytes, long step)
    {
        if (step > 0 && _length >= step && _length + bytes > _reserved)
        {
            StorageFile.Reserve(_handle!, _length, Math.Max(step, bytes));
            _reserved = _length + step;
            _trimAtClose = true;
        }
    }

    private void Write(ReadOnlySpan<byte> fragment, bool direct)
    {
        // A file that began before fragments were whole blocks goes on through the page cache until it is complete.
        UseDirect(direct && !_directRefused && (_length | (long)fragment.Length) % FreeBox.BlockBytes == 0);
        try
        {
            RandomAccess.Write(_handle!, fragment, _length);
        }
        catch (IOException e) when (_direct && StorageFile.IsRefusal(e))
        {
            _directRefused = true;
            UseDirect(false);
            RandomAccess.Write(_handle!, fragment, _length);
        }

        if (!_direct)
        {
            StorageFile.StartWriteback(_handle!, _length, fragment.Length);
        }
    }

    private void UseDirect(bool direct)
    {
        if (direct != _direct)
        {
            _direct = StorageFile.TrySetDirect(_handle!, direct) ? direct : !direct;
            _directRefused |= direct && !_direct;
        }
    }

    private void Open()
    {
        if (_handle is not null)
        {
            return;
        }

        _direct = false;
        if (_fragments > 0)
        {
            _handle = OpenAgain();
            _trimAtClose = true;
            return;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        _handle = File.OpenHandle(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            RandomAccess.Write(_handle, _head, 0);
            _length = _head.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Release();
            throw;
        }
    }

    /// <summary>A file from an earlier run: never made anew, which would be fragments without their init segment.</summary>
    private SafeFileHandle OpenAgain()
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SegmentLostException($"{Path} is gone", e);
        }

        long length = RandomAccess.GetLength(handle);
        if (length < _length)
        {
            handle.Dispose();
            throw new SegmentLostException($"{Path} has {length} bytes where {_length} were written");
        }

        return handle;
    }
}

/// <summary>What was written of a segment is not there any more: it cannot be gone on with, now or later.</summary>
internal sealed class SegmentLostException(string message, Exception? cause = null) : IOException(message, cause);
