namespace Vms.Rtp.Payloads;

/// <summary>One complete access unit. Borrowed from its <see cref="AccessUnitBuffer"/> until the next packet is pushed.</summary>
public readonly ref struct AccessUnit(ReadOnlySpan<byte> data, AccessUnitInfo info)
{
    /// <summary>Length-prefixed NAL units, 4 bytes big-endian, without parameter sets.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    public AccessUnitInfo Info { get; } = info;
}

/// <summary>What is known of an access unit besides its bytes.</summary>
/// <param name="Timestamp">RTP timestamp of its packets. Two units may carry the same one (Reolink Duo 2).</param>
/// <param name="IsKeyframe">Decoding can start here and the parameter sets are known.</param>
/// <param name="HasBSlices">Holds B slices: output order differs from decoding order.</param>
/// <param name="DroppedBefore">Units that came before it and were not handed out: damaged, or undecodable after damage.
/// A loss of whole units that nobody saw counts as one.</param>
/// <param name="ParameterSetsVersion">The depacketizer's parameter sets this unit decodes with.</param>
public readonly record struct AccessUnitInfo(
    uint Timestamp, bool IsKeyframe, bool HasBSlices, int DroppedBefore, uint ParameterSetsVersion);
