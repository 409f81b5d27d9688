using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Vms.Codecs;

namespace Vms.Hosting.Events;

/// <summary>
/// The events that the bus has not acknowledged yet, in order, in files: neither the end of this process nor an absent bus loses any, as long as there is
/// room. Files of <see cref="SegmentBytes"/>; above <see cref="MaxBytes"/> the oldest file goes, and what was in it is counted until somebody was told.
/// Written without waiting for the disk: a power cut may lose what the system has not written yet, half a minute as a rule; the end of the process loses nothing. One writer at a time (locked), one reader.
/// </summary>
/// <remarks>Record: length (4, little endian), CRC32C (4), then subject, message id and payload, parted by line feeds. A record that is torn or damaged
/// ends its file. The position file holds file number and offset of what is to be read next, and what was lost and not told yet: how many, and the times of
/// the first and the last one (microseconds, 0: not known).</remarks>
public sealed class EventSpool : IDisposable
{
    internal const long SegmentBytes = 1 << 20;
    internal const long MaxBytes = 64 << 20;

    /// <summary>Above every event: crop and path are bounded.</summary>
    private const int MaxRecord = 256 << 10;

    private const int HeaderBytes = 8;
    private const int PositionBytes = 40;
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
    private bool _isGiven;                          // the next record was given to the reader, who may be sending it
    private SpoolLoss? _loss;                       // not told yet
    private long _lost;
    private bool _isClosed;

    /// <param name="directory">Its own; made when it is not there.</param>
    public EventSpool(string directory)
        : this(directory, SegmentBytes, MaxBytes)
    {
    }

