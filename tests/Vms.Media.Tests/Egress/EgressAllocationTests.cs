using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Codecs;
using Vms.Hosting;
using Vms.Media.Egress;
using Vms.Media.Egress.Sound;
using Vms.Media.Egress.WebRtc;
using Vms.Native.Udp;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Srtp;

namespace Vms.Media.Tests.Egress;

/// <summary>The per-frame path of a viewer, run by hand on the test's own thread.</summary>
public sealed class EgressAllocationTests
{
    private const int Viewers = 10;
    private const int Frames = 100;

    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80];

    [Theory, MemberData(nameof(Profiles))]
    public async Task A_frame_to_its_viewers_allocates_nothing(SrtpProfile profile)
    {
        using var directory = new TestDirectory();
        await using var camera = new CameraFeed(
            new StreamLogDirectory(directory.Create("rings")), "1", await H264Footage.LoadAsync(FootageSpec.Small),
            await AudioFootage.LoadAsync(CodecKind.Opus));
        using var socket = UdpMediaSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), 1 << 20, 1 << 20);
        using var sender = socket.CreateSender();
        using var thread = new EgressThread(0, TimeProvider.System, new ProgressMonitor(TimeProvider.System), NullLogger.Instance);
        var counters = new WebRtcCounters();
        var stream = new WebRtcStream(
            camera.Stream, thread, sender, counters, new SoundCounters(), TimeProvider.System, NullLogger.Instance);
        thread.Add(stream);
        stream.Open();
        camera.Write(30);
        for (int i = 0; i < Viewers; i++)
            stream.Attach(Viewer(profile, socket.LocalEndPoint, socket.HasSegmentation, counters, i));

        Send(thread, stream, camera, 100);      // warm-up, history at its size
        var allocated = Send(thread, stream, camera, Frames);
        // Not every frame's: a reader that has waited for a second looks whether its log still has the name, and a log that has
        // grown is opened anew.
        Assert.InRange(allocated.Count(bytes => bytes > 0), 0, 3);
        Assert.All(stream.Viewers, v => Assert.True(v.PacketsSent > Frames));
        Assert.All(stream.Viewers, v => Assert.InRange(v.Sound!.PacketsSent, 2 * Frames, 4 * Frames + 200));      // 50 a second, 25 pictures
        stream.Close();
    }

    /// <returns>Bytes allocated by the egress thread's work alone, for each frame.</returns>
    private static List<long> Send(EgressThread thread, WebRtcStream stream, CameraFeed camera, int frames)
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
                if (stream.IsBehind(stream.Viewers[v]))
                    thread.RunPostedAndTurns();
                else
                    v++;
            }

            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return allocated;
    }

    private static WebRtcViewer Viewer(SrtpProfile profile, IPEndPoint to, bool segmented, WebRtcCounters counters, int number)
    {
        var key = new SrtpMasterKey(profile, new byte[16], new byte[profile.SaltLength()]);
        var local = new LocalVideo((uint)(number + 1), (uint)(number + 1000), "test", new H264ProfileLevelId(0x4D, 0, 0x1F));
        var transport = new RemoteTransport("abcd", DtlsFingerprint.Sha256Of([1]));
        var sound = new ViewerSound(
            new LocalSound((uint)(number + 2000), "test", SoundFormat.Opus), new NegotiatedSound(Opus: 111, PcmU: null, PcmA: null), isOn: true);
        var peer = new UdpPeer(0x7F000001, (ushort)to.Port, IsV6: false);
        return new WebRtcViewer(new SrtpSender(key, k => new OpenSslGcmEncryptor(k)), local, new NegotiatedVideo(96, 97, true, transport), new PeerPath(peer, null), segmented, counters, sound);
    }
}
