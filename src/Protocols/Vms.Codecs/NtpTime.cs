namespace Vms.Codecs;

/// <summary>64-bit NTP timestamps (RFC 3550 §4): seconds since 1900 in 32.32 fixed point.</summary>
public static class NtpTime
{
    private const long SecondsFrom1900To1970 = 2_208_988_800;
    private const long SecondsPerEra = 1L << 32;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>UTC microseconds since 1970. Seconds in the lower half belong to the era that begins in 2036.</summary>
    public static long ToUnixMicroseconds(ulong ntp)
    {
        long seconds = (long)(ntp >> 32);
        if (seconds < SecondsPerEra / 2)
            seconds += SecondsPerEra;
        return ((seconds - SecondsFrom1900To1970) * MicrosecondsPerSecond) + (long)(((ntp & uint.MaxValue) * (ulong)MicrosecondsPerSecond) >> 32);
    }

    public static ulong FromUnixMicroseconds(long microseconds)
    {
        ulong seconds = (ulong)((microseconds / MicrosecondsPerSecond) + SecondsFrom1900To1970);
        ulong rest = (ulong)(microseconds % MicrosecondsPerSecond);
        return (seconds << 32) | (((rest << 32) + (ulong)MicrosecondsPerSecond - 1) / (ulong)MicrosecondsPerSecond);
    }

    /// <summary>The middle 32 bits, as LSR wants them (RFC 3550 §6.4.1).</summary>
    public static uint Compact(ulong ntp) => (uint)(ntp >> 16);
}
