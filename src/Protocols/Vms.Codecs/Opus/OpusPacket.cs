namespace Vms.Codecs.Opus;

/// <summary>What an Opus packet says of itself in its first byte (RFC 6716 §3.1).</summary>
public static class OpusPacket
{
    public const int TicksPerSecond = 48_000;

    /// <summary>20 ms in which nothing is heard: CELT, full band, mono, the silence flag set (§4.3).</summary>
    public static ReadOnlySpan<byte> Silence => [0xF8, 0xFF, 0xFE];

    /// <summary>Of <see cref="Silence"/>.</summary>
    public const int SilenceTicks = TicksPerSecond / 50;

    private const int MaxTicks = TicksPerSecond * 120 / 1000;

    /// <summary>How long it plays, at 48 kHz; 0 for what is no packet (§3.4).</summary>
    public static int TicksOf(ReadOnlySpan<byte> packet)
    {
        if (packet.IsEmpty)
            return 0;
        int configuration = packet[0] >> 3;
        int frame = configuration switch
        {
            < 12 => (configuration & 3) == 3 ? 2880 : 480 << (configuration & 3),     // SILK: 10, 20, 40, 60 ms
            < 16 => 480 << (configuration & 1),                                         // hybrid: 10, 20 ms
            _ => 120 << (configuration & 3),                                            // CELT: 2.5, 5, 10, 20 ms
        };
        int frames = (packet[0] & 3) switch
        {
            0 => 1,
            3 => packet.Length > 1 ? packet[1] & 63 : 0,
            _ => 2,
        };
        int ticks = frame * frames;
        return ticks > MaxTicks ? 0 : ticks;
    }
}
