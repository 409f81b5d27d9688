namespace Vms.Media.Egress.Cmaf;

/// <summary>What happens to segments and sound beyond the ordinary. Any thread.</summary>
internal sealed class CmafCounters
{
    private long _cut;
    private long _dropped;
    private long _soundLeftOut;

    /// <summary>Segments ended without a keyframe because they were as long as they may be.</summary>
    public long SegmentsCut => Interlocked.Read(ref _cut);

    /// <summary>Segments that left a window early because it held too many bytes.</summary>
    public long SegmentsDropped => Interlocked.Read(ref _dropped);

    /// <summary>Frames of sound that could not be packaged, or came too late for their place.</summary>
    public long SoundLeftOut => Interlocked.Read(ref _soundLeftOut);

    public void CountCut() => Interlocked.Increment(ref _cut);

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public void CountSoundLeftOut() => Interlocked.Increment(ref _soundLeftOut);
}
