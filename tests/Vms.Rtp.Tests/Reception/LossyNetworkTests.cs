using System.Net;
using System.Net.Sockets;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;
using Vms.Rtp.Reception;
using Vms.Rtp.Tests.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.Rtp.Tests.Reception;

/// <summary>A fake camera over real UDP and a seeded bad network, through reorder buffer and depacketizer.</summary>
public sealed class LossyNetworkTests
{
    private const int Units = 60;

    [Fact]
    public async Task Doubled_and_reordered_packets_cost_no_frame()
    {
        var (frames, depacketizer, reorder) = await ReceiveAsync(faults => (faults.UdpDuplication, faults.UdpReordering) = (0.05, 0.1));

        Assert.Equal(Enumerable.Range(0, Units).Select(i => frames[0] + (uint)i), frames);
        Assert.Equal((0, 0, 0), (depacketizer.DamagedUnits, depacketizer.UndecodableUnits, reorder.Lost));
        Assert.True(reorder.Stale > 0);
    }

    [Fact]
    public async Task Lost_packets_cost_whole_frames_up_to_the_next_keyframe_and_none_is_damaged()
    {
        var (frames, depacketizer, reorder) = await ReceiveAsync(faults => (faults.UdpLoss, faults.UdpReordering) = (0.01, 0.05));

        Assert.Equal(frames.Order().Distinct(), frames);
        Assert.True(reorder.Lost > 0);
        long missing = frames[^1] - frames[0] + 1 - Units;
        Assert.InRange(depacketizer.DamagedUnits + depacketizer.UndecodableUnits, 1, missing + 50);
    }

    private static async Task<(List<uint> Frames, H264Depacketizer, ReorderBuffer)> ReceiveAsync(Action<FakeCameraFaults> network)
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        var samples = footage.ToSamples();
        await using var server = FakeCameraServer.Start(new FakeCameraOptions { Footage = footage, MaxPayload = 500 });
        network(server.Camera(1).Faults);
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        // A busy machine must not lose packets on its own account: a large socket buffer, and patience below.
        socket.Client.ReceiveBufferSize = 4 << 20;
        using var client = new RtspTestClient(server.Port);
        await client.PlayAsync(server.UrlOf(1), ((IPEndPoint)socket.Client.LocalEndPoint!).Port);

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var depacketizer = new H264Depacketizer(new AccessUnitBuffer());
        var reorder = new ReorderBuffer(capacity: 256, maxWait: 1_000_000_000);
        var frames = new List<uint>();
        while (frames.Count < Units)
        {
            byte[] datagram = (await socket.ReceiveAsync(deadline.Token)).Buffer;
            if (reorder.Push(datagram, FrameStamp.NowNs, out int lost) == ReorderOutcome.Next)
                Push(datagram, lost);
            while (reorder.TryRead(FrameStamp.NowNs, out var held, out lost))
                Push(held, lost);
        }

        return (frames[..Units], depacketizer, reorder);

        void Push(ReadOnlySpan<byte> packet, int lostBefore)
        {
            Assert.True(RtpPacketView.TryParse(packet, out var view));
            Assert.Equal(PayloadFault.None, depacketizer.Push(view, lostBefore).Fault);
            while (depacketizer.Units.TryTake(out var unit))
            {
                Assert.True(FrameStamp.TryFind(unit.Data, out var stamp));
                byte[] sent = samples[(int)(stamp.Frame % samples.Count)];
                Assert.True(unit.Data.EndsWith(sent), "the picture differs from what the camera sent");
                Assert.Equal(4 + FrameStamp.SeiLength + sent.Length, unit.Data.Length);
                frames.Add(stamp.Frame);
            }
        }
    }
}
