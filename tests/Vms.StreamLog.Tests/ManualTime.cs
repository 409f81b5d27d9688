namespace Vms.StreamLog.Tests;

/// <summary>A clock that only the test moves; nanosecond ticks, as Linux has.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _timestampNs = 1_000_000_000_000;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => _timestampNs;

    internal void Advance(TimeSpan by) => _timestampNs += by.Ticks * 100;
}
