using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>One track's part of the fragment being built: its samples' times, sizes and flags, and the clock that outlives the fragment.</summary>
/// <remarks>
/// DTS from PTS. Without reordering DTS = PTS. With it, the n-th sample in decode order decodes at the n-th smallest PTS of the
/// fragment minus one constant delay: the smallest delay that keeps DTS ≤ PTS. That needs a fragment that is complete in
/// presentation order, which <see cref="Fmp4FragmentBuilder.CanEndBefore"/> sees to. What still does not fit (a camera that repeats
/// or turns back its timestamps) is moved one tick behind the sample before it and counted; so is a stray timestamp far ahead of
/// those that follow (Intelbras, mediamtx#6255), which no reordering explains: it gets its decode time.
/// </remarks>
internal sealed class FragmentTrack(TrackInfo info)
{
    private const int InitialSamples = 64;

    private long[] _pts = new long[InitialSamples];
    private long[] _dts = new long[InitialSamples];
    private int[] _sizes = new int[InitialSamples];
    private bool[] _keyframes = new bool[InitialSamples];
    private bool _reordered;
    private bool _stray;                // a timestamp in the fragment is further ahead than any reordering
    private int _sinceMax;              // samples since the one with MaxPts
    private bool _started;

    public TrackInfo Info => info;

    public int Count { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>CRC32C of its samples' payloads, one behind the other.</summary>
    public uint Checksum { get; private set; }

    public TrackClock Clock { get; private set; } = new(0, -1, 0, info.Timescale / 25);

    /// <summary>Samples whose time had to be moved since the track was created.</summary>
    public long TimesMoved { get; private set; }

    public long MinPts { get; private set; }

    public long MaxPts { get; private set; }

    /// <summary>Whether a sample that follows may still belong before one that is here.</summary>
    public bool IsInsideReordering(long nextPts) => Count > 0 && nextPts <= MaxPts && _sinceMax < MaxReorderedSamples;

    public ReadOnlySpan<int> Sizes => _sizes.AsSpan(0, Count);

    public ReadOnlySpan<bool> Keyframes => _keyframes.AsSpan(0, Count);

    /// <summary>Media time; valid after <see cref="DeriveTimes"/>, as are the offsets and durations.</summary>
    public long FirstDts => _dts[0];

    public bool HasCompositionOffsets => Clock.DecodeDelay > 0;

    public bool IsStarted => _started;

    /// <param name="ptsOrigin">The PTS that becomes media time 0, before a decode delay is known.</param>
    public void Start(long ptsOrigin)
    {
        _started = true;
        Clock = Clock with { PtsOrigin = ptsOrigin };
    }

    /// <summary>The track's timestamps go on elsewhere: from here on the same media time is another PTS.</summary>
    public void Rebase(long ptsOrigin)
    {
        long by = ptsOrigin - Clock.PtsOrigin;
        foreach (ref long pts in _pts.AsSpan(0, Count)) pts += by;
        MinPts += by;
        MaxPts += by;
        Clock = Clock with { PtsOrigin = ptsOrigin };
    }

    /// <summary>Back to before the first sample of a segment; the usual distance of samples is kept as a first guess.</summary>
    public void Reset()
    {
        Clear();
        _started = false;
        Clock = new TrackClock(0, -1, 0, Clock.NominalDuration);
    }

    public void Resume(in TrackClock clock)
    {
        _started = true;
        Clock = clock;
    }

    /// <param name="checksum">CRC32C of its payload.</param>
    public void Add(long pts, int size, bool keyframe, uint checksum)
    {
        if (Count == _pts.Length) Grow();
        if (Count == 0)
        {
            MinPts = MaxPts = pts;
            _sinceMax = 0;
        }
        else
        {
            _reordered |= info.IsVideo && pts < _pts[Count - 1];
            _sinceMax = pts > MaxPts ? 0 : _sinceMax + 1;
            MinPts = Math.Min(MinPts, pts);
            MaxPts = Math.Max(MaxPts, pts);
        }

        _pts[Count] = pts;
        _sizes[Count] = size;
        _keyframes[Count] = keyframe;
        Count++;
        Bytes += size;
        Checksum = Crc32C.Shift(Checksum, size) ^ checksum;
    }

    public void Clear()
    {
        Count = 0;
        Bytes = 0;
        Checksum = 0;
        _reordered = _stray = false;
    }

    /// <summary>Decode delay that the samples of the whole fragment need, in the track's timescale.</summary>
    public int RequiredDelay()
    {
        if (!_reordered) return 0;

        _pts.AsSpan(0, Count).CopyTo(_dts);
        _dts.AsSpan(0, Count).Sort();
        long delay = 0;
        for (int i = 0; i < Count; i++) delay = Math.Max(delay, _dts[i] - _pts[i]);
        _stray = delay > (long)info.Timescale * MaxDelaySeconds;
        return _stray ? 0 : (int)delay;
    }

    /// <summary>Fills the decode times of all samples. The delay may only have grown since the last fragment.</summary>
    public void DeriveTimes(int decodeDelay, long ptsOrigin)
    {
        var pts = _pts.AsSpan(0, Count);
        var dts = _dts.AsSpan(0, Count);
        if (_stray) MoveStrays(pts);
        pts.CopyTo(dts);
        if (_reordered) dts.Sort();
        long last = Clock.LastDts;
        for (int i = 0; i < dts.Length; i++)
        {
            long ideal = dts[i] - ptsOrigin - decodeDelay;
            long time = Math.Max(ideal, last + 1);
            if (time > pts[i] - ptsOrigin) TimesMoved++;
            dts[i] = last = time;
        }

        int nominal = Count > 1 && dts[^1] > dts[0]
            ? (int)Math.Min((dts[^1] - dts[0]) / (Count - 1), (long)info.Timescale * MaxDelaySeconds)
            : Clock.NominalDuration;
        Clock = new TrackClock(ptsOrigin, last, decodeDelay, Math.Max(1, nominal));
    }

    /// <param name="nextDts">Decode time of the first sample after this fragment, or negative when not known.</param>
    public uint DurationAt(int i, long nextDts)
    {
        long duration = i + 1 < Count ? _dts[i + 1] - _dts[i]
            : nextDts > _dts[i] ? nextDts - _dts[i]
            : Clock.NominalDuration;
        return (uint)Math.Min(duration, uint.MaxValue);
    }

    public uint CompositionOffsetAt(int i) => (uint)Math.Clamp(_pts[i] - Clock.PtsOrigin - _dts[i], 0, int.MaxValue);

    // From the end: nothing may be shown further ahead of what follows than reordering allows.
    private void MoveStrays(Span<long> pts)
    {
        long limit = (long)info.Timescale * MaxDelaySeconds;
        MinPts = MaxPts = pts[^1];
        for (int i = pts.Length - 2; i >= 0; i--)
        {
            if (pts[i] - MinPts > limit)
            {
                pts[i] = MinPts;
                TimesMoved++;
            }

            MinPts = Math.Min(MinPts, pts[i]);
            MaxPts = Math.Max(MaxPts, pts[i]);
        }
    }

    private void Grow()
    {
        int size = _pts.Length * 2;
        Array.Resize(ref _pts, size);
        Array.Resize(ref _dts, size);
        Array.Resize(ref _sizes, size);
        Array.Resize(ref _keyframes, size);
    }

    // H.264 allows 16 reordered pictures; a camera slower than 2 fps that uses them all does not exist.
    private const int MaxReorderedSamples = 16;
    private const int MaxDelaySeconds = 10;
}
