using System.Globalization;

namespace Vms.Rtp.Tests.Payloads.H264;

/// <summary>RTP payloads in, access units out. A packet is hex, then <c>|M</c> for the marker and <c>|T2</c> for timestamp 2
/// (else that of the packet before, at first 1). A unit is hex with spaces where one likes.</summary>
public sealed class PayloadCase(string name, string[] packets, string[] units)
{
    public string[] Packets => packets;

    public string[] Units { get; } = [.. units.Select(unit => unit.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant())];

    public override string ToString() => name;
}

/// <summary>One RTP packet of a <see cref="PayloadCase"/>.</summary>
public sealed record CasePacket(byte[] Payload, bool Marker, uint Timestamp, int LostBefore)
{
    public byte[] ToRtp(ushort sequence)
    {
        byte[] packet = new byte[RtpPacketView.FixedHeaderSize + Payload.Length];
        RtpPacketWriter.WriteHeader(packet, 96, Marker, sequence, Timestamp, ssrc: 1);
        Payload.CopyTo(packet, RtpPacketView.FixedHeaderSize);
        return packet;
    }

    public static IReadOnlyList<CasePacket> Parse(IEnumerable<string> packets)
    {
        var parsed = new List<CasePacket>();
        uint timestamp = 1;
        foreach (string packet in packets)
        {
            string[] parts = packet.Split('|');
            foreach (string part in parts[1..].Where(part => part[0] == 'T'))
                timestamp = uint.Parse(part[1..], CultureInfo.InvariantCulture);
            byte[] payload = Convert.FromHexString(parts[0].Replace(" ", "", StringComparison.Ordinal));
            parsed.Add(new CasePacket(payload, parts.Contains("M"), timestamp, 0));
        }

        return parsed;
    }

    /// <summary>The packets with each one missing in turn; the one behind it knows.</summary>
    public static IEnumerable<IReadOnlyList<CasePacket>> EachWithOneMissing(IReadOnlyList<CasePacket> packets)
    {
        for (int missing = 0; missing < packets.Count; missing++)
        {
            yield return
            [
                .. packets.Take(missing),
                .. packets.Skip(missing + 1).Take(1).Select(packet => packet with { LostBefore = 1 }),
                .. packets.Skip(missing + 2),
            ];
        }
    }
}
