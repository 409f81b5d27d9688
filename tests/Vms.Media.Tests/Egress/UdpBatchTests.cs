using System.Net;
using Vms.Native.Udp;

namespace Vms.Media.Tests.Egress;

/// <summary>Batches of datagrams: what goes in comes out, by whichever calls.</summary>
public sealed class UdpBatchTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    public static TheoryData<bool, bool, bool> Ways => new()
    {
        // segmented, portable sender, portable receiver
        { true, false, false },
        { false, false, false },
        { true, true, false },
        { true, false, true },
    };

    [Theory, MemberData(nameof(Ways))]
    public void Every_packet_arrives_whole_and_in_order(bool segmented, bool portableSender, bool portableReceiver)
    {
        using var from = Bind("127.0.0.1");
        using var to = Bind("127.0.0.1");
        using var sender = portableSender ? from.CreatePortableSender() : from.CreateSender();
        using var receiver = portableReceiver ? to.CreatePortableReceiver() : to.CreateReceiver();
        // Equal ones with a shorter end, a lone one, a longer one behind a shorter one, and more than 64 equal ones.
        int[] lengths = [1196, 1196, 1196, 300, 50, 1196, .. Enumerable.Repeat(400, 70), 17];
        var peer = new UdpPeer(0x7F000001, (ushort)to.LocalEndPoint.Port, IsV6: false);
        for (int i = 0; i < lengths.Length; i++)
        {
            sender.Reserve()[..lengths[i]].Fill((byte)i);
            sender.Commit(peer, lengths[i], tag: 7, segmented);
        }

        sender.Flush();
        Assert.All(sender.Messages.ToArray(), m => Assert.Equal(UdpSendOutcome.Sent, m.Outcome));
        Assert.Equal(lengths.Length, sender.Messages.ToArray().Sum(m => m.Packets));
        Assert.Equal(segmented ? 5 : lengths.Length, sender.Count);

        int received = 0;
        while (received < lengths.Length)
        {
            int count = receiver.Receive(s_timeout);
            Assert.True(count > 0, $"only {received} of {lengths.Length} came");
            for (int i = 0; i < count; i++, received++)
            {
                Assert.Equal(lengths[received], receiver.Datagram(i).Length);
                Assert.Equal(-1, receiver.Datagram(i).IndexOfAnyExcept((byte)received));
                Assert.Equal(from.LocalEndPoint.Port, receiver.Peer(i).Port);
            }
        }
    }

    [Fact]
    public void A_dual_stack_socket_serves_both_families()
    {
        using var server = Bind("::");
        using var sender = server.CreateSender();
        using var receiver = server.CreateReceiver();
        foreach (var address in new[] { "127.0.0.1", "::1" })
        {
            using var client = Bind(address);
            using var clientSender = client.CreateSender();
            using var clientReceiver = client.CreateReceiver();
            var to = address == "::1"
                ? new UdpPeer(1, (ushort)server.LocalEndPoint.Port, IsV6: true)
                : new UdpPeer(0x7F000001, (ushort)server.LocalEndPoint.Port, IsV6: false);
            Send(clientSender, to, 1);
            Assert.Equal(1, receiver.Receive(s_timeout));
            Assert.Equal(address == "::1", receiver.Peer(0).IsV6);

            Send(sender, receiver.Peer(0), 2);
            Assert.Equal(1, clientReceiver.Receive(s_timeout));
            Assert.Equal(2, clientReceiver.Datagram(0)[0]);
        }
    }

    [Fact]
    public void A_peer_that_cannot_be_reached_does_not_stop_the_others()
    {
        using var from = Bind("127.0.0.1");
        using var to = Bind("127.0.0.1");
        using var sender = from.CreateSender();
        using var receiver = to.CreateReceiver();
        // A loopback socket may not send to another network.
        Commit(sender, new UdpPeer(0xC0000207, 9, IsV6: false), 1, tag: 1);
        Commit(sender, new UdpPeer(0x7F000001, (ushort)to.LocalEndPoint.Port, IsV6: false), 2, tag: 2);
        sender.Flush();
        Assert.Equal([UdpSendOutcome.Refused, UdpSendOutcome.Sent], sender.Messages.ToArray().Select(m => m.Outcome));
        Assert.Equal(1, receiver.Receive(s_timeout));
    }

    [Fact]
    public void A_full_batch_says_so()
    {
        using var from = Bind("127.0.0.1");
        using var sender = from.CreateSender();
        var peer = new UdpPeer(0x7F000001, 9, IsV6: false);
        int packets = 0;
        for (; !sender.Reserve().IsEmpty; packets++)
            sender.Commit(peer, 1000, tag: 0, segmented: true);
        Assert.InRange(packets, 200, 300);
        sender.Clear();
        Assert.False(sender.Reserve().IsEmpty);
    }

    private static UdpMediaSocket Bind(string address) =>
        UdpMediaSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0), 1 << 20, 1 << 20);

    private static void Send(UdpSender sender, UdpPeer to, byte value)
    {
        sender.Clear();
        Commit(sender, to, value, tag: 0);
        sender.Flush();
    }

    private static void Commit(UdpSender sender, UdpPeer to, byte value, int tag)
    {
        sender.Reserve()[0] = value;
        sender.Commit(to, 1, tag, segmented: true);
    }
}
