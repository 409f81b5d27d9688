using Vms.Codecs;

namespace Vms.Media.Egress.Cmaf;

/// <summary>Whether a part can be had.</summary>
internal enum PartOutcome
{
    Found,

    /// <summary>It is the next to be finished.</summary>
    Coming,

    /// <summary>Its segment has fewer parts.</summary>
    SegmentEnded,

    /// <summary>It has left the window, or lies further ahead than anybody should ask.</summary>
    Absent,
}

/// <summary>
/// The last segments of a stream for HLS and DASH: grows by the samples that the egress thread adds, is read by any number of
/// requests. What depends on the stream alone, playlists included, is made once for all viewers.
/// </summary>
/// <remarks>Any thread; <see cref="Configure"/>, <see cref="Add"/>, <see cref="Begin"/> and <see cref="Break"/> belong to the egress thread. Nothing is
/// allocated per sample; a part is a few small objects five times a second.</remarks>
internal sealed partial class CmafWindow(TimeProvider time, CmafCounters counters, TimeSpan? groupOfPictures) : IDisposable
{
    /// <summary>Finished segments kept.</summary>
    public const int Segments = 6;

    /// <summary>A segment of more bytes is cut.</summary>
    public const long MaxSegmentBytes = 32 << 20;

    /// <summary>Of all parts; the oldest segments go before their time.</summary>
    public const long MaxBytes = 96 << 20;

    private const int TicksPerSecond = MediaTime.VideoTimescale;
    private const long PartTicks = TicksPerSecond / 5;
    private const long SegmentTicks = 4 * TicksPerSecond;
    private const int LongestSegmentSeconds = 10;

    /// <summary>Where the distance of keyframes is not known yet.</summary>
    private const int CautiousSegmentSeconds = 6;

    /// <summary>The timeline and the capture times may part by so much before a manifest starts a new period.</summary>
    private const long MaxDriftTicks = TicksPerSecond / 2;

    private const int MinGzipBytes = 1024;

    private readonly Lock _gate = new();
    private readonly List<CmafSegment> _segments = [];
    private readonly List<CmafMessage> _pending = [];       // of the part that grows; shares
    private readonly HashSet<CmafInit> _inits = [];         // of which we hold a share
    private readonly int _targetSeconds = TargetSeconds(groupOfPictures);
    private TaskCompletionSource? _change;
    private CmafInit? _init;
    private CmafRun? _run;
    private long _number = time.GetUtcNow().ToUnixTimeSeconds();    // rises over a restart too: players take no number twice
    private long _partTicks;
    private bool _partIsIndependent;
    private long _longestPart;
    private CmafChunk _last;
    private bool _hasLast;
    private long _lastKeyframeTicks;
    private long _lastAddedUs;
    private bool _isBroken;
    private long _discontinuitiesGone;
    private long? _availabilityStartUs;
    private long _bytes;
    private RenderedPlaylist? _whole;
    private RenderedPlaylist? _delta;
    private bool _begun;
    private bool _disposed;

    /// <summary>Called when <see cref="Change"/> completes, on the thread that made it; must not block. Set before the first sample.</summary>
    public Action<CmafWindow>? Changed { get; init; }

    /// <summary>The longest that a segment may be.</summary>
    public TimeSpan TargetDuration => TimeSpan.FromSeconds(_targetSeconds);

    /// <summary>Bytes of all finished parts.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bits per second of the segments that are there, for who must choose; zero before there is one.</summary>
    public long BandwidthBps
    {
        get
        {
            lock (_gate)
            {
                long most = 0;
                foreach (var segment in _segments)
                {
                    if (segment.PartsTicks > TicksPerSecond / 2)
                        most = Math.Max(most, segment.Bytes * 8 * TicksPerSecond / segment.PartsTicks);
                }

                return most;
            }
        }
    }

    /// <summary>Completes when a part or a segment has been finished, at the latest after about a second. Take it before looking.</summary>
    public Task Change
    {
        get
        {
            lock (_gate)
            {
                if (_disposed)
                    return Task.CompletedTask;
                return (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    public bool IsDisposed
    {
        get
        {
            lock (_gate)
                return _disposed;
        }
    }

    /// <summary>What there was when the window was made is in it: from now on it is shown.</summary>
    public void Begin()
    {
        if (_begun)
            return;
        lock (_gate)
            _begun = _segments.Count > 0;
        if (_begun)
            Signal();
    }

    /// <summary>Until the condition holds, the window is closed or the patience is over.</summary>
    /// <returns>The condition holds.</returns>
    public async ValueTask<bool> WaitAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (condition())
            return true;
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < patience && !cancellationToken.IsCancellationRequested)
        {
            var change = Change;
            if (condition())
                return true;
            if (IsDisposed)
                return false;
            await change;
        }

        return condition();
    }

    /// <summary>There is more than what grows.</summary>
    public bool HasSegment
    {
        get
        {
            lock (_gate)
                return _begun && _segments is [{ IsGrowing: false }, ..];
        }
    }

    /// <summary>Another init segment applies from the next sample on.</summary>
    public void Configure(CmafInit init)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            BreakLocked();
            _init = init;
            _run = null;
        }

        Signal();
    }

    /// <summary>Samples are missing; what grows ends here.</summary>
    public void Break()
    {
        lock (_gate)
            BreakLocked();
        Signal();
    }

    /// <summary>Some sound, in front of the picture that comes next; it belongs to the segment that grows.</summary>
    public void AddSound(CmafMessage sound)
    {
        lock (_gate)
        {
            if (!_disposed && Growing is not null)
                _pending.Add(sound.Share());
        }
    }

