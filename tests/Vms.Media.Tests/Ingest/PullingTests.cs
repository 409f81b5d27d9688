using Vms.Contracts.Media;
using Vms.Media.Ingest;

namespace Vms.Media.Tests.Ingest;

public sealed class PullingTests
{
    /// <summary>Transport, portable implementation, wire-paced.</summary>
    public static TheoryData<Transport, bool, bool> Ways => new()
    {
        { Transport.Tcp, false, false },
        { Transport.Tcp, false, true },
        { Transport.Tcp, true, true },
        { Transport.Udp, false, false },
        { Transport.Udp, false, true },
        { Transport.Udp, true, true },
        { Transport.Auto, false, false },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task Every_frame_comes_exactly_once(Transport transport, bool portable, bool wirePaced)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { WirePaced = wirePaced });
        await using var rig = new IngestRig(IngestRig.Fast with { Portable = portable });
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = transport);
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(50);

        log.AssertGapless();
        Assert.True(log.Samples[0].Header.IsKeyframe);
        Assert.Equal(PullStateKind.Online, pipeline.State.Kind);
        Assert.Equal(0, pipeline.Counters.LostPackets);
        Assert.Equal(0, pipeline.Counters.MalformedPackets);
        var track = Assert.Single(pipeline.Live.Tracks);
        Assert.Equal((640, 360), (track.Width, track.Height));
    }
}
