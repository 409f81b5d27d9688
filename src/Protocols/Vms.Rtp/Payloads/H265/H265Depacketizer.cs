using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Codecs.H265;

namespace Vms.Rtp.Payloads.H265;

/// <summary>
/// Rebuilds H.265 access units from in-order RTP payloads: single NAL, AP, FU (RFC 7798 §4.4.1, §4.4.2, §4.4.3); of a PACI packet
/// (§4.4.4) what it wraps.
/// </summary>
/// <remarks>
/// <para>Deviations accepted:</para>
/// <list type="bullet">
/// <item>FU with S and E both set (OpenIPC), FU without data, with a type that changes between fragments: the first one's counts.</item>
/// <item>No marker bit at all: a new timestamp ends the unit. Marker on parameter sets or SEI: a unit without slice does not end.</item>
/// <item>Parameter sets with the previous picture's timestamp, or one of their own (Reolink): they join the next picture.</item>
/// <item>Two pictures with one timestamp: first_slice_segment_in_pic_flag tells them apart. Marker on every slice: learnt.</item>
/// <item>Annex B start codes in front of or between NAL units inside one payload (Dahua OEM).</item>
/// <item>AP with a single NAL unit, or empty ones between others.</item>
/// </list>
/// <para>Keyframes are IRAP pictures: IDR, BLA, CRA. After the start and after a loss the RASL pictures behind a CRA refer to what never
/// came; those behind a BLA always do: left out, counted as undecodable, and no loss. Decoding order numbers are skipped: packets
/// come in decoding order from every camera that sends them.</para>
/// <para>Output: length-prefixed NAL units of the base layer without parameter sets (they go to <see cref="ParameterSets"/>), filler and
/// end-of-sequence; AUD and SEI are kept.</para>
/// </remarks>
public sealed class H265Depacketizer(AccessUnitBuffer units) : NalUnitDepacketizer(units)
{
    private const int DonSize = 2;
    private const int AggregateDondSize = 1;
    private const byte WholeNal = 0xC0;         // start and end in one fragment
    private const byte ForbiddenBit = 0x80;

    private bool _isIrap;
    private bool _isCra;
    private bool _isBla;
    private bool _isRasl;
    private bool _skipRasl;

    /// <summary>In-band parameter sets; feed it those of the SDP before the first packet.</summary>
    public H265ParameterSets ParameterSets { get; } = new();

