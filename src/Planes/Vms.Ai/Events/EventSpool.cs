using System.Buffers.Binary;
using System.Text;
using Vms.Codecs;

namespace Vms.Ai.Events;

/// <summary>An event on its way to the bus.</summary>
internal sealed record SpooledEvent(string Subject, string MessageId, byte[] Payload);

/// <summary>
/// The events that the bus has not acknowledged yet, in order, in files: neither the end of this process nor an absent bus loses any, as long as there is
/// room. Files of <see cref="SegmentBytes"/>; above <see cref="MaxBytes"/> the oldest file goes, and what was in it is counted. Written without waiting
/// for the disk: a power cut may lose the last second, the end of the process does not. One writer at a time (locked), one reader.
/// </summary>
/// <remarks>Record: length (4, little endian), CRC32C (4), then subject, message id and payload, parted by line feeds. A record that is torn or damaged
/// ends its file. The position file holds file number and offset of what is to be read next.</remarks>
internal sealed class EventSpool : IDisposable
{
    internal const long SegmentBytes = 1 << 20;
    internal const long MaxBytes = 64 << 20;

    /// <summary>Above every event: crop and path are bounded.</summary>
    private const int MaxRecord = 256 << 10;

    private const int HeaderBytes = 8;
    private const string Extension = ".spool";

    private readonly string _directory;
    private readonly long _segmentBytes;
    private readonly long _maxBytes;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _written = new(0, 1);
    private readonly FileStream _position;
    private readonly List<long> _segments = [];     // their numbers, in order; the last one is written
    private FileStream? _writing;
    private FileStream? _reading;
    private long _readSegment, _readOffset;         // of the next record
    private long _lost;

