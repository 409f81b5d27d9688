namespace Vms.Media.Egress.Sound;

/// <summary>Sound that viewers did not get, and why; and how many children convert. Any thread.</summary>
internal sealed class SoundCounters
{
    /// <summary>Each is a process of some 40 MB; the sound of further streams is dropped and counted.</summary>
    public const int MaxConverters = 32;

    private int _converters;
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

    /// <summary>A place for one more converter; to be given back by <see cref="EndConverter"/>.</summary>
    public bool TryBeginConverter()
    {
        if (Interlocked.Increment(ref _converters) <= MaxConverters)
            return true;
        Interlocked.Decrement(ref _converters);
        return false;
    }

    public void EndConverter() => Interlocked.Decrement(ref _converters);

    public void Drop() => Interlocked.Increment(ref _dropped);

    public void LoseConverter() => Interlocked.Increment(ref _childrenLost);

    public void Convert() => Interlocked.Increment(ref _converted);

    public void Unfit() => Interlocked.Increment(ref _unfit);
}
