namespace Vms.Media.Egress.Sound;

/// <summary>Sound that viewers did not get, and why. Any thread.</summary>
internal sealed class SoundCounters
{
    private long _dropped;
    private long _childrenLost;
    private long _converted;
    private long _unfit;

    /// <summary>AAC frames that the converter had no room for, or came while there was none.</summary>
    public long FramesDropped => Interlocked.Read(ref _dropped);

    /// <summary>Converters that ended, or stood still and were ended.</summary>
    public long ConvertersLost => Interlocked.Read(ref _childrenLost);

    /// <summary>Opus packets made of AAC.</summary>
    public long PacketsConverted => Interlocked.Read(ref _converted);

    /// <summary>Frames too long for a packet, or that cannot be packaged.</summary>
    public long FramesUnfit => Interlocked.Read(ref _unfit);

    public void Drop() => Interlocked.Increment(ref _dropped);

    public void LoseConverter() => Interlocked.Increment(ref _childrenLost);

    public void Convert() => Interlocked.Increment(ref _converted);

    public void Unfit() => Interlocked.Increment(ref _unfit);
}
