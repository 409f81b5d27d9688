using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Hosting;
using Vms.Media.Egress;
using Vms.Media.Egress.Rtsp;
using Vms.Native.Udp;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress.Rtsp;

/// <summary>The per-frame path of RTSP viewers, run by hand on the test's own thread.</summary>
public sealed class RtspAllocationTests
{
    private const int Viewers = 10;
    private const int Frames = 200;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_frame_to_its_viewers_allocates_nothing(bool udp)
    {
        using var directory = new TestDirectory();
        await using var camera = new CameraFeed(
            new StreamLogDirectory(directory.Create("rings")), "1", await H264Footage.LoadAsync(FootageSpec.Small));
        using var rtp = UdpMediaSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1 << 20, 1 << 20);
        using var rtcp = UdpMediaSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1 << 20, 1 << 20);
        using var datagrams = new RtspDatagrams(rtp, rtcp, new RtspCounters());
        using var thread = new EgressThread(0, TimeProvider.System, new ProgressMonitor(TimeProvider.System), NullLogger.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var stream = new RtspStream(camera.Stream, thread, datagrams, TimeProvider.System);
        thread.Add(stream);
        stream.Open();
        camera.Write(30);
        thread.RunPostedAndTurns();
        var drains = new List<Drain>();
        for (int i = 0; i < Viewers; i++)
        {
            drains.Add(await Drain.ConnectAsync(listener));
            var output = new RtspOutput(drains[i].Server, null, () => { });
            var sink = new UdpPeer(0x7F000001, (ushort)rtp.LocalEndPoint.Port, IsV6: false);
            RtspViewer viewer = udp
                ? new RtspUdpViewer(output, [new RtspUdpTrack(0, sink, sink)], hasVideo: true, rtp.HasSegmentation)
                : new RtspTcpViewer(output, tracks: 1, hasVideo: true);
            _ = stream.AttachAsync(viewer, _ => [1]);
        }

        Send(thread, stream, camera, 100);      // warm-up
        var allocated = Send(thread, stream, camera, Frames);
        // Not every frame's: a reader that has waited for a second looks whether its log still has the name, and a log that has
        // grown is opened anew.
        Assert.True(allocated.Count(bytes => bytes > 0) <= 5, string.Join(' ', allocated.Where(bytes => bytes > 0)));
        Assert.All(stream.Viewers, v => Assert.True(v.SamplesSent >= Frames, $"{v.SamplesSent} sent, {v.SamplesSkipped} skipped"));
        foreach (var viewer in stream.Viewers)
            _ = stream.DetachAsync(viewer, goodbye: false);
        thread.RunPostedAndTurns();
        stream.Close();
        foreach (var drain in drains)
            await drain.DisposeAsync();
        Assert.Equal(0, stream.OutstandingUnits);
    }

    /// <returns>Bytes allocated by the egress thread's work alone, for each frame.</returns>
    private static List<long> Send(EgressThread thread, RtspStream stream, CameraFeed camera, int frames)
    {
        var allocated = new List<long>(frames);
        for (int i = 0; i < frames; i++)
        {
            camera.Write(1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            thread.RunPostedAndTurns();
            for (int v = 0; v < stream.Viewers.Count;)
            {
                // Bursts are a millisecond apart.
                if (stream.Viewers[v] is RtspUdpViewer { IsBehind: true })
                    thread.RunPostedAndTurns();
                else
                    v++;
            }

            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return allocated;
    }

    /// <summary>A viewer that reads and throws away, on a thread of its own.</summary>
    private sealed class Drain(Socket server, Socket client) : IAsyncDisposable
    {
        private readonly Task _reading = Task.Factory.StartNew(() => Read(client), TaskCreationOptions.LongRunning);

        public Socket Server => server;

        public static async Task<Drain> ConnectAsync(TcpListener listener)
        {
            var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.LocalEndpoint);
            return new Drain(await listener.AcceptSocketAsync(), client);
        }

        public async ValueTask DisposeAsync()
        {
            server.Dispose();
            await _reading;
            client.Dispose();
        }

        private static void Read(Socket socket)
        {
            var buffer = new byte[256 * 1024];
            while (socket.Receive(buffer, SocketFlags.None, out _) > 0)
            {
            }
        }
    }
}
