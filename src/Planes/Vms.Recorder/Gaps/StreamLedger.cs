using System.Security.Cryptography;
using System.Text;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Gaps;

/// <summary>
/// The books of one recorded stream: what is on disk, what is lost and why. Wall time since the recording began is recorded time
/// plus gaps plus the outage that goes on. Written by the pool's writer thread and the drain thread; read by any.
/// </summary>
internal sealed class StreamLedger(string cameraId, string stream, TimeProvider time)
{
    /// <summary>Silence that is shown as an outage. A fragment may be a second old before it is written.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(3);

    private const long JitterUs = 500_000;

    private readonly Lock _gate = new();
    private readonly double[] _lostSeconds = new double[Enum.GetValues<GapCause>().Length];
    private readonly byte[] _chain = new byte[ChainLink.HashBytes];
    private WrittenPosition _written;
    private WrittenPosition _reached;       // the furthest that is in any file
    private long _lastSampleAt;
    private DateOnly _day;
    private bool _recording;
    private GapCause _outageCause;
    private volatile WriteFailure? _failure;
    private volatile int _run;
    private volatile StreamHead? _head;
    private int _queued;

    public string CameraId { get; } = cameraId;

    public string Stream { get; } = stream;

    public long BytesTotal { get; private set; }

    public long FragmentsTotal { get; private set; }

    public double RecordedSeconds { get; private set; }

    public long BytesToday { get; private set; }

    public double LostSecondsToday { get; private set; }

    /// <summary>Samples of tracks that cannot be stored.</summary>
    public long SamplesIgnored { get; private set; }

    /// <summary>Samples that could not be decoded because no keyframe came before them in the segment.</summary>
    public long SamplesBeforeKeyframe { get; private set; }

    public long LastCaptureTimeUs { get; private set; }

    /// <summary>The last sample that is in a file, and how far the books reach.</summary>
    public WrittenPosition Written
    {
        get
        {
            lock (_gate)
            {
                return _written;
            }
        }
    }

    /// <summary>The chain of the last fragment that is in a file: what is written next is chained to it. Only while nothing is written.</summary>
    public ReadOnlySpan<byte> Chain => _chain;

    /// <summary>The last signed head in a file since the start; null before the first.</summary>
    public StreamHead? Head => _head;

    public void Signed(StreamHead head) => _head = head;

    /// <summary>The disk did not take a fragment: whatever is still queued behind it is thrown away, and the drain thread reads it from
    /// the stream log again. Set by the writer thread, acknowledged by <see cref="NextRun"/>.</summary>
    public WriteFailure? Failure => _failure;

    /// <summary>What is queued belongs to a run; a failure ends the run.</summary>
    public int Run => _run;

    public void Fail(WriteFailure failure) => _failure = failure;

    /// <summary>The drain thread has gone back to <see cref="Written"/>: what it queues from now on is written.</summary>
    public void NextRun()
    {
        _run++;
        _failure = null;
    }

    /// <summary>Jobs of this stream that wait for a pool's writer, in whichever queue. Until there are none the stream goes on in no other pool: its
    /// fragments, gaps and closes stay in order.</summary>
    public int Queued => Volatile.Read(ref _queued);

    public void JobQueued() => Interlocked.Increment(ref _queued);

    public void JobDone() => Interlocked.Decrement(ref _queued);

    /// <summary>Seconds lost so far, by cause; the outage that goes on is not in it.</summary>
    public double LostSeconds(GapCause cause)
    {
        lock (_gate)
        {
            return _lostSeconds[(int)cause];
        }
    }

    /// <summary>Where the books of an earlier run ended. What was booked as a gap behind its last sample stays booked.</summary>
    /// <param name="chain">Of the last fragment; empty when it has none.</param>
    public void Restore(WrittenPosition position, ReadOnlySpan<byte> chain)
    {
        lock (_gate)
        {
            chain.CopyTo(_chain);
            bool sameSample = _written.Epoch == position.Epoch && _written.LastSequence == position.LastSequence;
            _written = sameSample ? position with { EndUs = Math.Max(position.EndUs, _written.EndUs) } : position;
            _reached = _written;
        }
    }

    /// <summary>From now on wall time is accounted for. <paramref name="beganUs"/> counts when nothing was ever recorded.</summary>
    public void Begin(long beganUs)
    {
        lock (_gate)
        {
            _recording = true;
            _outageCause = GapCause.CameraOffline;
            _lastSampleAt = time.GetTimestamp();
            if (_written.EndUs == 0)
            {
                _written = _written with { EndUs = beganUs };
            }
        }
    }

    /// <summary>Nothing was ever recorded, and only what follows is accounted for. Only while nothing is queued.</summary>
    public void BeginsWith(long beganUs)
    {
        lock (_gate)
        {
            if (!_written.HasSample)
            {
                _written = _written with { EndUs = beganUs };
            }
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _recording = false;
        }
    }

    /// <summary>A sample went into the fragment being built.</summary>
    public void SampleSeen(long captureTimeUs)
    {
        Volatile.Write(ref _lastSampleAt, time.GetTimestamp());
        LastCaptureTimeUs = captureTimeUs;
    }

