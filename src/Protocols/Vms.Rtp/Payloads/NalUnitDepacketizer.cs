using Vms.Codecs.H264;

namespace Vms.Rtp.Payloads;

/// <summary>
/// What the depacketizers of H.264 and H.265 have in common: where access units begin and end, and which are given up. The codec's
/// own type takes payloads apart and knows its NAL units.
/// </summary>
/// <remarks>
/// Output: length-prefixed NAL units without parameter sets. The first unit after a loss is believed only when it begins with what
/// units of this stream begin with.
/// </remarks>
public abstract class NalUnitDepacketizer(AccessUnitBuffer units) : VideoDepacketizer(units)
{
    private const int None = -1;
    private const byte FuStart = 0x80;
    private const byte FuEnd = 0x40;

    private uint _timestamp;                // of the unit in progress
    private bool _hasTimestamp;
    private bool _inFragment;               // fragmentation unit's start seen, end not yet
    private bool _damaged;                  // unit in progress misses something: drop it at its end
    private bool _startIsSure = true;       // nothing was lost in front of the unit in progress
    private bool _lost;                     // packets were lost since the last unit handed out
    private int _dropped;                   // units since the last one handed out
    private bool _resyncStarted;            // in this call
    private int _firstType = None;          // first NAL unit of the unit in progress
    private int _keyframeFirstType = None;  // what keyframes of this stream begin with
    private uint _endedByMarker;            // timestamp of the last unit that a marker ended
    private bool _hasEndedByMarker;
    private bool _ignoreMarker;             // this camera marks every slice

    /// <summary>The unit in progress has a slice.</summary>
    private protected bool HasSlice { get; private set; }

    /// <inheritdoc/>
    public sealed override DepacketizeResult Push(in RtpPacketView packet, int lostBefore)
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

        if (packet.Marker && !_inFragment && (_damaged || (HasSlice && !_ignoreMarker)))
        {
            _endedByMarker = _timestamp;
            _hasEndedByMarker = true;
            FinishUnit();
        }

