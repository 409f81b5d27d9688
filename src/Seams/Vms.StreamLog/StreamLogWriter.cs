using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Codecs;
using Vms.Native.Files;
using Vms.StreamLog.Layout;

namespace Vms.StreamLog;

/// <summary>
/// The one writer of a stream's log. Never waits for a reader. A writer that died leaves a log that the next one continues in the same
/// epoch, with the next sequence number. One caller at a time; <see cref="Append"/> makes no system call and no garbage, except
/// in the moment in which the log grows.
/// </summary>
public sealed partial class StreamLogWriter : IDisposable
{
    /// <summary>Larger payloads are refused.</summary>
    public const int MaxPayloadBytes = 16 << 20;

    /// <summary>A track table with its codec parameters must fit.</summary>
    public const int MaxTrackTableBytes = RingFile.MaxTrackTableBytes;

    private const long MostCaptureUs = long.MaxValue / TimeSpan.TicksPerMicrosecond / 4;

    private const long FirstSequence = 1;

    private readonly StreamLogDirectory _directory;
    private readonly StreamLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FileLock _lock;
    private readonly CapacityMeter _meter;
    private readonly ulong _instance = RandomId();

    private RingFile _ring;
    private long _write;         // position of the next record
    private long _oldest;
    private long _nextSequence;
    private IReadOnlyList<TrackInfo> _tracks = [];
    private ulong _videoTracks;  // bit per track id; 0 when the stream has no video
    private bool _disposed;

    private StreamLogWriter(
        StreamLogDirectory directory, string name, StreamLogOptions options, TimeProvider time, ILogger logger, FileLock held, RingFile ring,
        long nextSequence, bool reopened)
    {
        _directory = directory;
        Name = name;
        _options = options;
        _time = time;
        _logger = logger;
        _lock = held;
        _meter = new CapacityMeter(options.OutageBudget, options.PreRoll);
        _ring = ring;
        Reopened = reopened;
        _nextSequence = nextSequence;
        Adopt();
        if (ring.TryReadTracks(ring.LatestTracksVersion, out IReadOnlyList<TrackInfo> tracks))
            UseTracks(tracks);
    }

    public string Name { get; }

    public ulong Epoch => _ring.Epoch;

    /// <summary>Of the next sample; the first sample of a stream has 1. Goes on when the log grows and when a writer starts again.</summary>
    public long NextSequence => _nextSequence;

    public long CapacityBytes => _ring.Capacity;

    /// <summary>An existing valid log was continued: the first sample should be flagged as a discontinuity.</summary>
    public bool Reopened { get; }

    public IReadOnlyList<TrackInfo> Tracks => _tracks;

    /// <summary>0 until <see cref="SetTracks"/> was called once, by this or an earlier writer.</summary>
    public uint TracksVersion => _ring.LatestTracksVersion;

    /// <summary>Samples that <see cref="Append"/> refused.</summary>
    public long RefusedSamples { get; private set; }

    /// <summary>Opens the log for writing, creating it when there is none that can be continued.</summary>
    /// <exception cref="StreamLogLockedException">Another writer has it.</exception>
    /// <exception cref="StreamLogSpaceException">There is no room for it.</exception>
    public static StreamLogWriter Open(
        StreamLogDirectory directory, string name, StreamLogOptions options, TimeProvider time, ILogger? logger = null)
    {
        options.Validated();
        logger ??= NullLogger.Instance;
        if (!FileLock.TryAcquire(directory.LockPath(name), out FileLock? held))
            throw new StreamLogLockedException(name);
        RingFile? ring = null;
        try
        {
            directory.DeleteLeftovers(name);
            ring = TryContinue(directory, name, logger, out long nextSequence);
            bool reopened = ring is not null;
            ring ??= CreateInPlace(directory, name, options.InitialCapacityBytes);
            return new StreamLogWriter(directory, name, options, time, logger, held!, ring, nextSequence, reopened);
        }
        catch
        {
            ring?.Dispose();
            held!.Dispose();
            throw;
        }
    }

    /// <summary>The file under this name, when an earlier writer's records in it are sound and of this run of the system.</summary>
    private static RingFile? TryContinue(StreamLogDirectory directory, string name, ILogger logger, out long nextSequence)
    {
        nextSequence = FirstSequence;
        RingFile? ring = RingFile.TryOpen(directory.LogPath(name), writable: true, out string? reason);
        if (ring is null)
        {
            if (File.Exists(directory.LogPath(name)))
                Log.NotContinued(logger, name, reason!);
            return null;
        }

        reason = ring.Header.State != RingState.Open ? "it was closed"
            : ring.Header.BootId != BootId.Current ? "it was written before the system was restarted"
            : ring.TryRecover(out nextSequence) ? null
            : "its records are damaged";
        if (reason is null)
            return ring;
        Log.NotContinued(logger, name, reason);
        ring.Dispose();
        nextSequence = FirstSequence;
        return null;
    }

    /// <summary>Takes over the positions of the ring: on opening and after each growth.</summary>
    private void Adopt()
    {
        _write = _ring.Header.WritePosition;
        _oldest = _ring.Header.OldestPosition;
        Volatile.Write(ref _ring.Header.WriterInstance, _instance);
        Heartbeat();
    }