    internal EventSpool(string directory, long segmentBytes = SegmentBytes, long maxBytes = MaxBytes)
    {
        (_directory, _segmentBytes, _maxBytes) = (directory, segmentBytes, maxBytes);
        Directory.CreateDirectory(directory);
        _segments.AddRange(Directory.EnumerateFiles(directory, "*" + Extension)
            .Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), out long number) ? number : 0).Where(n => n > 0).Order());
        _position = new FileStream(Path.Combine(directory, "position"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var stored = new byte[PositionBytes];       // what is not there is 0
        _position.ReadAtLeast(stored, stored.Length, throwOnEndOfStream: false);
        (_readSegment, _readOffset) = (NumberAt(0), NumberAt(8));
        if (NumberAt(16) is > 0 and var lost)
            _loss = new SpoolLoss(lost, TimeAt(24), TimeAt(32));
        // What was read to its end goes; a new file is begun, so that a torn last record ends the old one.
        while (_segments.Count > 0 && _segments[0] < _readSegment)
            RemoveFirst();
        if (_segments.Count == 0 || _segments[0] != _readSegment)
            (_readSegment, _readOffset) = (_segments.Count > 0 ? _segments[0] : _readSegment, 0);     // a number that was read is not given again
        if (_segments.Count > 0)
            _written.Release();

        long NumberAt(int offset) => BinaryPrimitives.ReadInt64LittleEndian(stored.AsSpan(offset));
        DateTimeOffset? TimeAt(int offset) => NumberAt(offset) is not 0 and var microseconds ? DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds) : null;
    }

    /// <summary>Events lost because the bus was away for too long, or the disk full, since the start.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Events lost that nobody was told of, also before the start; null: none.</summary>
    public SpoolLoss? Loss
    {
        get
        {
            lock (_gate)
                return _loss;
        }
    }

    /// <summary>Bytes on the disk.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _segments.Sum(SizeOf);
        }
    }

    /// <summary>False, counted, when the disk does not take it.</summary>
    public bool Append(SpooledEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        byte[] head = Encoding.UTF8.GetBytes($"{happened.Subject}\n{happened.MessageId}\n");
        var record = new byte[HeaderBytes + head.Length + happened.Payload.Length];
        if (record.Length > MaxRecord)
        {
            Lose(1, happened.At, happened.At);
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
                if (_isClosed)
                    return false;       // the process ends, and what still runs finds out later
                if (_writing is null || _writing.Length >= _segmentBytes)
                    Begin();
                Write(record);
                if (_written.CurrentCount == 0)
                    _written.Release();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Lose(1, happened.At, happened.At);
            return false;
        }

        return true;
    }

    /// <summary>The next event; waits for one. The same again until <see cref="Done"/> is called.</summary>
    public async Task<SpooledEvent> NextAsync(CancellationToken cancellationToken)
    {
        SpooledEvent? next;
        while (!TryNext(out next))
            await _written.WaitAsync(cancellationToken);
        return next;
    }

    /// <summary>The next event, if there is one. The same again until <see cref="Done"/> is called.</summary>
    public bool TryNext([NotNullWhen(true)] out SpooledEvent? next)
    {
        lock (_gate)
            return _isGiven = TryRead(out next);
    }

    /// <summary>The bus has it: the one behind it is next.</summary>
    public void Done(SpooledEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        lock (_gate)
        {
            // Its file may be gone meanwhile, to make room.
            if (_reading is not null)
                _readOffset += LengthOf(happened);
            _isGiven = false;
            StorePosition();
        }
    }

    /// <summary>The loss was told; what was lost since then is still to be.</summary>
    public void Told(SpoolLoss loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        lock (_gate)
        {
            _loss = _loss is { } now && now.Count > loss.Count ? now with { Count = now.Count - loss.Count, From = loss.To } : null;
            StorePosition();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _writing?.Dispose();
            _reading?.Dispose();
            _position.Dispose();
            _written.Dispose();
        }
    }

    private bool TryRead([NotNullWhen(true)] out SpooledEvent? next)
    {
        next = null;
        while (_segments.Count > 0 && !_isClosed)
        {
            if (_reading is null)
            {
                _readSegment = _segments[0];
                if (!File.Exists(PathOf(_readSegment)))     // somebody has made room
                {
                    RemoveFirst();
                    continue;
                }

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

    /// <summary>Null: nothing more is there that can be read.</summary>
    private static SpooledEvent? ReadAt(FileStream file, long offset)
    {
        try
        {
            return TryReadAt(file, offset);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static SpooledEvent? TryReadAt(FileStream file, long offset)
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

    /// <summary>All of it or nothing: what stands behind half a record is not found.</summary>
    private void Write(byte[] record)
    {
        long before = _writing!.Length;
        try
        {
            _writing.Write(record);
        }
        catch (IOException)
        {
            _writing.SetLength(before);
            throw;
        }
    }

    private void Begin()
    {
        _writing?.Dispose();
        _writing = null;
        Directory.CreateDirectory(_directory);
        long number = Math.Max(_segments.LastOrDefault(), _readSegment) + 1;
        _writing = new FileStream(PathOf(number), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _segments.Add(number);
        while (_segments.Count > 1 && _segments.Sum(SizeOf) > _maxBytes)
        {
            LoseAllIn(_segments[0]);
            RemoveFirst();
            StorePosition();
        }
    }

    private void LoseAllIn(long segment)
    {
        if (!File.Exists(PathOf(segment)))
            return;
        using var file = new FileStream(PathOf(segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long count = 0, offset = segment == _readSegment ? _readOffset : 0;
        bool isGiven = segment == _readSegment && _isGiven;     // that one is being sent, and not lost
        SpooledEvent? first = null, last = null;
        for (; ReadAt(file, offset) is { } happened; offset += LengthOf(happened))
        {
            if (isGiven)
            {
                isGiven = false;
                continue;
            }

            count++;
            first ??= happened;
            last = happened;
        }

        if (count > 0)
            Lose(count, first!.At, last!.At);
    }

    /// <summary>Counted, and remembered until somebody was told.</summary>
    private void Lose(long count, DateTimeOffset? from, DateTimeOffset? to)
    {
        Interlocked.Add(ref _lost, count);
        lock (_gate)
        {
            _loss = new SpoolLoss(count + (_loss?.Count ?? 0), _loss is null ? from : _loss.From, to ?? _loss?.To);
            try
            {
                StorePosition();
            }
            catch (IOException)
            {
                return;     // the disk takes nothing: this process remembers it
            }
        }
    }

    private void RemoveFirst()
    {
        long number = _segments[0];
        if (number == _readSegment || _reading is not null)
        {
            _reading?.Dispose();
            (_reading, _readOffset, _isGiven) = (null, 0, false);
        }

        if (File.Exists(PathOf(number)))
            File.Delete(PathOf(number));
        _segments.RemoveAt(0);
        if (_segments.Count > 0)
        {
            _readSegment = _segments[0];
            return;
        }

        _readSegment = number;
        _writing?.Dispose();
        _writing = null;
    }

    private void StorePosition()
    {
        if (_isClosed)
            return;
        Span<byte> bytes = stackalloc byte[PositionBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _readSegment);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], _readOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], _loss?.Count ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], MicrosecondsOf(_loss?.From));
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], MicrosecondsOf(_loss?.To));
        RandomAccess.Write(_position.SafeFileHandle, bytes, 0);

        static long MicrosecondsOf(DateTimeOffset? time) => time is { } known ? (known - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : 0;
    }

    /// <summary>Of its record.</summary>
    private static int LengthOf(SpooledEvent happened) =>
        HeaderBytes + Encoding.UTF8.GetByteCount(happened.Subject) + Encoding.UTF8.GetByteCount(happened.MessageId) + 2 + happened.Payload.Length;

    private long SizeOf(long segment) => new FileInfo(PathOf(segment)) is { Exists: true } file ? file.Length : 0;

    private string PathOf(long segment) => Path.Combine(_directory, segment.ToString("d12", System.Globalization.CultureInfo.InvariantCulture) + Extension);
}
