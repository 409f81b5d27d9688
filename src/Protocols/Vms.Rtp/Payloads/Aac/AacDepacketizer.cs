using System.Buffers.Binary;
using Vms.Codecs.Aac;

namespace Vms.Rtp.Payloads.Aac;

/// <summary>
/// Rebuilds AAC access units from MPEG4-GENERIC payloads (RFC 3640 §3.2, §3.3.6 "AAC-hbr"): several units in a packet, or one
/// unit over several packets.
/// </summary>
/// <remarks>Deviations accepted: access units wrapped in ADTS (gortsplib): the wrapping is cut off. Interleaved units
/// (AU-Index-delta above 0) are no supported type: no camera sends them.</remarks>
public sealed class AacDepacketizer(AacFormat format) : SampleDepacketizer
{
    private const int MaxUnitsPerPacket = 64;

    private int _wanted;            // size of the fragmented unit in progress; 0: none
    private uint _timestamp;        // of it

    public override void Reset()
    {
        base.Reset();
        _wanted = 0;
    }

    protected override void OnLoss() => _wanted = 0;

    protected override void PushPayload(in RtpPacketView packet)
    {
        var payload = packet.Payload;
        int headerBits = payload.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        int headerBytes = (headerBits + 7) / 8;
        if (headerBits == 0 || headerBytes > payload.Length - 2)
        {
            Fail(PayloadFault.MalformedAggregate);
            return;
        }

        var headers = new BitReader(payload.Slice(2, headerBytes));
        var data = payload[(2 + headerBytes)..];
        int size = (int)headers.Bits(format.SizeLength);
        headers.Skip(format.IndexLength);
        bool single = !HasMore(headers, headerBits);
        if (_wanted > 0 && (!single || size != _wanted || packet.Timestamp != _timestamp))
            Fail(PayloadFault.FragmentWithoutEnd);      // the rest of it never came; this packet begins something else

        if (_wanted > 0 || (single && size > data.Length))
            PushFragment(packet, data, size);
        else
            PushUnits(packet.Timestamp, headers, headerBits, data, size);
    }

    private void PushUnits(uint timestamp, BitReader headers, int headerBits, ReadOnlySpan<byte> data, int size)
    {
        for (int unit = 0; ; unit++)
        {
            if (size == 0 || size > data.Length || unit == MaxUnitsPerPacket)
            {
                Fail(PayloadFault.MalformedAggregate);
                return;
            }

            FinishWhole(WithoutAdts(data[..size]), timestamp);
            data = data[size..];
            timestamp += (uint)format.TicksPerUnit;
            if (!HasMore(headers, headerBits))
                return;

            size = (int)headers.Bits(format.SizeLength);
            if (headers.Bits(format.IndexDeltaLength) != 0)
            {
                Fail(PayloadFault.UnsupportedType);
                return;
            }
        }
    }

    private void PushFragment(in RtpPacketView packet, ReadOnlySpan<byte> data, int size)
    {
        _wanted = size;
        _timestamp = packet.Timestamp;
        if (!Append(data) || Open.Length > size || (Open.Length < size && packet.Marker))
        {
            Fail(PayloadFault.MalformedFragment);
            return;
        }

        if (Open.Length < size)
            return;

        _wanted = 0;
        int adts = Open.Length - WithoutAdts(Open).Length;
        Finish(adts.., packet.Timestamp);
        CloseOpen();
    }

    private bool HasMore(in BitReader headers, int headerBits) =>
        headerBits - headers.Position >= format.SizeLength + format.IndexDeltaLength;

    private void Fail(PayloadFault fault)
    {
        _wanted = 0;
        Damage(fault);
    }

    /// <summary>An ADTS header (ISO/IEC 14496-3 §1.A.2.2) whose length is that of the unit is no coincidence.</summary>
    private static ReadOnlySpan<byte> WithoutAdts(ReadOnlySpan<byte> unit)
    {
        if (unit.Length < 7 || unit[0] != 0xFF || (unit[1] & 0xF6) != 0xF0)
            return unit;

        int length = ((unit[3] & 3) << 11) | (unit[4] << 3) | (unit[5] >> 5);
        int header = (unit[1] & 1) != 0 ? 7 : 9;        // protection_absent
        return length == unit.Length && length > header ? unit[header..] : unit;
    }
}
