namespace Vms.Rtp.Payloads.G726;

/// <summary>
/// G.726 in AAL2 packing (RFC 3551 §4.5.4, "AAL2-G726-xx": the first code word in the most significant bits). The code words
/// stay as they came; they leave in RFC 3551's own packing (first one in the least significant bits), so that readers of a track know one order.
/// </summary>
/// <remarks>Cameras exist that say one and send the other (Hikvision): the bytes do not tell, so what is declared is believed.</remarks>
/// <param name="bits">Per code word, 2 to 5.</param>
public sealed class Aal2G726Depacketizer(int bits) : SampleDepacketizer
{
    protected override void PushPayload(in RtpPacketView packet)
    {
        if (!Append(packet.Payload))
        {
            Damage(PayloadFault.UnitTooLarge);
            return;
        }

        Repack(Open);
        Finish(.., packet.Timestamp);
        CloseOpen();
    }

    /// <summary>Eight code words fill <c>bits</c> bytes in either packing; a tail that is no whole group is turned by itself.</summary>
    private void Repack(Span<byte> packed)
    {
        while (!packed.IsEmpty)
        {
            var group = packed[..Math.Min(bits, packed.Length)];
            ulong big = 0;
            foreach (byte b in group)
                big = (big << 8) | b;

            int length = group.Length * 8;
            ulong little = 0;
            for (int word = 0; word < length / bits; word++)
                little |= ((big >> (length - ((word + 1) * bits))) & ((1ul << bits) - 1)) << (word * bits);
            for (int i = 0; i < group.Length; i++)
                group[i] = (byte)(little >> (8 * i));
            packed = packed[group.Length..];
        }
    }
}