    /// <summary>Publishes the tracks. Returns the table's version, which samples carry; an equal table keeps its version. The newest 8
    /// versions can be read.</summary>
    /// <exception cref="StreamLogException">More than 8 tracks, or more than <see cref="MaxTrackTableBytes"/> of codec parameters.</exception>
    public uint SetTracks(IReadOnlyList<TrackInfo> tracks)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (TracksVersion != 0 && _tracks.SequenceEqual(tracks))
            return TracksVersion;
        if (tracks.Count > TrackTable.MaxTracks || TrackTable.SizeOf(tracks) > MaxTrackTableBytes)
            throw new StreamLogException($"Stream log {Name}: {tracks.Count} tracks with {TrackTable.SizeOf(tracks):N0} bytes exceed the {TrackTable.MaxTracks} tracks and {MaxTrackTableBytes:N0} bytes a log holds.");
        uint version = TracksVersion == uint.MaxValue ? 1 : TracksVersion + 1;
        _ring.WriteTracks(version, TrackTable.Encode(tracks));
        UseTracks([.. tracks]);
        return version;
    }

    private void UseTracks(IReadOnlyList<TrackInfo> tracks)
    {
        _tracks = tracks;
        _videoTracks = 0;
        foreach (TrackInfo track in tracks)
        {
            if (track.IsVideo)
                _videoTracks |= 1UL << track.Id;
        }
    }

    /// <summary>Publishes one sample to every reader. The payload is borrowed for the call.</summary>
    public AppendResult Append(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long size = RecordHeader.SizeOf(payload.Length);
        if (payload.Length > MaxPayloadBytes || !MakeRoomFor(size))
            return Refuse();

        bool resumePoint = IsResumePoint(in header);
        Write(in header, payload, size, resumePoint);

        TimeSpan now = _time.GetElapsedTime(0, _time.GetTimestamp());
        _ring.Header.HeartbeatNs = now.Ticks * 100;
        if (_meter.Add(TimeOf(header.CaptureTimeUs), size, resumePoint, header.IsDiscontinuity))
            GrowAsMeasured(now);
        return AppendResult.Appended;
    }

    /// <summary>No clock shows what is cut off here: differences of two never overflow.</summary>
    private static TimeSpan TimeOf(long captureTimeUs) => TimeSpan.FromMicroseconds(Math.Clamp(captureTimeUs, -MostCaptureUs, MostCaptureUs));

    /// <summary>Order (docs/design/stream-log.md): oldest, barrier, record, write position. A reader that copied a byte of the new record
    /// out of the old one's place finds the oldest position beyond it.</summary>
    private void Write(in SampleHeader header, ReadOnlySpan<byte> payload, long size, bool resumePoint)
    {
        long untilWrap = _ring.Capacity - _write % _ring.Capacity;
        long pad = size > untilWrap ? untilWrap : 0;
        long position = _write + pad;
        long end = position + size;

        AdvanceOldest(end - _ring.Capacity);
        Volatile.WriteBarrier();
        if (pad > 0)
            _ring.WritePad(_write, pad);
        var record = new RecordHeader
        {
            Size = (uint)size,
            Kind = resumePoint ? RecordKind.ResumeSample : RecordKind.Sample,
            TrackId = header.TrackId,
            Flags = header.Flags,
            Cause = header.Cause,
            Sequence = _nextSequence,
            Pts = header.Pts,
            CaptureTimeUs = header.CaptureTimeUs,
            TracksVersion = header.TracksVersion,
            PayloadLength = payload.Length,
        };
        record.Checksum = record.ComputeChecksum(payload);
        _ring.WriteRecord(position, in record, payload);
        if (resumePoint)
            _ring.AddKeyframe(new KeyframeEntry(position, _nextSequence, header.CaptureTimeUs));
        Volatile.Write(ref _ring.Header.WritePosition, end);
        _write = end;
        _nextSequence++;
    }

    /// <summary>Gives up whole records until everything below <paramref name="position"/> may be overwritten.</summary>
    private void AdvanceOldest(long position)
    {
        if (_oldest >= position)
            return;
        while (_oldest < position)
        {
            // Readers map the file read-only, so only damage from outside can make this fail: give up the history, not the stream.
            if (_ring.Peek(_oldest, _write, out RecordHeader record) is PeekResult.Sample or PeekResult.Pad)
                _oldest += record.Size;
            else
                _oldest = _write;
        }

        Volatile.Write(ref _ring.Header.OldestPosition, _oldest);
    }

    private bool IsResumePoint(in SampleHeader header) =>
        _videoTracks != 0 ? header.IsKeyframe && (_videoTracks >> header.TrackId & 1) != 0
        : _tracks.Count > 0 || header.IsKeyframe;

    private AppendResult Refuse()
    {
        RefusedSamples++;
        StreamLogMetrics.RefusedSamples.Add(1);
        return AppendResult.TooLarge;
    }

    /// <summary>Tells readers that the writer lives. Called about once a second while no sample comes.</summary>
    public void Heartbeat()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Volatile.Write(ref _ring.Header.HeartbeatNs, _time.GetElapsedTime(0, _time.GetTimestamp()).Ticks * 100);
    }

    /// <summary>The stream is gone: readers get <see cref="ReadOutcome.Closed"/> after the last sample, and the file is deleted.</summary>
    public void Close()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _disposed = true;
        AbandonGrowth();
        _ring.SetState(RingState.Closed);
        _ring.Dispose();
        _directory.Remove(Name, _ring.Epoch);
        _lock.Delete();
    }

    /// <summary>Lets go of the log, which stays for the next writer and for readers.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        AbandonGrowth();
        _ring.Dispose();
        _lock.Dispose();
    }

    private static ulong RandomId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1;   // never 0
    }
}
