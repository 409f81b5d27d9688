namespace Vms.Media.Egress.Cmaf;

/// <summary>What happens to segments beyond the ordinary. Any thread.</summary>
internal sealed class CmafCounters
{
    private long _cut;
    private long _dropped;

    /// <summary>Segments ended without a keyframe because they were as long as they may be.</summary>
    public long SegmentsCut => Interlocked.Read(ref _cut);

    /// <summary>Segments that left a window early because it held too many bytes.</summary>
    public long SegmentsDropped => Interlocked.Read(ref _dropped);

    public void CountCut() => Interlocked.Increment(ref _cut);

    public void CountDropped() => Interlocked.Increment(ref _dropped);
}