    /// <param name="directory">Its own; made when it is not there.</param>
    internal EventSpool(string directory, long segmentBytes = SegmentBytes, long maxBytes = MaxBytes)
    {
        (_directory, _segmentBytes, _maxBytes) = (directory, segmentBytes, maxBytes);
        Directory.CreateDirectory(directory);
        _segments.AddRange(Directory.EnumerateFiles(directory, "*" + Extension)
            .Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), out long number) ? number : 0).Where(n => n > 0).Order());
        _position = new FileStream(Path.Combine(directory, "position"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var stored = new byte[16];
        if (_position.ReadAtLeast(stored, stored.Length, throwOnEndOfStream: false) == stored.Length)
            (_readSegment, _readOffset) = (BinaryPrimitives.ReadInt64LittleEndian(stored), BinaryPrimitives.ReadInt64LittleEndian(stored.AsSpan(8)));
        // What was read to its end goes; a new file is begun, so that a torn last record ends the old one.
        while (_segments.Count > 0 && _segments[0] < _readSegment)
            RemoveFirst();
        if (_segments.Count == 0 || _segments[0] != _readSegment)
            (_readSegment, _readOffset) = (_segments.FirstOrDefault(), 0);
        if (_segments.Count > 0)
            _written.Release();
    }

    /// <summary>Events lost because the bus was away for too long, or the disk full.</summary>
    internal long Lost => Interlocked.Read(ref _lost);

    /// <summary>Bytes on the disk.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
                return _segments.Sum(SizeOf);
        }
    }

    /// <summary>False, counted, when the disk does not take it.</summary>
    internal bool Append(SpooledEvent happened)
    {
        byte[] head = Encoding.UTF8.GetBytes($"{happened.Subject}\n{happened.MessageId}\n");
        var record = new byte[HeaderBytes + head.Length + happened.Payload.Length];
        if (record.Length > MaxRecord)
        {
            Interlocked.Increment(ref _lost);
            return false;
        }

        head.CopyTo(record, HeaderBytes);
        happened.Payload.CopyTo(record, HeaderBytes + head.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length - HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Crc32C.Of(record.AsSpan(HeaderBytes)));
        try
        {
            lock (_gate)
            {
                if (_writing is null || _writing.Length >= _segmentBytes)
                    Begin();
                _writing!.Write(record);
                _writing.Flush();
            }
        }
        catch (IOException)
        {
            Interlocked.Increment(ref _lost);
            return false;
        }

        Signal();
        return true;
    }

    /// <summary>The next event; waits for one. The same again until <see cref="Done"/> is called.</summary>
    internal async Task<SpooledEvent> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (TryRead(out SpooledEvent? next))
                    return next!;
            }

            await _written.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The bus has it: the one behind it is next.</summary>
    internal void Done(SpooledEvent happened)
    {
        lock (_gate)
        {
            // Its file may be gone meanwhile, to make room.
            if (_reading is not null)
                _readOffset += HeaderBytes + Encoding.UTF8.GetByteCount(happened.Subject) + Encoding.UTF8.GetByteCount(happened.MessageId) + 2 + happened.Payload.Length;
            StorePosition();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _writing?.Dispose();
            _reading?.Dispose();
            _position.Dispose();
        }

        _written.Dispose();
    }

    private bool TryRead(out SpooledEvent? next)
    {
        next = null;
        while (_segments.Count > 0)
        {
            if (_reading is null)
            {
                _readSegment = _segments[0];
                _reading = new FileStream(PathOf(_readSegment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                if (_readOffset > _reading.Length)
                    _readOffset = 0;
            }

            next = ReadAt(_reading, _readOffset);
            if (next is not null)
                return true;
            if (_segments.Count == 1 && _writing is not null)
                return false;       // all read; more comes into this file
            RemoveFirst();
            StorePosition();
        }

        return false;
    }

    private static SpooledEvent? ReadAt(FileStream file, long offset)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file.SafeFileHandle, header, offset) < HeaderBytes)
            return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 2 or > MaxRecord)
            return null;
        var body = new byte[length];
        if (RandomAccess.Read(file.SafeFileHandle, body, offset + HeaderBytes) < length || Crc32C.Of(body) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
            return null;
        int first = body.AsSpan().IndexOf((byte)'\n'), second = first < 0 ? -1 : body.AsSpan(first + 1).IndexOf((byte)'\n');
        return second < 0
            ? null
            : new SpooledEvent(Encoding.UTF8.GetString(body, 0, first), Encoding.UTF8.GetString(body, first + 1, second), body[(first + second + 2)..]);
    }

    private void Begin()
    {
        _writing?.Dispose();
        _writing = null;
        long number = Math.Max(_segments.LastOrDefault(), _readSegment) + 1;
        _writing = new FileStream(PathOf(number), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _segments.Add(number);
        while (_segments.Count > 1 && _segments.Sum(SizeOf) > _maxBytes)
        {
            Interlocked.Add(ref _lost, CountIn(_segments[0]));
            RemoveFirst();
        }
    }

    private long CountIn(long segment)
    {
        using var file = new FileStream(PathOf(segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long count = 0, offset = segment == _readSegment ? _readOffset : 0;
        while (ReadAt(file, offset) is { } happened)
        {
            count++;
            offset += HeaderBytes + Encoding.UTF8.GetByteCount(happened.Subject) + Encoding.UTF8.GetByteCount(happened.MessageId) + 2 + happened.Payload.Length;
        }

        return count;
    }

    private void RemoveFirst()
    {
        long number = _segments[0];
        if (number == _readSegment || _reading is not null)
        {
            _reading?.Dispose();
            (_reading, _readOffset) = (null, 0);
        }

        File.Delete(PathOf(number));
        _segments.RemoveAt(0);
        if (_segments.Count > 0)
            _readSegment = _segments[0];
        else
            _readSegment = number;
    }

    private void StorePosition()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _readSegment);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], _readOffset);
        RandomAccess.Write(_position.SafeFileHandle, bytes, 0);
    }

    private long SizeOf(long segment) => new FileInfo(PathOf(segment)) is { Exists: true } file ? file.Length : 0;

    private string PathOf(long segment) => Path.Combine(_directory, segment.ToString("d12", System.Globalization.CultureInfo.InvariantCulture) + Extension);

    private void Signal()
    {
        try
        {
            _written.Release();
        }
        catch (SemaphoreFullException)
        {
            return;     // it is said already
        }
    }
}
