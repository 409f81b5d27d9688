namespace Vms.Rtp.Payloads;

/// <summary>How a <see cref="VideoPacketizer"/> cuts.</summary>
public abstract record VideoPacketizerOptions
{
    /// <summary>Largest RTP packet with its header, bytes: 1200 leaves room for SRTP, UDP and tunnels in 1280.</summary>
    public int MaxPacketSize { get; init; } = 1200;

    public byte PayloadType { get; init; } = 96;

    public uint Ssrc { get; init; }

    public ushort FirstSequenceNumber { get; init; }

    /// <summary>Leaves access unit delimiters out: no receiver of RTP needs them.</summary>
    public bool DropAccessUnitDelimiters { get; init; } = true;
}
