using Vms.Codecs.H264;

namespace Vms.Rtp.Payloads.H264;

/// <summary>How <see cref="H264Packetizer"/> cuts.</summary>
public sealed record H264PacketizerOptions : VideoPacketizerOptions;

/// <summary>RFC 6184, packetization-mode 1: STAP-A (§5.7.1), single NAL (§5.6), FU-A (§5.8).</summary>
public sealed class H264Packetizer(H264PacketizerOptions options) : VideoPacketizer(options, headerSize: 1)
{
    private protected override IEnumerable<ReadOnlyMemory<byte>> ParameterSetsOf(ReadOnlyMemory<byte> codecParameters) =>
        AvcDecoderConfiguration.TryParse(codecParameters, out var configuration) ? configuration.Sps.Concat(configuration.Pps) : [];

    private protected override bool IsDelimiter(byte header) => H264NalHeader.TypeOf(header) == H264NalUnitType.AccessUnitDelimiter;

    private protected override void BeginAggregate(Span<byte> header, ReadOnlySpan<byte> nal) => header[0] = (byte)H264NalUnitType.StapA;

    // The highest nal_ref_idc and any forbidden bit of what is in it.
    private protected override void ExtendAggregate(Span<byte> header, ReadOnlySpan<byte> nal)
    {
        byte refIdc = (byte)Math.Max(header[0] & H264NalHeader.RefIdcMask, nal[0] & H264NalHeader.RefIdcMask);
        header[0] = (byte)(((nal[0] | header[0]) & H264NalHeader.ForbiddenBit) | refIdc | (byte)H264NalUnitType.StapA);
    }

    private protected override byte WriteFragmentHeader(Span<byte> header, ReadOnlySpan<byte> nal)
    {
        header[0] = (byte)((nal[0] & ~H264NalHeader.TypeMask) | (byte)H264NalUnitType.FuA);
        return (byte)(nal[0] & H264NalHeader.TypeMask);
    }
}