    /// <summary>sprop-max-don-diff of the SDP is above 0: payloads carry decoding order numbers (RFC 7798 §4.4.1).</summary>
    public bool HasDecodingOrderNumbers { get; set; }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        _skipRasl = false;
    }

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
            trackId, CodecKind.H265, MediaTime.VideoTimescale, ParameterSets.ToConfiguration(), sps.Width, sps.Height);
    }

    private protected override int DelimiterType => (int)H265NalUnitType.AccessUnitDelimiter;

    private protected override int FragmentType => (int)H265NalUnitType.Fu;

    private protected override uint ParameterSetsVersion => ParameterSets.Version;

    private protected override bool IsKeyframe => _isIrap && ParameterSets.IsComplete;

    private protected override bool HasBSlices => !_isIrap && ParameterSets.Sps.MaxNumReorderPictures > 0;

    private protected override bool IsSkipped => _isRasl && _skipRasl;

    private protected override int TypeOf(byte header) => (int)H265NalHeader.TypeOf(header);

    private protected override PayloadFault PushWhole(ReadOnlySpan<byte> payload)
    {
        if (BeginsWithStartCode(payload))
            return PushAnnexB(payload);
        if (payload.Length < H265NalHeader.Size)
            return PayloadFault.Empty;

        return H265NalHeader.TypeOf(payload[0]) switch
        {
            H265NalUnitType.Ap => PushAggregate(payload[H265NalHeader.Size..]),
            H265NalUnitType.Paci => PushPaci(payload),
            < H265NalUnitType.Ap => PushOne(payload),
            _ => PayloadFault.UnsupportedType,
        };
    }

    // §4.4.3
    private protected override PayloadFault PushFragmentPayload(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < H265NalHeader.Size + 1)
            return PayloadFault.MalformedFragment;

        byte fuHeader = payload[2];
        var data = payload[3..];
        bool isStart = (fuHeader & 0x80) != 0;
        if (HasDecodingOrderNumbers && isStart)
        {
            if (data.Length < DonSize)
                return PayloadFault.MalformedFragment;
            data = data[DonSize..];
        }

        byte first = (byte)((payload[0] & ~H265NalHeader.TypeMask) | ((fuHeader & 0x3F) << 1));
        return PushFragment(fuHeader, [first, payload[1]], data);
    }

    private protected override bool IsNalUnit(ReadOnlySpan<byte> nal) =>
        nal.Length > H265NalHeader.Size && H265NalHeader.TypeOf(nal[0]) < H265NalUnitType.Ap && H265NalHeader.HasTemporalId(nal);

    private protected override bool StartsUnit(int type) => H265NalHeader.StartsAccessUnit((H265NalUnitType)type);

    private protected override void ClearUnit() => _isIrap = _isCra = _isBla = _isRasl = false;

    private protected override PayloadFault Take(int type, ReadOnlySpan<byte> nal)
    {
        var nalType = (H265NalUnitType)type;
        if (H265NalHeader.LayerOf(nal) != 0)
        {
            Units.DropNal();
            return PayloadFault.None;
        }

        if (H265NalHeader.IsSlice(nalType))
            return TakeSlice(nalType, nal);

        switch (nalType)
        {
            case H265NalUnitType.Vps or H265NalUnitType.Sps or H265NalUnitType.Pps:
                Note(type);
                ParameterSets.Update(nal);
                Units.DropNal();
                return PayloadFault.None;

            case H265NalUnitType.PrefixSei or H265NalUnitType.AccessUnitDelimiter:
                Note(type);
                Units.KeepNal(nal.Length);
                return PayloadFault.None;

            case H265NalUnitType.SuffixSei when HasSlice:
                Units.KeepNal(nal.Length);
                return PayloadFault.None;

            default:
                Units.DropNal();
                return PayloadFault.None;
        }
    }

    private protected override void OnHandedOut(bool afterResync)
    {
        if (_isIrap)
            _skipRasl = _isBla || (_isCra && afterResync);
    }

    private PayloadFault TakeSlice(H265NalUnitType type, ReadOnlySpan<byte> nal)
    {
        var fault = H265Slice.TryParse(nal, out var slice)
            ? PlaceSlice((int)type, slice.BeginsPicture, mayBeSecondField: false, out _)
            : PayloadFault.MalformedSlice;
        if (fault != PayloadFault.None)
        {
            Units.DropNal();
            return fault;
        }

        _isIrap |= H265NalHeader.IsIrap(type);
        _isCra |= type == H265NalUnitType.Cra;
        _isBla |= type is >= H265NalUnitType.BlaWLp and <= H265NalUnitType.BlaNLp;
        _isRasl |= H265NalHeader.IsSkippedLeading(type);
        Units.KeepNal(nal.Length);
        return PayloadFault.None;
    }

    // §4.4.1: the number stands between the NAL header and the rest.
    private PayloadFault PushOne(ReadOnlySpan<byte> payload)
    {
        if (!HasDecodingOrderNumbers)
            return PushSingle(payload);
        if (payload.Length < H265NalHeader.Size + DonSize)
            return PayloadFault.MalformedAggregate;

        return PushFragment(WholeNal, payload[..H265NalHeader.Size], payload[(H265NalHeader.Size + DonSize)..]);
    }

    // §4.4.2
    private PayloadFault PushAggregate(ReadOnlySpan<byte> aggregate)
    {
        int number = DonSize;
        while (!aggregate.IsEmpty)
        {
            if (HasDecodingOrderNumbers)
            {
                if (aggregate.Length < number)
                    return PayloadFault.MalformedAggregate;
                aggregate = aggregate[number..];
                number = AggregateDondSize;
            }

            if (aggregate.Length < 2)
                return PayloadFault.MalformedAggregate;
            int size = BinaryPrimitives.ReadUInt16BigEndian(aggregate);
            if (size > aggregate.Length - 2)
                return PayloadFault.MalformedAggregate;

            var nal = aggregate.Slice(2, size);
            aggregate = aggregate[(2 + size)..];
            if (nal.IsEmpty)
                continue;
            if (H265NalHeader.TypeOf(nal[0]) >= H265NalUnitType.Ap)
                return PayloadFault.MalformedAggregate;

            var fault = PushSingle(nal);
            if (fault != PayloadFault.None)
                return fault;
        }

        return PayloadFault.None;
    }

    // §4.4.4: payload header, then A (1), cType (6), PHSsize (5), F0..F2, Y (4), the extension, and the payload of type cType.
    private PayloadFault PushPaci(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 4)
            return PayloadFault.MalformedAggregate;

        int fields = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        int type = (fields >> 9) & 0x3F;
        var inner = payload[4..];
        int extension = (fields >> 4) & 0x1F;
        if (type >= (int)H265NalUnitType.Ap || inner.Length <= extension)
            return PayloadFault.UnsupportedType;

        byte first = (byte)(((fields >> 8) & ForbiddenBit) | (type << 1) | (payload[0] & 1));
        return PushFragment(WholeNal, [first, payload[1]], inner[extension..]);
    }
}
