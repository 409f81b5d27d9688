using System.Net;
using System.Net.Sockets;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Media.Ingest;
using Vms.Media.Pipelines;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Ingest;

public sealed class TrackTests
{
    public static TheoryData<Transport, bool> Ways => new() { { Transport.Tcp, false }, { Transport.Udp, false }, { Transport.Tcp, true }, { Transport.Udp, true } };

    [Theory, MemberData(nameof(Ways))]
    public async Task Sound_and_metadata_stand_beside_the_picture_on_one_axis(Transport transport, bool portable)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.PcmA, SideTrack.Speex, SideTrack.Aac, SideTrack.Metadata] });
        await using var rig = new IngestRig(IngestRig.Fast with { Portable = portable });
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = transport);
        using var log = new LogReading(pipeline);

        await log.UntilAsync(() => log.Others.Count(o => o.Header.TrackId == 3) >= 2 && log.Samples.Count >= 60, "two documents and 60 pictures");

        Assert.Equal(
            [CodecKind.H264, CodecKind.PcmA, CodecKind.Aac, CodecKind.OnvifMetadata], pipeline.Live.Tracks.OrderBy(t => t.Id).Select(t => t.Codec));
        Assert.Equal([90_000, 8_000, 16_000, 90_000], pipeline.Live.Tracks.OrderBy(t => t.Id).Select(t => t.Timescale));
        Assert.Equal("1408", Convert.ToHexString(pipeline.Live.Tracks[2].CodecParameters.Span));
        Assert.Equal("Not pulled: audio SPEEX/16000.", pipeline.State.Detail);
        Assert.Equal("PcmA", PipelineStatuses.Of(pipeline).AudioCodec);
        log.AssertPictures();

        foreach (var (id, rate, ticks) in ((byte, int, int)[])[(1, 8_000, 160), (2, 16_000, 1024)])
        {
            var sound = log.Others.Where(o => o.Header.TrackId == id).ToList();
            Assert.True(sound.Count > 20);
            foreach (var (before, after) in sound.Zip(sound.Skip(1)))
            {
                Assert.Equal(SideTrack.NumberOf(before.Data) + 1, SideTrack.NumberOf(after.Data));
                Assert.Equal(before.Header.Pts + ticks, after.Header.Pts);
                Assert.Equal((SampleFlags.None, GapCause.None), (after.Header.Flags, after.Header.Cause));
            }

            // Equal capture times have equal PTS on all tracks, as far as two estimates of one moment agree.
            foreach (var sample in sound.Skip(5))
            {
                double offset = sample.Header.CaptureTimeUs / 1e6 - (double)sample.Header.Pts / rate;
                double video = log.Samples[0].Header.CaptureTimeUs / 1e6 - log.Samples[0].Header.Pts / 90_000.0;
                Assert.InRange(offset - video, -0.05, 0.05);
            }
        }

        Assert.Contains("MetadataStream", System.Text.Encoding.UTF8.GetString(log.Others.First(o => o.Header.TrackId == 3).Data), StringComparison.Ordinal);
        Assert.Equal(0, pipeline.Counters.MalformedPackets);
        Assert.Equal(0, pipeline.Counters.ForeignPackets);
        Assert.True(log.Samples[0].Sequence < log.Others[0].Sequence, "nothing stands in front of the first picture");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_multicast_group_is_joined_and_packets_of_others_in_it_do_not_count(bool portable)
    {
        var group = new IPEndPoint(IPAddress.Parse($"239.255.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}"), FreePort.Udp() & ~1);
        await using var server = await IngestRig.CameraAsync(o => o with { MulticastGroup = group });
        await using var rig = new IngestRig(IngestRig.Fast with { Portable = portable });
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = Transport.Multicast);
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);

        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        other.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        other.SendTo(new byte[64], group);
        await Eventually.TrueAsync(() => pipeline.Counters.ForeignPackets == 1);
        await log.UntilCountAsync(40);

        log.AssertPictures();
        Assert.Equal(0, pipeline.Counters.LostPackets);
    }

    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Udp)]
    public async Task An_H265_camera_is_pulled_by_the_name_in_its_description(Transport transport)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.Aac] }, FootageSpec.SmallH265);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Transport = transport);
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(60);

        log.AssertPictures();
        Assert.Equal([CodecKind.H265, CodecKind.Aac], pipeline.Live.Tracks.Select(t => t.Codec));
        Assert.Equal((640, 360), (pipeline.Live.Tracks[0].Width, pipeline.Live.Tracks[0].Height));
        Assert.Equal("H265", PipelineStatuses.Of(pipeline).Codec);
        Assert.True(log.Samples[0].Header.IsKeyframe);
    }

    [Fact]
    public async Task A_camera_that_changes_its_codec_between_sessions_goes_on()
    {
        await using var server = await IngestRig.CameraAsync();
        var other = await VideoFootage.LoadAsync(FootageSpec.SmallH265);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);

        server.Camera(1).SwitchTo(other);
        server.Camera(1).DropConnections();
        await log.UntilAsync(() => log.Samples[^1].Header.TracksVersion > log.Samples[0].Header.TracksVersion, "pictures of the other codec");

        var first = log.Samples.First(s => s.Header.IsDiscontinuity);
        Assert.True(first.Header.IsKeyframe);
        Assert.Equal(CodecKind.H265, pipeline.Live.Tracks.Single().Codec);
    }

    [Fact]
    public async Task After_a_reconnect_every_track_goes_on_behind_a_marked_gap()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.PcmA] });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilAsync(() => log.Others.Count > 40, "sound");

        server.Camera(1).DropConnections();
        await log.UntilAsync(() => log.Others.FindIndex(o => o.Header.IsDiscontinuity) is > 0 and var at && log.Others.Count > at + 20, "sound behind the gap");

        var first = log.Others.Single(o => o.Header.IsDiscontinuity);
        int index = log.Others.IndexOf(first);
        Assert.Equal(GapCause.CameraOffline, first.Header.Cause);
        var picture = log.Samples.Single(s => s.Header.IsDiscontinuity);
        Assert.True(first.Sequence > picture.Sequence);
        double passed = (first.Header.Pts - log.Others[index - 1].Header.Pts) / 8_000.0;
        double really = (SideTrack.NumberOf(first.Data) - SideTrack.NumberOf(log.Others[index - 1].Data)) * 0.02;
        Assert.InRange(passed - really, -0.1, 0.1);
        Assert.Equal(log.Others[0].Header.TracksVersion, first.Header.TracksVersion);
    }

    [Fact]
    public async Task After_a_restart_of_the_plane_every_track_goes_on_where_its_own_line_stopped()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.PcmA] });
        await using var rig = new IngestRig();
        var before = rig.Pull(server.UrlOf(1));
        using (var log = new LogReading(before))
            await log.UntilAsync(() => log.Others.Count > 40, "sound");
        await rig.StopAsync(before);

        var after = rig.Pull(server.UrlOf(1));
        using var all = new LogReading(after);
        await all.UntilAsync(() => all.Others.Exists(o => o.Header.IsDiscontinuity), "sound behind the restart");

        int at = all.Others.FindIndex(o => o.Header.IsDiscontinuity);
        Assert.Equal(GapCause.MediaRestart, all.Others[at].Header.Cause);
        Assert.InRange(all.Others[at].Header.Pts - all.Others[at - 1].Header.Pts, 1, 8_000 * 10);
    }

    [Fact]
    public async Task A_camera_that_comes_back_with_sound_only_is_reconnected()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.PcmA] });
        var camera = server.Camera(1);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilCountAsync(10);

        camera.Faults.StopVideo = true;
        camera.DropConnections();
        await IngestRig.UntilAsync(pipeline, PullStateKind.Offline, PullReason.NoVideo);
        Assert.Contains("sound", pipeline.State.Detail, StringComparison.Ordinal);
        int plays = camera.Plays;
        await Eventually.TrueAsync(() => camera.Plays > plays);

        camera.Faults.StopVideo = false;
        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);
    }

    [Fact]
    public async Task A_camera_that_comes_back_describing_sound_only_is_tried_again_soon()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.PcmA] });
        var camera = server.Camera(1);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);

        camera.Faults.NoVideoInSdp = true;
        camera.DropConnections();
        await IngestRig.UntilAsync(pipeline, PullStateKind.Unsupported, PullReason.UnsupportedCodec);
        camera.Faults.NoVideoInSdp = false;

        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);
    }

    [Fact]
    public async Task Sound_that_dies_is_counted_and_ends_nothing()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.Opus, SideTrack.Metadata] });
        var camera = server.Camera(1);
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilAsync(() => log.Others.Count > 10, "sound");
        Assert.Equal(0, pipeline.Counters.SilentTracks);

        camera.Faults.StopSound = true;
        await Eventually.TrueAsync(() => pipeline.Counters.SilentTracks == 1);
        camera.Faults.StopSound = false;
        await Eventually.TrueAsync(() => pipeline.Counters.SilentTracks == 0);

        Assert.Equal(1, camera.Plays);
    }

    [Fact]
    public async Task Lost_sound_is_marked_and_costs_no_picture()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.PcmA] });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1));
        using var log = new LogReading(pipeline);
        await log.UntilAsync(() => log.Others.Count > 10, "sound");

        // A packet out of nowhere: the sequence has a hole of one behind it.
        server.Camera(1).SkipSound();
        await log.UntilAsync(() => log.Others.Exists(o => o.Header.IsDiscontinuity), "a marked hole");

        var marked = log.Others.Single(o => o.Header.IsDiscontinuity);
        Assert.Equal(GapCause.PacketLoss, marked.Header.Cause);
        Assert.Equal(1, pipeline.Counters.LostOtherSamples);
        Assert.DoesNotContain(log.Samples, s => s.Header.IsDiscontinuity);
    }
}
