using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Codecs.H264;

namespace Vms.Rtp.Payloads.H264;

/// <summary>
/// Rebuilds H.264 access units from in-order RTP payloads: single NAL, STAP-A, FU-A
/// (RFC 6184 §5.6, §5.7.1, §5.8; packetization-mode 0 and 1).
/// </summary>
/// <remarks>
/// <para>Deviations accepted:</para>
/// <list type="bullet">
/// <item>FU-A with S and E both set (CostarHD, OpenIPC SSC378DE).</item>
/// <item>FU-A without data (retina#115), with the reserved bit set (HeroSpeed), with a type that changes between fragments
/// (Tiandy): the first fragment's type counts.</item>
/// <item>No marker bit at all: a new timestamp ends the unit (FLIR M400).</item>
/// <item>Marker on SPS, PPS or SEI (Tapo TC70, Reolink Duo 2, LV-IP22IR40DVBL): a unit without slice does not end.</item>
/// <item>Parameter sets with the previous picture's timestamp, or one of their own (Reolink RLC-822A): they join the next picture.</item>
/// <item>Two pictures with one timestamp (Reolink Duo 2): first_mb_in_slice tells them apart.</item>
/// <item>Marker on every slice of a picture: learnt from the first slice that comes late; from then on timestamps end units.</item>
/// <item>Annex B start codes in front of or between NAL units inside one payload (V380, Dahua OEM).</item>
/// <item>Keyframes that are not IDR: recovery point SEI, or intra slices only right behind an SPS (intra refresh, open GOP).</item>
/// </list>
/// <para>Output: length-prefixed NAL units in the <see cref="AccessUnitBuffer"/>, without parameter sets (they go to
/// <see cref="ParameterSets"/>), filler, end-of-sequence and the layers of annexes G to I; AUD and SEI are kept.</para>
/// </remarks>
public sealed class H264Depacketizer(AccessUnitBuffer units) : NalUnitDepacketizer(units)
{
    private bool _hasIdr;
    private bool _hasBSlices;
    private bool _onlyIntra;
    private bool _hasSps;
    private bool _hasRecoveryPoint;

    /// <summary>In-band parameter sets; feed it those of the SDP before the first packet.</summary>
    public H264ParameterSets ParameterSets { get; } = new();

    /// <inheritdoc/>
    public override void UpdateParameterSets(ReadOnlySpan<byte> nal) => ParameterSets.Update(nal);

    /// <inheritdoc/>
    public override void ClearParameterSets() => ParameterSets.Clear();

    /// <inheritdoc/>
    public override TrackInfo? Describe(byte trackId)
    {
        if (!ParameterSets.IsComplete)
            return null;

        var sps = ParameterSets.Sps;
        return new TrackInfo(
            trackId, CodecKind.H264, MediaTime.VideoTimescale, ParameterSets.ToConfiguration(), sps.Width, sps.Height);
    }

    private protected override int DelimiterType => (int)H264NalUnitType.AccessUnitDelimiter;

    private protected override int FragmentType => (int)H264NalUnitType.FuA;

    private protected override uint ParameterSetsVersion => ParameterSets.Version;

    private protected override bool IsKeyframe => ParameterSets.IsComplete && (_hasIdr || _hasRecoveryPoint || (_hasSps && _onlyIntra));

    private protected override bool HasBSlices => _hasBSlices;

    private protected override int TypeOf(byte header) => (int)H264NalHeader.TypeOf(header);

    private protected override PayloadFault PushWhole(ReadOnlySpan<byte> payload) => H264NalHeader.TypeOf(payload[0]) switch
    {
        H264NalUnitType.StapA => PushStapA(payload[1..]),                                           // §5.7.1
        >= H264NalUnitType.NonIdrSlice and <= H264NalUnitType.Reserved23 => PushSingle(payload),    // §5.6
        H264NalUnitType.Unspecified when BeginsWithStartCode(payload) => PushAnnexB(payload),       // V380
        _ => PayloadFault.UnsupportedType,
    };

