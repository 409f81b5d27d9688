namespace Vms.Media.Conversion;

/// <summary>What all conversions of the plane have done. Any thread.</summary>
internal sealed class ConversionCounters
{
    private long _pictures;
    private long _skipped;
    private long _lost;
    private long _ended;
    private long _stalled;
    private long _malformed;
    private long _refused;

    /// <summary>Pictures converted.</summary>
    public long Pictures => Volatile.Read(ref _pictures);

    /// <summary>Left out because the child did not keep up, or the stream log was overrun.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Given to a child that made nothing of them.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Children that ended by themselves, or were killed.</summary>
    public long Ended => Volatile.Read(ref _ended);

    /// <summary>Children that stood still.</summary>
    public long Stalled => Volatile.Read(ref _stalled);

    /// <summary>Children that wrote something else than pictures of ours.</summary>
    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Viewers refused because all slots were taken.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public void Picture() => Interlocked.Increment(ref _pictures);

    public void Skip(long pictures) => Interlocked.Add(ref _skipped, pictures);

    public void Lose(int pictures) => Interlocked.Add(ref _lost, pictures);

    public void Refuse() => Interlocked.Increment(ref _refused);

    public void End(ConversionEnd end) => Interlocked.Increment(
        ref end == ConversionEnd.Stalled ? ref _stalled : ref end == ConversionEnd.Malformed ? ref _malformed : ref _ended);
}
