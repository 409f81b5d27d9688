using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;
using Vms.StreamLog.Layout;

namespace Vms.StreamLog;

/// <summary>
/// Reads a stream's log, in any process, without a system call per sample and without the writer knowing. A new reader stands at the
/// oldest sample that is still there. One caller at a time.
/// </summary>
public sealed partial class StreamLogReader : IDisposable
{
    /// <summary>Without a new sample for this long the reader looks whether its file still has the name.</summary>
    private static readonly TimeSpan s_nameCheckInterval = TimeSpan.FromSeconds(1);

    private const int MaxLapsPerRead = 64;

    private readonly TimeProvider _time;
    private readonly string _path;
    private RingFile _ring;

    private long _position;
    private long _sequence;          // of the sample at _position; while skipping, the first one lost
    private bool _skipping;          // lost samples: walking to the next keyframe
    private bool _damaged;           // the record at _position failed its checksum
    private bool _idle;              // the last read found nothing
    private long _idleSince;         // timestamp of the first such read, or of the last look at the name
    private bool _toldSuperseded;    // the name was looked at because the file says so
    private bool _nameMissing;       // at the last look
    private bool _closed;

    private RingFile? _leased;       // its mapping is counted until the lease ends
    private int _leaseThread;
    private bool _disposed;

    private uint _tracksVersion;
    private IReadOnlyList<TrackInfo> _tracks = [];

    private StreamLogReader(string name, string path, RingFile ring, TimeProvider time)
    {
        Name = name;
        _path = path;
        _ring = ring;
        _time = time;
    }

    public string Name { get; }

    public ulong Epoch => _ring.Epoch;

    /// <summary>Of the sample that the next read is to give.</summary>
    public long NextSequence => _sequence;

    /// <summary>Changes when another writer has taken over.</summary>
    public ulong WriterInstance
    {
        get
        {
            using MappingHold hold = new(_ring);
            return Volatile.Read(ref _ring.Header.WriterInstance);
        }
    }

    /// <summary>Time since the writer last gave a sign of life.</summary>
    public TimeSpan WriterSilence
    {
        get
        {
            using MappingHold hold = new(_ring);
            TimeSpan now = _time.GetElapsedTime(0, _time.GetTimestamp());
            var heartbeat = TimeSpan.FromTicks(Math.Max(0, Volatile.Read(ref _ring.Header.HeartbeatNs) / 100));
            return now > heartbeat ? now - heartbeat : TimeSpan.Zero;
        }
    }

    /// <summary>After <see cref="ReadOutcome.Overrun"/>: what was lost. <see cref="SequenceRange.To"/> is the keyframe the reader stands at.</summary>
    public SequenceRange LastOverrun { get; private set; }

    /// <summary>After <see cref="ReadOutcome.Moved"/>: the new file does not continue the old one; sequence numbers begin anew and nobody
    /// knows what was lost. False after a log has only grown.</summary>
    public bool MovedToNewLineage { get; private set; }

    /// <summary>False when there is no such log, or one of a layout that this version does not understand.</summary>
    /// <exception cref="IOException">What has the name is a link or another account's file, or the system refused to open or map it.</exception>
    public static bool TryOpen(StreamLogDirectory directory, string name, TimeProvider time, [NotNullWhen(true)] out StreamLogReader? reader)
    {
        reader = null;
        string path = directory.LogPath(name);
        RingFile? ring = RingFile.TryOpen(path, writable: false, out _);
        if (ring is null)
            return false;
        if (ring.ReadState() == RingState.Closed)
        {
            ring.Dispose();
            return false;
        }

        reader = new StreamLogReader(name, path, ring, time);
        reader.StandAtOldest();
        return true;
    }

    /// <summary>Bytes of the log that are still to be read; 0 = all read.</summary>
    public long BacklogBytes
    {
        get
        {
            using MappingHold hold = new(_ring);
            return Math.Max(0, _ring.ReadEnd() - _position);
        }
    }

    /// <summary>The newest track table's version; 0 = none yet.</summary>
    public uint LatestTracksVersion
    {
        get
        {
            using MappingHold hold = new(_ring);
            return _ring.LatestTracksVersion;
        }
    }

    /// <summary>The table with that version; false when it is not among the newest 8. Allocates only for a version not asked for before.</summary>
    public bool TryGetTracks(uint version, out IReadOnlyList<TrackInfo> tracks)
    {
        if (version != 0 && version == _tracksVersion)
        {
            tracks = _tracks;
            return true;
        }

        using MappingHold hold = new(_ring);
        if (!_ring.TryReadTracks(version, out tracks))
            return false;
        _tracksVersion = version;
        _tracks = tracks;
        return true;
    }

