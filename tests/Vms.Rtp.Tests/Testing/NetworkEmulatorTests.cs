using System.Net;
using System.Net.Sockets;
using Vms.Testing.NetworkEmulator;

namespace Vms.Rtp.Tests.Testing;

public sealed class NetworkEmulatorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_network()
    {
        var (first, impairment) = Run(7);
        var (second, _) = Run(7);
        Assert.Equal(first, second);
        Assert.NotEqual(first, Run(8).Packets);
        Assert.InRange(impairment.Lost, 60, 140);
        Assert.InRange(impairment.Duplicated, 60, 140);
        Assert.InRange(impairment.Reordered, 60, 140);
        Assert.NotEqual(first.Order(), first);

        static (List<int> Packets, PacketImpairment) Run(int seed)
        {
            var network = new PacketImpairment(seed) { Loss = 0.1, Duplication = 0.1, Reordering = 0.1 };
            var packets = new List<int>();
            for (int i = 0; i < 1000; i++)
                network.Pass(BitConverter.GetBytes(i), packet => packets.Add(BitConverter.ToInt32(packet)));
            return (packets, network);
        }
    }

    [Fact]
    public async Task A_relay_carries_both_directions_and_keeps_clients_apart()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var relay = new UdpRelay((IPEndPoint)server.Client.LocalEndPoint!);
        using var one = new UdpClient("127.0.0.1", relay.Port);
        using var two = new UdpClient("127.0.0.1", relay.Port);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        await one.SendAsync(new byte[] { 1 }, deadline.Token);
        var fromOne = await server.ReceiveAsync(deadline.Token);
        await two.SendAsync(new byte[] { 2 }, deadline.Token);
        var fromTwo = await server.ReceiveAsync(deadline.Token);
        Assert.NotEqual(fromOne.RemoteEndPoint, fromTwo.RemoteEndPoint);

        await server.SendAsync(new byte[] { 22 }, fromTwo.RemoteEndPoint, deadline.Token);
        await server.SendAsync(new byte[] { 11 }, fromOne.RemoteEndPoint, deadline.Token);
        Assert.Equal([11], (await one.ReceiveAsync(deadline.Token)).Buffer);
        Assert.Equal([22], (await two.ReceiveAsync(deadline.Token)).Buffer);
    }

    [Fact]
    public async Task Jitter_delays_and_reorders_and_loses_nothing()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var relay = new UdpRelay((IPEndPoint)server.Client.LocalEndPoint!, seed: 3);
        relay.ToServer.Jitter = TimeSpan.FromMilliseconds(50);
        using var client = new UdpClient("127.0.0.1", relay.Port);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (int i = 0; i < 100; i++)
            await client.SendAsync(new byte[] { (byte)i }, deadline.Token);

        var arrived = new List<byte>();
        while (arrived.Count < 100)
            arrived.Add((await server.ReceiveAsync(deadline.Token)).Buffer[0]);
        Assert.NotEqual(arrived.Order(), arrived);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), arrived.Order());
    }
}