    public void Add(in CmafChunk chunk)
    {
        bool changed = false;
        lock (_gate)
        {
            if (_disposed || _init is null)
                return;
            if (chunk.IsDiscontinuity)
                BreakLocked();
            bool open = Growing is not null;
            if (!open && !chunk.IsKeyframe && !(_hasLast && !_isBroken))
                return;     // nobody could decode it
            if (open && MustEndBefore(chunk))
            {
                EndSegment(chunk.DecodeTicks);
                changed = true;
            }

            if (Growing is null)
                BeginSegment(chunk);
            if (_partTicks == 0)
                _partIsIndependent = chunk.IsKeyframe;
            if (chunk.IsKeyframe)
                _lastKeyframeTicks = chunk.DecodeTicks;
            _pending.Add(chunk.Message.Share());
            _partTicks += chunk.DurationTicks;
            (_last, _hasLast, _isBroken) = (chunk, true, false);
            _lastAddedUs = NowUs();
            if (_partTicks + chunk.DurationTicks / 2 > PartTicks)
            {
                EndPart();
                changed = true;
            }
        }

        if (changed)
            Signal();
    }

    /// <summary>Nobody asks any more, or the stream is gone: everything is given back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var chunk in _pending)
                chunk.Release();
            foreach (var segment in _segments)
                segment.Release();
            foreach (var init in _inits)
                init.Release();
            _pending.Clear();
            _segments.Clear();
            _inits.Clear();
            Interlocked.Exchange(ref _bytes, 0);
            (_whole, _delta) = (null, null);
        }

        Signal();
    }

    private CmafSegment? Growing => _segments is [.., { IsGrowing: true } growing] ? growing : null;

    private long NowUs() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    // The whole groups of pictures that come closest to the usual length; where one alone is longer, it is the segment.
    private static int TargetSeconds(TimeSpan? groupOfPictures)
    {
        if (groupOfPictures is not { } group || group <= TimeSpan.Zero)
            return CautiousSegmentSeconds;
        const double Usual = (double)SegmentTicks / TicksPerSecond;
        double groups = Math.Max(1, Math.Floor(Usual / group.TotalSeconds - 0.5) + 1);
        return (int)Math.Clamp(Math.Round(groups * group.TotalSeconds, MidpointRounding.AwayFromZero), 1, LongestSegmentSeconds);
    }

    private bool MustEndBefore(in CmafChunk chunk)
    {
        var segment = Growing!;
        long length = chunk.DecodeTicks - segment.StartDecodeTicks;
        if (chunk.IsKeyframe)
        {
            long group = chunk.DecodeTicks - _lastKeyframeTicks;
            // The first one that viewers see grow ends early: some players do not start without a finished segment.
            if (length + group / 2 > SegmentTicks || (_begun && _segments.Count == 1))
                return true;
        }

        // EXTINF, rounded, may not exceed the target.
        if (length + chunk.DurationTicks <= (_targetSeconds * 2L + 1) * TicksPerSecond / 2 - PartTicks && segment.Bytes < MaxSegmentBytes)
            return false;
        counters.CountCut();
        return true;
    }

    private void BeginSegment(in CmafChunk first)
    {
        bool discontinuous = _isBroken || _run is null;
        if (_run is null || Drift(_run, first) > MaxDriftTicks)
        {
            long named = _run is { } before && before.Init == _init ? before.InitNumber : _number;
            if (_inits.Add(_init!))
                _init!.Share();
            _run = new CmafRun(_number, named, _init!, first.PresentationTicks, first.CaptureTimeUs);
        }

        _segments.Add(new CmafSegment(_number++, _run, discontinuous && _segments.Count > 0, first));
    }

    private static long Drift(CmafRun run, in CmafChunk first) => Math.Abs(
        MediaTime.Rescale(first.CaptureTimeUs - run.StartCaptureUs, 1_000_000, TicksPerSecond) - (first.PresentationTicks - run.StartTicks));

    private void EndPart()
    {
        if (_partTicks == 0)
            return;     // sound at most: it goes with the next part
        var part = new CmafPart([.. _pending], _partTicks, _partIsIndependent);
        _pending.Clear();
        _longestPart = Math.Max(_longestPart, _partTicks);
        _partTicks = 0;
        Growing!.Add(part);
        Interlocked.Add(ref _bytes, part.Bytes);
        (_whole, _delta) = (null, null);
    }

    private void EndSegment(long atDecodeTicks)
    {
        if (Growing is not { } segment)
            return;
        EndPart();
        segment.Finish(atDecodeTicks - segment.StartDecodeTicks);
        (_whole, _delta) = (null, null);
        while (_segments.Count > Segments)
            DropOldest();
        while (_segments.Count > 1 && Bytes > MaxBytes)
        {
            DropOldest();
            counters.CountDropped();
        }
    }

    private void BreakLocked()
    {
        if (_hasLast && !_isBroken)
            EndSegment(_last.DecodeTicks + _last.DurationTicks);
        foreach (var sound in _pending)
            sound.Release();
        _pending.Clear();
        _isBroken = true;
    }

    private void DropOldest()
    {
        var oldest = _segments[0];
        _segments.RemoveAt(0);
        Interlocked.Add(ref _bytes, -oldest.Bytes);
        if (_segments[0].IsDiscontinuous)
            _discontinuitiesGone++;
        var init = oldest.Run.Init;
        oldest.Release();
        if (init != _init && _segments.TrueForAll(s => s.Run.Init != init) && _inits.Remove(init))
            init.Release();
    }

    /// <summary>Lets waiting requests look whether they have waited long enough.</summary>
    public void Wake() => Signal();

    private void Signal()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
            (waiting, _change) = (_change, null);
        waiting?.TrySetResult();
        Changed?.Invoke(this);
    }
}