    /// <summary>The next sample, or why there is none. An uncommitted sample is given again.</summary>
    public ReadOutcome TryRead(out SampleLease lease)
    {
        EndLease();
        lease = default;
        RingFile ring = _ring;
        var outcome = ReadOutcome.Empty;
        bool counted = false;
        ring.Mapping.DangerousAddRef(ref counted);
        try
        {
            outcome = Advance(out RecordHeader record);
            if (outcome == ReadOutcome.Sample)
            {
                _leased = ring;
                _leaseThread = Environment.CurrentManagedThreadId;
                lease = new SampleLease(this, ring.Epoch, in record, ring.PayloadAt(_position, record.PayloadLength));
            }

            return outcome;
        }
        finally
        {
            if (outcome != ReadOutcome.Sample)
                ring.Mapping.DangerousRelease();   // a sample's count goes with its lease
        }
    }

    /// <summary>Walks to the next sample; only what a validated copy of a record header says is believed.</summary>
    private ReadOutcome Advance(out RecordHeader record)
    {
        record = default;
        for (int laps = 0; laps < MaxLapsPerRead;)
        {
            long end = _ring.ReadEnd();
            if (_position == end)
            {
                if (Idle() is not { } outcome)
                    continue;
                return outcome;
            }

            _idle = false;
            PeekResult result = end - _position > _ring.Capacity ? PeekResult.Lapped : _ring.Peek(_position, end, out record);
            if (result == PeekResult.Lapped)
            {
                SkipToKeyframe(fromPosition: 0);
                laps++;
            }
            else if (result == PeekResult.Corrupt || _damaged)
            {
                StreamLogMetrics.DamagedRecords.Add(1);
                SkipToKeyframe(fromPosition: _position + 1);
            }
            else if (result == PeekResult.Pad)
            {
                _position += record.Size;
            }
            else if (!_skipping)
            {
                if (record.Sequence == _sequence)
                    return ReadOutcome.Sample;
                SkipToKeyframe(fromPosition: _position);   // a writer dropped a record it found damaged
            }
            else if (record.IsResumePoint && record.Sequence > _sequence)
            {
                LastOverrun = new SequenceRange(_sequence, record.Sequence);
                _sequence = record.Sequence;
                _skipping = false;
                StreamLogMetrics.Overruns.Add(1);
                StreamLogMetrics.OverrunSamples.Add(LastOverrun.Count);
                return ReadOutcome.Overrun;
            }
            else
            {
                _position += record.Size;
            }
        }

        return ReadOutcome.Empty;   // the writer is faster than this reader looks for a keyframe
    }

    /// <summary>Goes to the oldest keyframe that is not about to be overwritten, else to the newest, else waits at the end for one to come.
    /// The end is read before the keyframes: one published in between is met by walking on from there.</summary>
    private void SkipToKeyframe(long fromPosition)
    {
        _skipping = true;
        _damaged = false;
        long end = _ring.ReadEnd();
        long safe = end - _ring.Capacity / 8 * 7;   // an eighth of the log away from the writer
        bool found = _ring.TryFindKeyframe(KeyframeChoice.OldestFromSequence, _sequence + 1, Math.Max(fromPosition, safe), end, out KeyframeEntry keyframe)
            || _ring.TryFindKeyframe(KeyframeChoice.Newest, 0, fromPosition, end, out keyframe) && keyframe.Sequence > _sequence;
        _position = found ? keyframe.Position : end;
    }

    internal bool IsIntact(in RecordHeader record, ReadOnlySpan<byte> payload)
    {
        var ring = LeasedRing(record);
        if (record.ComputeChecksum(payload) == record.Checksum)
            return true;
        _damaged = ring.StillHolds(_position);
        EndLease();
        return false;
    }

    internal bool Commit(in RecordHeader record, ReadOnlySpan<byte> payload, bool verifyChecksum)
    {
        var ring = LeasedRing(record);
        bool damaged = verifyChecksum && record.ComputeChecksum(payload) != record.Checksum;
        bool held = ring.StillHolds(_position);
        bool accepted = held && !damaged;
        if (accepted)
        {
            _position += record.Size;
            _sequence++;
        }

        _damaged = held && damaged;
        EndLease();
        return accepted;
    }

    private RingFile LeasedRing(in RecordHeader record) =>
        _leased is { } ring && record.Sequence == _sequence
            ? ring
            : throw new InvalidOperationException("The lease has ended: it was committed, or the reader was used since.");

    private void EndLease()
    {
        RingFile? leased = _leased;
        _leased = null;
        leased?.Mapping.DangerousRelease();
    }

    /// <summary>Unmaps the log, unless another thread still holds a lease: then when that is committed.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_leaseThread == Environment.CurrentManagedThreadId)
            EndLease();
        _ring.Dispose();
    }

    /// <summary>Keeps the mapping for a short look into it.</summary>
    private readonly ref struct MappingHold
    {
        private readonly RingFile _held;

        internal MappingHold(RingFile ring)
        {
            bool counted = false;
            ring.Mapping.DangerousAddRef(ref counted);
            _held = ring;
        }

        public void Dispose() => _held.Mapping.DangerousRelease();
    }
}