    public void SampleIgnored() => SamplesIgnored++;

    public void SampleBeforeKeyframe() => SamplesBeforeKeyframe++;

    public GapCause OutageCause
    {
        get
        {
            lock (_gate)
            {
                return _outageCause;
            }
        }
    }

    /// <summary>What an outage that goes on is put down to.</summary>
    public void OutageIs(GapCause cause)
    {
        lock (_gate)
        {
            _outageCause = cause;
        }
    }

    /// <summary>A fragment is in its file.</summary>
    /// <param name="chain">With it.</param>
    public void Recorded(in FragmentHeader fragment, ReadOnlySpan<byte> chain)
    {
        long endUs = fragment.EndUs;
        lock (_gate)
        {
            chain.CopyTo(_chain);
            TurnDay();
            // Capture times jitter by a fraction of a frame: without a gap in between, the fragment begins where the last one ended.
            bool follows = Math.Abs(fragment.FirstCaptureTimeUs - _written.EndUs) < JitterUs;
            // Begun anew in another pool, from the keyframe that is needed: what is recorded twice counts once.
            bool again = fragment.Epoch == _reached.Epoch && fragment.FirstSequence <= _reached.LastSequence;
            long fromUs = again ? Math.Max(fragment.FirstCaptureTimeUs, _reached.EndUs) : follows ? _written.EndUs : fragment.FirstCaptureTimeUs;
            RecordedSeconds += Math.Max(0, endUs - fromUs) / 1e6;
            _written = new WrittenPosition(fragment.Epoch, fragment.LastSequence, endUs);
            _reached = again && _reached.LastSequence > _written.LastSequence ? _reached : _written;
            BytesTotal += fragment.Length;
            BytesToday += fragment.Length;
            FragmentsTotal++;
        }
    }

    /// <summary>A gap is on the books.</summary>
    public void Lost(GapRow gap)
    {
        double seconds = (gap.To - gap.From).TotalSeconds;
        lock (_gate)
        {
            TurnDay();
            _lostSeconds[(int)gap.Cause] += seconds;
            LostSecondsToday += gap.IsIntended ? 0 : seconds;
            _written = _written with { EndUs = Math.Max(_written.EndUs, UnixTime.ToMicroseconds(gap.To)) };
        }
    }

    /// <summary>A loss that came to light afterwards, behind which the books go on already.</summary>
    public void Found(GapRow gap)
    {
        double seconds = (gap.To - gap.From).TotalSeconds;
        lock (_gate)
        {
            TurnDay();
            _lostSeconds[(int)gap.Cause] += seconds;
            LostSecondsToday += seconds;
        }
    }

    /// <summary>Time since the last sample, on the monotonic clock.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _lastSampleAt));

    /// <summary>The outage that goes on now, as a gap that ends now; null while samples come.</summary>
    public GapRow? CurrentOutage()
    {
        lock (_gate)
        {
            if (!_recording || Silence < s_silence)
            {
                return null;
            }

            long nowUs = UnixTime.ToMicroseconds(time.GetUtcNow());
            return nowUs > _written.EndUs ? GapRowOf(_written, _written.EndUs, nowUs, _outageCause, open: true) : null;
        }
    }

    /// <summary>The same gap always gets the same id: booked again after a crash it is still one gap.</summary>
    /// <param name="behind">The last sample before it: a clock that is set back tells the same time twice.</param>
    public GapRow GapRowOf(WrittenPosition behind, long fromUs, long toUs, GapCause cause, bool open)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{CameraId}/{Stream}/{behind.Epoch}/{behind.LastSequence}/{fromUs}"), hash);
        return new GapRow(
            new Guid(hash[..16]),
            CameraId,
            Stream,
            UnixTime.FromMicroseconds(fromUs),
            UnixTime.FromMicroseconds(toUs),
            cause,
            open,
            Version: (int)Math.Clamp((toUs - fromUs) / 1000, 1, int.MaxValue));
    }

    private void TurnDay()
    {
        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (day != _day)
        {
            _day = day;
            BytesToday = 0;
            LostSecondsToday = 0;
        }
    }
}

/// <summary>Why a stream cannot be written.</summary>
/// <param name="Reason">The status reason: diskFull or writeError.</param>
/// <param name="Segment">The one that did not take a fragment; recording goes on in it.</param>
/// <param name="SegmentLost">Unless it is this: its file is not what was written any more.</param>
internal sealed record WriteFailure(string Reason, string Detail, SegmentFile? Segment, bool SegmentLost = false)
{
    public const string DiskFull = "diskFull";
    public const string WriteError = "writeError";
}

/// <summary>How far a stream is on disk.</summary>
/// <param name="LastSequence">Of the last sample in a file; the next one is where recording goes on.</param>
/// <param name="EndUs">Wall time up to which everything is recorded or booked as a gap; 0 for never.</param>
internal readonly record struct WrittenPosition(ulong Epoch, long LastSequence, long EndUs)
{
    public bool HasSample => Epoch != 0 || LastSequence != 0;
}
