using Vms.Codecs.H265;

namespace Vms.Rtp.Payloads.H265;

/// <summary>How <see cref="H265Packetizer"/> cuts.</summary>
public sealed record H265PacketizerOptions : VideoPacketizerOptions;

/// <summary>RFC 7798 without decoding order numbers: AP (§4.4.2), single NAL (§4.4.1), FU (§4.4.3).</summary>
public sealed class H265Packetizer(H265PacketizerOptions options) : VideoPacketizer(options, H265NalHeader.Size)
{
    private const byte LayerLowMask = 0xF8;
    private const byte TemporalIdMask = 7;

    private protected override IEnumerable<ReadOnlyMemory<byte>> ParameterSetsOf(ReadOnlyMemory<byte> codecParameters) =>
        HevcDecoderConfiguration.TryParse(codecParameters, out var configuration)
            ? configuration.Vps.Concat(configuration.Sps).Concat(configuration.Pps)
            : [];

    private protected override bool IsDelimiter(byte header) => H265NalHeader.TypeOf(header) == H265NalUnitType.AccessUnitDelimiter;

    private protected override void BeginAggregate(Span<byte> header, ReadOnlySpan<byte> nal)
    {
        header[0] = (byte)((nal[0] & ~H265NalHeader.TypeMask) | ((byte)H265NalUnitType.Ap << 1));
        header[1] = nal[1];
    }

    // The lowest temporal id of what is in it; all of it is of one layer.
    private protected override void ExtendAggregate(Span<byte> header, ReadOnlySpan<byte> nal)
    {
        header[0] |= (byte)(nal[0] & 0x80);
        header[1] = (byte)((header[1] & LayerLowMask) | Math.Min(header[1] & TemporalIdMask, nal[1] & TemporalIdMask));
    }

    private protected override byte WriteFragmentHeader(Span<byte> header, ReadOnlySpan<byte> nal)
    {
        header[0] = (byte)((nal[0] & ~H265NalHeader.TypeMask) | ((byte)H265NalUnitType.Fu << 1));
        header[1] = nal[1];
        return (byte)H265NalHeader.TypeOf(nal[0]);
    }
}
