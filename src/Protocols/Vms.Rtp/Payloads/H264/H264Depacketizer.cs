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
/// <para>The first unit after a loss is believed only when it begins with what units of this stream begin with.</para>
/// </remarks>
public sealed class H264Depacketizer(AccessUnitBuffer units) : VideoDepacketizer(units)
{
    private const byte FuStart = 0x80;
    private const byte FuEnd = 0x40;

    private uint _timestamp;            // of the unit in progress
    private bool _hasTimestamp;
    private bool _inFragment;           // FU-A start seen, end not yet
    private bool _damaged;              // unit in progress misses something: drop it at its end
    private bool _startIsSure = true;   // nothing was lost in front of the unit in progress
    private bool _lost;                 // packets were lost since the last unit handed out
    private int _dropped;               // units since the last one handed out
    private bool _resyncStarted;        // in this call

    private H264NalUnitType _firstType; // first NAL unit of the unit in progress; Unspecified: none yet
    private bool _hasSlice;
    private bool _hasIdr;
    private bool _hasBSlices;
    private bool _onlyIntra;
    private bool _hasSps;
    private bool _hasRecoveryPoint;

    private H264NalUnitType _keyframeFirstType;     // what keyframes of this stream begin with; Unspecified: none seen
    private uint _endedByMarker;                    // timestamp of the last unit that a marker ended
    private bool _hasEndedByMarker;
    private bool _ignoreMarker;                     // this camera marks every slice

    /// <summary>In-band parameter sets; feed it those of the SDP before the first packet.</summary>
    public H264ParameterSets ParameterSets { get; } = new();

