namespace Vms.Rtp.Payloads.Aac;

/// <summary>
/// Rebuilds AAC access units from MP4A-LATM payloads whose configuration stands in the SDP (RFC 6416 §6, cpresent=0): an audio mux
/// element is cut anywhere, the marker ends it.
/// </summary>
/// <remarks>Deviation accepted: no marker bit at all; a new timestamp ends the element.</remarks>
/// <param name="subFrames">Access units per audio mux element: numSubFrames + 1.</param>
/// <param name="ticksPerUnit">RTP clock ticks that one access unit lasts.</param>
public sealed class LatmDepacketizer(int subFrames, int ticksPerUnit) : SampleDepacketizer
{
    private uint _timestamp;
    private bool _awaitStart;       // the rest of a damaged element is to be skipped

    public override void Reset()
    {
        base.Reset();
        _awaitStart = false;
    }

    protected override void OnLoss() => _awaitStart = !Open.IsEmpty || _awaitStart;

    protected override void PushPayload(in RtpPacketView packet)
    {
        if (packet.Timestamp != _timestamp)
        {
            if (!Open.IsEmpty)
                FinishElement();
            _awaitStart = false;
        }

        _timestamp = packet.Timestamp;
        if (_awaitStart)
        {
            _awaitStart = !packet.Marker;
            return;
        }

        if (!Append(packet.Payload))
        {
            _awaitStart = !packet.Marker;
            Damage(PayloadFault.UnitTooLarge);
            return;
        }

        if (packet.Marker)
            FinishElement();
    }

    /// <summary>PayloadLengthInfo and PayloadMux (ISO/IEC 14496-3 §1.7.3.1), once per sub-frame; other data behind them is left out.</summary>
    private void FinishElement()
    {
        int at = 0;
        uint timestamp = _timestamp;
        for (int unit = 0; unit < subFrames; unit++)
        {
            int length = 0;
            int part = byte.MaxValue;
            while (part == byte.MaxValue && at < Open.Length)
            {
                part = Open[at++];
                length += part;
            }

            if (part == byte.MaxValue || length == 0 || length > Open.Length - at)
            {
                CloseOpen();        // sub-frames found before stay
                Damage(PayloadFault.MalformedAggregate);
                return;
            }

            Finish(at..(at + length), timestamp);
            at += length;
            timestamp += (uint)ticksPerUnit;
        }

        CloseOpen();
    }
}