        return new DepacketizeResult(fault, Units.HasUnits, _resyncStarted);
    }

    /// <inheritdoc/>
    public sealed override int TakeLost(bool andUnfinished)
    {
        int lost = _dropped + (andUnfinished && (_inFragment || HasSlice || _damaged) ? 1 : 0);
        _dropped = 0;
        return lost;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        Units.Clear();
        BeginUnit();
        _hasTimestamp = _inFragment = _lost = _hasEndedByMarker = _ignoreMarker = false;
        IsAwaitingKeyframe = true;
        _dropped = 0;
        _keyframeFirstType = None;
    }

    /// <summary>Access unit delimiters begin a unit in every stream that has them.</summary>
    private protected abstract int DelimiterType { get; }

    private protected abstract int FragmentType { get; }

    private protected abstract uint ParameterSetsVersion { get; }

    /// <summary>Decoding can start at the unit in progress.</summary>
    private protected abstract bool IsKeyframe { get; }

    private protected abstract bool HasBSlices { get; }

    private protected abstract int TypeOf(byte header);

    /// <summary>A payload other than a fragment; not empty.</summary>
    private protected abstract PayloadFault PushWhole(ReadOnlySpan<byte> payload);

    /// <summary>A payload of <see cref="FragmentType"/>: ends in <see cref="PushFragment"/>.</summary>
    private protected abstract PayloadFault PushFragmentPayload(ReadOnlySpan<byte> payload);

    /// <summary>Whether bytes between two start codes can be a NAL unit.</summary>
    private protected abstract bool IsNalUnit(ReadOnlySpan<byte> nal);

    /// <summary>The open NAL unit of this type begins the next unit when it comes behind a slice.</summary>
    private protected abstract bool StartsUnit(int type);

    /// <summary>Decides over the open NAL unit: keeps it, drops it, or takes it as a parameter set.</summary>
    private protected abstract PayloadFault Take(int type, ReadOnlySpan<byte> nal);

    /// <summary>A good unit that no decoder will show; only asked while no keyframe is awaited.</summary>
    private protected virtual bool IsSkipped => false;

    /// <summary>A new unit begins: forget what the codec noted of the last one.</summary>
    private protected abstract void ClearUnit();

    /// <summary>The unit was handed out.</summary>
    private protected virtual void OnHandedOut(bool afterResync)
    {
    }

    private protected PayloadFault PushSingle(ReadOnlySpan<byte> nal) => Units.OpenNal(nal) ? CloseNal() : PayloadFault.UnitTooLarge;

    /// <param name="fuHeader">Start and end bit on top.</param>
    /// <param name="nalHeader">Of the NAL unit that is fragmented.</param>
    private protected PayloadFault PushFragment(byte fuHeader, ReadOnlySpan<byte> nalHeader, ReadOnlySpan<byte> data)
    {
        if ((fuHeader & FuStart) != 0)
        {
            if (_inFragment)
            {
                AbandonFragment();
                return PayloadFault.FragmentWithoutEnd;
            }

            if (!Units.OpenNal(nalHeader))
                return PayloadFault.UnitTooLarge;
            _inFragment = true;
        }
        else if (!_inFragment)
        {
            return PayloadFault.FragmentWithoutStart;
        }

        if (!Units.Append(data))
        {
            AbandonFragment();
            return PayloadFault.UnitTooLarge;
        }

        if ((fuHeader & FuEnd) == 0)
            return PayloadFault.None;

        _inFragment = false;
        return CloseNal();
    }

    private protected PayloadFault PushAnnexB(ReadOnlySpan<byte> stream)
    {
        foreach (var nal in new AnnexB(stream))
        {
            if (!IsNalUnit(nal))
                continue;
            if (!Units.OpenNal(nal))
                return PayloadFault.UnitTooLarge;
            var fault = KeepOrDropNal();
            if (fault != PayloadFault.None)
                return fault;
        }

        return PayloadFault.None;
    }

    /// <summary>Whether the open NAL unit, a slice, has its place in the unit; the caller drops it when not.</summary>
    /// <param name="isFirst">It is the unit's first.</param>
    private protected PayloadFault PlaceSlice(int type, bool beginsPicture, bool mayBeSecondField, out bool isFirst)
    {
        if (beginsPicture && HasSlice && !mayBeSecondField)
            FinishUnit();

        isFirst = !HasSlice;
        if (!beginsPicture && isFirst && !_damaged)
        {
            if (_hasEndedByMarker && _endedByMarker == _timestamp && _startIsSure)
                _ignoreMarker = true;
            return PayloadFault.PictureWithoutStart;
        }

        Note(type);
        HasSlice = true;
        return PayloadFault.None;
    }

    /// <summary>Something that is not dropped has come: what the unit begins with.</summary>
    private protected void Note(int type)
    {
        if (_firstType == None)
            _firstType = type;
    }

    private protected static bool BeginsWithStartCode(ReadOnlySpan<byte> payload) => payload is [0, 0, 1, ..] or [0, 0, 0, 1, ..];

    private PayloadFault PushPayload(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return PayloadFault.Empty;
        if (TypeOf(payload[0]) == FragmentType)
            return PushFragmentPayload(payload);
        if (!_inFragment)
            return PushWhole(payload);

        AbandonFragment();
        return PayloadFault.FragmentWithoutEnd;
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
        if (!IsNalUnit(nal))
        {
            Units.DropNal();
            return PayloadFault.None;
        }

        int type = TypeOf(nal[0]);
        if (HasSlice && StartsUnit(type))
        {
            FinishUnit();
            nal = Units.OpenedNal[..nal.Length];        // a dropped unit moves it
        }

        return Take(type, nal);
    }

    /// <returns>False when a fragmented NAL unit was cut short.</returns>
    private bool OnNewTimestamp()
    {
        bool complete = !_inFragment;
        if (!complete)
            AbandonFragment();
        if (HasSlice || _damaged)
            FinishUnit();
        return complete;
    }

    private void OnLoss()
    {
        bool inUnit = _inFragment || HasSlice || _damaged || _firstType != None;
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
        bool startIsGood = _startIsSure || _firstType == DelimiterType || (_firstType != None && _firstType == _keyframeFirstType);
        if (_damaged || !startIsGood)
        {
            DropUnit();
            return;
        }

        bool keyframe = IsKeyframe;
        if (IsAwaitingKeyframe ? !keyframe : IsSkipped)
        {
            // What every decoder skips is no loss: nothing that follows misses it.
            if (IsAwaitingKeyframe)
                _dropped++;
            UndecodableUnits++;
            Units.DropUnit();
            BeginUnit();
            return;
        }

        if (keyframe)
            _keyframeFirstType = _firstType;
        Units.FinishUnit(new AccessUnitInfo(_timestamp, keyframe, HasBSlices, _dropped, ParameterSetsVersion));
        OnHandedOut(afterResync: IsAwaitingKeyframe);
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
        _firstType = None;
        _damaged = HasSlice = false;
        _startIsSure = true;
        ClearUnit();
    }
}