    /// <inheritdoc/>
    public override DepacketizeResult Push(in RtpPacketView packet, int lostBefore)
    {
        Units.Recycle();
        _resyncStarted = false;
        var fault = PayloadFault.None;
        if (lostBefore > 0)
            OnLoss();

        if (_hasTimestamp && packet.Timestamp != _timestamp && !OnNewTimestamp())
            fault = PayloadFault.FragmentWithoutEnd;
        _timestamp = packet.Timestamp;
        _hasTimestamp = true;

        bool knownIncomplete = _damaged || !_startIsSure;
        var payloadFault = PushPayload(packet.Payload);
        if (payloadFault is not (PayloadFault.None or PayloadFault.Empty or PayloadFault.UnsupportedType))
            Damage();

        bool isRestOfIncomplete = knownIncomplete
            && payloadFault is PayloadFault.FragmentWithoutStart or PayloadFault.PictureWithoutStart;
        if (payloadFault != PayloadFault.None && !isRestOfIncomplete)
            fault = payloadFault;

        if (packet.Marker && !_inFragment && (_damaged || (_hasSlice && !_ignoreMarker)))
        {
            _endedByMarker = _timestamp;
            _hasEndedByMarker = true;
            FinishUnit();
        }

        return new DepacketizeResult(fault, Units.HasUnits, _resyncStarted);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        Units.Clear();
        BeginUnit();
        _hasTimestamp = _inFragment = _lost = _hasEndedByMarker = _ignoreMarker = false;
        IsAwaitingKeyframe = true;
        _dropped = 0;
        _keyframeFirstType = H264NalUnitType.Unspecified;
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
            trackId, CodecKind.H264, MediaTime.VideoTimescale, ParameterSets.ToConfiguration(), sps.Width, sps.Height);
    }

    private PayloadFault PushPayload(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return PayloadFault.Empty;

        var type = H264NalHeader.TypeOf(payload[0]);
        if (_inFragment && type != H264NalUnitType.FuA)
        {
            AbandonFragment();
            return PayloadFault.FragmentWithoutEnd;
        }

        return type switch
        {
            H264NalUnitType.StapA => PushStapA(payload[1..]),                                           // §5.7.1
            H264NalUnitType.FuA => PushFuA(payload),                                                    // §5.8
            >= H264NalUnitType.NonIdrSlice and <= H264NalUnitType.Reserved23 => PushSingle(payload),    // §5.6
            H264NalUnitType.Unspecified when BeginsWithStartCode(payload) => PushAnnexB(payload),       // V380
            _ => PayloadFault.UnsupportedType,
        };
    }

    private PayloadFault PushSingle(ReadOnlySpan<byte> nal) =>
        Units.OpenNal(nal) ? CloseNal() : PayloadFault.UnitTooLarge;

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

    private PayloadFault PushFuA(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2)
            return PayloadFault.MalformedFragment;

        byte fuHeader = payload[1];
        if ((fuHeader & FuStart) != 0)
        {
            if (_inFragment)
            {
                AbandonFragment();
                return PayloadFault.FragmentWithoutEnd;
            }

            byte header = (byte)((payload[0] & ~H264NalHeader.TypeMask) | (fuHeader & H264NalHeader.TypeMask));
            if (!Units.OpenNal(header))
                return PayloadFault.UnitTooLarge;
            _inFragment = true;
        }
        else if (!_inFragment)
        {
            return PayloadFault.FragmentWithoutStart;
        }

        if (!Units.Append(payload[2..]))
        {
            AbandonFragment();
            return PayloadFault.UnitTooLarge;
        }

        if ((fuHeader & FuEnd) == 0)
            return PayloadFault.None;

        _inFragment = false;
        return CloseNal();
    }

    private PayloadFault PushAnnexB(ReadOnlySpan<byte> stream)
    {
        foreach (var nal in new AnnexB(stream))
        {
            if (nal.Length < 2 || H264NalHeader.TypeOf(nal[0]) is H264NalUnitType.Unspecified or >= H264NalUnitType.StapA)
                continue;
            if (!Units.OpenNal(nal))
                return PayloadFault.UnitTooLarge;
            var fault = KeepOrDropNal();
            if (fault != PayloadFault.None)
                return fault;
        }

        return PayloadFault.None;
    }

    /// <summary>The open NAL unit is complete.</summary>
    private PayloadFault CloseNal()
    {
        if (AnnexB.IndexOfStartCode(Units.OpenedNal) < 0)
            return KeepOrDropNal();

        // Several NAL units in one (V380, Dahua OEM). Rare enough to pay for a copy.
        byte[] stream = [0, 0, 1, .. Units.OpenedNal];
        Units.DropNal();
        return PushAnnexB(stream);
    }

    private PayloadFault KeepOrDropNal()
    {
        var nal = Units.OpenedNal.TrimEnd((byte)0);
        if (nal.Length < 2)
        {
            Units.DropNal();
            return PayloadFault.None;
        }

        var type = H264NalHeader.TypeOf(nal[0]);
        if (_hasSlice && H264NalHeader.StartsAccessUnit(type))
        {
            FinishUnit();
            nal = Units.OpenedNal[..nal.Length];        // a dropped unit moves it
        }

        switch (type)
        {
            case H264NalUnitType.NonIdrSlice or H264NalUnitType.SliceDataPartitionA or H264NalUnitType.IdrSlice:
                return OnSlice(type, nal);

            case H264NalUnitType.SliceDataPartitionB or H264NalUnitType.SliceDataPartitionC when _hasSlice:
                Units.KeepNal(nal.Length);
                return PayloadFault.None;

            case H264NalUnitType.Sps or H264NalUnitType.Pps:
                Note(type);
                _hasSps |= type == H264NalUnitType.Sps;
                ParameterSets.Update(nal);
                Units.DropNal();
                return PayloadFault.None;

            case H264NalUnitType.Sei or H264NalUnitType.AccessUnitDelimiter:
                Note(type);
                _hasRecoveryPoint |= type == H264NalUnitType.Sei && H264Sei.HasRecoveryPoint(nal);
                Units.KeepNal(nal.Length);
                return PayloadFault.None;

            default:
                Units.DropNal();
                return PayloadFault.None;
        }
    }

    private PayloadFault OnSlice(H264NalUnitType type, ReadOnlySpan<byte> nal)
    {
        if (!H264Slice.TryParse(nal, out var slice))
        {
            Units.DropNal();
            return PayloadFault.MalformedSlice;
        }

        bool mayBeSecondField = ParameterSets.IsComplete && !ParameterSets.Sps.FrameMbsOnly;
        if (slice.BeginsPicture && _hasSlice && !mayBeSecondField)
            FinishUnit();

        if (!slice.BeginsPicture && !_hasSlice && !_damaged)
        {
            if (_hasEndedByMarker && _endedByMarker == _timestamp && _startIsSure)
                _ignoreMarker = true;
            Units.DropNal();
            return PayloadFault.PictureWithoutStart;
        }

        Note(type);
        _onlyIntra = slice.IsIntra && (_onlyIntra || !_hasSlice);
        _hasSlice = true;
        _hasIdr |= type == H264NalUnitType.IdrSlice;
        _hasBSlices |= slice.IsBidirectional;
        Units.KeepNal(nal.Length);
        return PayloadFault.None;
    }

    private void Note(H264NalUnitType type)
    {
        if (_firstType == H264NalUnitType.Unspecified)
            _firstType = type;
    }

    /// <returns>False when a fragmented NAL unit was cut short.</returns>
    private bool OnNewTimestamp()
    {
        bool complete = !_inFragment;
        if (!complete)
            AbandonFragment();
        if (_hasSlice || _damaged)
            FinishUnit();
        return complete;
    }

    private void OnLoss()
    {
        bool inUnit = _inFragment || _hasSlice || _damaged || _firstType != H264NalUnitType.Unspecified;
        _inFragment = false;
        Units.DropNal();
        if (inUnit)
            DropUnit();
        _startIsSure = false;
        if (!_lost && !inUnit)
            _dropped++;         // whole units may be gone; nobody can know how many
        _lost = true;
        StartResync();
    }

    private void AbandonFragment()
    {
        _inFragment = false;
        Units.DropNal();
        Damage();
    }

    private void Damage()
    {
        _damaged = true;
        StartResync();
    }

    private void StartResync()
    {
        _resyncStarted |= !IsAwaitingKeyframe;
        IsAwaitingKeyframe = true;
    }

    private void FinishUnit()
    {
        bool startIsGood = _startIsSure || _firstType == H264NalUnitType.AccessUnitDelimiter
            || (_firstType != H264NalUnitType.Unspecified && _firstType == _keyframeFirstType);
        if (_damaged || !startIsGood)
        {
            DropUnit();
            return;
        }

        bool keyframe = ParameterSets.IsComplete && (_hasIdr || _hasRecoveryPoint || (_hasSps && _onlyIntra));
        if (IsAwaitingKeyframe && !keyframe)
        {
            UndecodableUnits++;
            _dropped++;
            Units.DropUnit();
            BeginUnit();
            return;
        }

        if (keyframe)
            _keyframeFirstType = _firstType;
        Units.FinishUnit(new AccessUnitInfo(_timestamp, keyframe, _hasBSlices, _dropped, ParameterSets.Version));
        IsAwaitingKeyframe = _lost = false;
        _dropped = 0;
        BeginUnit();
    }

    private void DropUnit()
    {
        DamagedUnits++;
        _dropped++;
        StartResync();
        Units.DropUnit();
        BeginUnit();
    }

    private void BeginUnit()
    {
        _firstType = H264NalUnitType.Unspecified;
        _damaged = _hasSlice = _hasIdr = _hasBSlices = _onlyIntra = _hasSps = _hasRecoveryPoint = false;
        _startIsSure = true;
    }

    private static bool BeginsWithStartCode(ReadOnlySpan<byte> payload) => payload is [0, 0, 1, ..] or [0, 0, 0, 1, ..];
}
