using System.Buffers.Binary;
using Vms.WebRtc.Srtp;

namespace Vms.WebRtc.Tests.Srtp;

public sealed class SrtcpReceiverTests
{
    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80];

    [Theory, MemberData(nameof(Profiles))]
    public void What_one_side_protects_the_other_reads_once(SrtpProfile profile)
    {
        using var sender = new SrtpSender(Master(profile));
        using var receiver = new SrtcpReceiver(Master(profile));
        for (int i = 0; i < 200; i++)
        {
            var packet = Protect(sender, 0x1234, i);
            var again = (byte[])packet.Clone();
            Assert.Equal(SrtcpOutcome.Accepted, receiver.Unprotect(packet, out int length));
            Assert.Equal(Plain(0x1234, i), packet[..length]);
            Assert.Equal(SrtcpOutcome.Replayed, receiver.Unprotect(again, out _));
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Late_packets_are_taken_within_the_window_only(SrtpProfile profile)
    {
        using var sender = new SrtpSender(Master(profile));
        using var receiver = new SrtcpReceiver(Master(profile));
        var packets = Enumerable.Range(0, 100).Select(i => Protect(sender, 7, i)).ToArray();
        Assert.Equal(SrtcpOutcome.Accepted, receiver.Unprotect(packets[99], out _));
        Assert.Equal(SrtcpOutcome.Accepted, receiver.Unprotect(packets[36], out _));
        Assert.Equal(SrtcpOutcome.Replayed, receiver.Unprotect(packets[35], out _));
        Assert.Equal(SrtcpOutcome.Accepted, receiver.Unprotect(packets[98], out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Any_flipped_bit_is_noticed(SrtpProfile profile)
    {
        using var sender = new SrtpSender(Master(profile));
        using var receiver = new SrtcpReceiver(Master(profile));
        var packet = Protect(sender, 7, 1);
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            var damaged = (byte[])packet.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtcpOutcome.Accepted, receiver.Unprotect(damaged, out _));
        }

        Assert.Equal(SrtcpOutcome.Accepted, receiver.Unprotect(packet, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Short_packets_are_malformed(SrtpProfile profile)
    {
        using var receiver = new SrtcpReceiver(Master(profile));
        for (int length = 0; length < 22; length++)
            Assert.Equal(SrtcpOutcome.Malformed, receiver.Unprotect(new byte[length], out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Protecting_allocates_nothing(SrtpProfile profile)
    {
        using var sender = new SrtpSender(Master(profile));
        using var receiver = new SrtcpReceiver(Master(profile));
        var payload = new byte[1168];
        var packet = new byte[1300];
        var report = Plain(1, 1);

        long Run(int from, int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = from; i < from + count; i++)
            {
                sender.ProtectRtp(packet, 12, payload, 1, (ulong)i);
                report.CopyTo(packet.AsSpan());
                int length = sender.ProtectRtcp(packet, report.Length, 1);
                receiver.Unprotect(packet.AsSpan(0, length), out _);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Run(0, 200);
        Assert.Equal(0, Run(200, 1000));
    }

    private static SrtpMasterKey Master(SrtpProfile profile) =>
        new(profile, [.. Enumerable.Range(1, 16).Select(i => (byte)i)], [.. Enumerable.Range(1, profile.SaltLength()).Select(i => (byte)(i * 3))]);

    private static byte[] Plain(uint ssrc, int number)
    {
        var packet = new byte[32];
        packet[0] = 0x81;
        packet[1] = 201;
        packet[3] = 7;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(8), number);
        return packet;
    }

    private static byte[] Protect(SrtpSender sender, uint ssrc, int number)
    {
        var plain = Plain(ssrc, number);
        var packet = new byte[plain.Length + SrtpSender.MaxRtcpOverhead];
        plain.CopyTo(packet, 0);
        return packet[..sender.ProtectRtcp(packet, plain.Length, ssrc)];
    }
}