    // §5.8
    private protected override PayloadFault PushFragmentPayload(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2)
            return PayloadFault.MalformedFragment;

        byte header = (byte)((payload[0] & ~H264NalHeader.TypeMask) | (payload[1] & H264NalHeader.TypeMask));
        return PushFragment(payload[1], [header], payload[2..]);
    }

    private protected override bool IsNalUnit(ReadOnlySpan<byte> nal) =>
        nal.Length >= 2 && H264NalHeader.TypeOf(nal[0]) is not H264NalUnitType.Unspecified and < H264NalUnitType.StapA;

    private protected override bool StartsUnit(int type) => H264NalHeader.StartsAccessUnit((H264NalUnitType)type);

    private protected override void ClearUnit() => _hasIdr = _hasBSlices = _onlyIntra = _hasSps = _hasRecoveryPoint = false;

    private protected override PayloadFault Take(int type, ReadOnlySpan<byte> nal)
    {
        switch ((H264NalUnitType)type)
        {
            case H264NalUnitType.NonIdrSlice or H264NalUnitType.SliceDataPartitionA or H264NalUnitType.IdrSlice:
                return TakeSlice(type, nal);

            case H264NalUnitType.SliceDataPartitionB or H264NalUnitType.SliceDataPartitionC when HasSlice:
                Units.KeepNal(nal.Length);
                return PayloadFault.None;

            case H264NalUnitType.Sps or H264NalUnitType.Pps:
                Note(type);
                _hasSps |= type == (int)H264NalUnitType.Sps;
                ParameterSets.Update(nal);
                Units.DropNal();
                return PayloadFault.None;

            case H264NalUnitType.Sei or H264NalUnitType.AccessUnitDelimiter:
                Note(type);
                _hasRecoveryPoint |= type == (int)H264NalUnitType.Sei && H264Sei.HasRecoveryPoint(nal);
                Units.KeepNal(nal.Length);
                return PayloadFault.None;

            default:
                Units.DropNal();
                return PayloadFault.None;
        }
    }

    private PayloadFault TakeSlice(int type, ReadOnlySpan<byte> nal)
    {
        if (!H264Slice.TryParse(nal, out var slice))
        {
            Units.DropNal();
            return PayloadFault.MalformedSlice;
        }

        bool mayBeSecondField = ParameterSets.IsComplete && !ParameterSets.Sps.FrameMbsOnly;
        var fault = PlaceSlice(type, slice.BeginsPicture, mayBeSecondField, out bool isFirst);
        if (fault != PayloadFault.None)
        {
            Units.DropNal();
            return fault;
        }

        _onlyIntra = slice.IsIntra && (_onlyIntra || isFirst);
        _hasIdr |= type == (int)H264NalUnitType.IdrSlice;
        _hasBSlices |= slice.IsBidirectional;
        Units.KeepNal(nal.Length);
        return PayloadFault.None;
    }

    private PayloadFault PushStapA(ReadOnlySpan<byte> aggregate)
    {
        while (aggregate.Length >= 2)
        {
            int size = BinaryPrimitives.ReadUInt16BigEndian(aggregate);
            if (size > aggregate.Length - 2)
                return PayloadFault.MalformedAggregate;

            var nal = aggregate.Slice(2, size);
            aggregate = aggregate[(2 + size)..];
            if (nal.IsEmpty)
                continue;
            if (H264NalHeader.TypeOf(nal[0]) is H264NalUnitType.Unspecified or >= H264NalUnitType.StapA)
                return PayloadFault.MalformedAggregate;

            var fault = PushSingle(nal);
            if (fault != PayloadFault.None)
                return fault;
        }

        return aggregate.IsEmpty ? PayloadFault.None : PayloadFault.MalformedAggregate;
    }
}
