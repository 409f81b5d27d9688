using System.Net;
using System.Text;
using Vms.Codecs;
using Vms.Native.Processes;
using Vms.Rtp.Rtcp;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress.Sound;

/// <summary>Sound beside the video of a WebRTC session, as a viewer hears it that is no browser.</summary>
public sealed class WebRtcSoundTests
{
    private const int SigStop = 19;
    private static readonly FootageSpec s_footage = FootageSpec.Small;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(CodecKind.Opus, 111)]
    [InlineData(CodecKind.PcmU, 0)]
    [InlineData(CodecKind.PcmA, 8)]
    public async Task Sound_goes_out_as_the_camera_sends_it(CodecKind codec, byte payloadType)
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: codec);
        camera.Write(38);
        using var viewer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Sound = true });
        await viewer.Playing;
        int before = camera.SoundWritten;
        for (int i = 0; i < 50; i++)
        {
            camera.Write(1);
            await HeardAsync(viewer, camera, before);
        }

        var heard = viewer.SoundKept.ToList();
        Assert.Equal(camera.SoundWritten - before, heard.Count);
        Assert.Equal(0, viewer.SoundHoles);
        for (int i = 0; i < heard.Count; i++)
        {
            Assert.Equal(payloadType, heard[i].PayloadType);
            Assert.Equal(camera.Sound!.Frames[before + i].Data.ToArray(), heard[i].Payload);
            Assert.Equal(i == 0, heard[i].Marker);
            if (i > 0)
                Assert.Equal((uint)camera.Sound.Frames[0].Ticks, heard[i].Timestamp - heard[i - 1].Timestamp);
        }
    }

    [Fact]
    public async Task Sender_reports_put_sound_and_video_on_one_clock()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.Opus);
        camera.Write(38);
        using var viewer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Sound = true });
        await viewer.Playing;
        int before = camera.SoundWritten;
        camera.Write(25);
        await HeardAsync(viewer, camera, before);
        await Eventually.TrueAsync(() => host.Egress.WebRtc!.Sessions.Single().Viewer!.PacketsSent == viewer.Packets, s_patience);
        // Reports from before the last samples may be on their way.
        int reports = viewer.SenderReports;
        await Eventually.TrueAsync(() => viewer.SenderReports >= reports + 4 && viewer.Reports is { Video: not null, Sound: not null }, s_patience);

        double lastPicture = (camera.Written - 1) / 25.0;
        double lastSound = (camera.SoundWritten - 1) * 960 / 48_000.0;
        double picture = Seconds(viewer.Reports.Video!.Value, viewer.Arrivals.Last().Timestamp, 90_000);
        double sound = Seconds(viewer.Reports.Sound!.Value, viewer.SoundKept.Last().Timestamp, 48_000);
        Assert.Equal(lastPicture - lastSound, picture - sound, 0.002);
    }

    [Fact]
    public async Task Who_offers_no_sound_is_served_as_before_and_who_wants_none_switches_it_off()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.PcmA);
        camera.Write(38);
        using var deaf = await WebRtcPeer.JoinAsync(host, "1");
        using var viewer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Sound = true });
        await Task.WhenAll(deaf.Playing, viewer.Playing);
        Assert.DoesNotContain("m=audio", deaf.Answer, StringComparison.Ordinal);
        int before = camera.SoundWritten;
        camera.Write(2);
        await HeardAsync(viewer, camera, before);

        Assert.Equal(HttpStatusCode.NoContent, await PatchAsync(host, viewer, """{"sound":false}"""));
        int heard = viewer.SoundKept.Count;
        camera.Write(10);
        await Eventually.TrueAsync(() => viewer.Frames == deaf.Frames && viewer.Frames >= 38 - 25 + 12, s_patience);
        Assert.Equal(heard, viewer.SoundKept.Count);

        Assert.Equal(HttpStatusCode.NoContent, await PatchAsync(host, viewer, """{"sound":true}"""));
        await Eventually.TrueAsync(
            () =>
            {
                camera.Write(1);
                return viewer.SoundKept.Count > heard;
            },
            s_patience);
        Assert.Equal(0, viewer.SoundHoles);     // numbers go on: nothing is asked for again
        Assert.Equal(0, viewer.Holes);

        Assert.Equal(HttpStatusCode.Conflict, await PatchAsync(host, deaf, """{"sound":true}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await PatchAsync(host, viewer, "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await PatchAsync(host, viewer, "sound"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PatchAsync(host, viewer, new string(' ', 300)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_converter_that_dies_or_stands_still_costs_sound_and_no_picture(bool standsStill)
    {
        if (standsStill && !OperatingSystem.IsLinux())
            return;     // nothing there stops a process from outside
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddRunningCameraAsync(s_footage, sound: CodecKind.Aac);
        using var viewer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Sound = true });
        await viewer.Playing;
        await Eventually.TrueAsync(() => viewer.SoundKept.Count >= 25, s_patience);
        Assert.All(viewer.SoundKept, p => Assert.Equal(111, p.PayloadType));

        var sound = host.Egress.WebRtc!.Streams.Single().Sound;
        int child = sound.ConverterId!.Value;
        int frames = viewer.Frames;
        if (standsStill)
            PosixProcess.Signal(child, SigStop);
        else
            System.Diagnostics.Process.GetProcessById(child).Kill();
        await Eventually.TrueAsync(() => sound.ConverterId is { } other && other != child, s_patience);
        int heard = viewer.SoundKept.Count;
        await Eventually.TrueAsync(() => viewer.SoundKept.Count > heard + 10, s_patience);

        Assert.Equal(0, viewer.Holes);
        Assert.True(viewer.Frames > frames + 10);
        Assert.True(host.Egress.WebRtc.SoundCounters.ConvertersLost >= 1);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Nothing_is_converted_while_nobody_listens()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.Aac);
        camera.Write(38);
        using var viewer = await WebRtcPeer.JoinAsync(host, "1", new PeerOptions { Sound = true, Muted = true });
        await viewer.Playing;
        camera.Write(25);
        await Eventually.TrueAsync(() => viewer.Frames >= 38, s_patience);
        Assert.Null(host.Egress.WebRtc!.Streams.Single().Sound.ConverterId);
        Assert.Equal(0, host.Egress.WebRtc.SoundCounters.PacketsConverted);
    }

    private static Task HeardAsync(WebRtcPeer viewer, CameraFeed camera, int before) =>
        Eventually.TrueAsync(() => viewer.SoundKept.Count >= camera.SoundWritten - before, s_patience);

    /// <summary>The wall clock at which a timestamp is shown, as a receiver works it out (RFC 3550 §6.4.1).</summary>
    private static double Seconds(in RtcpSenderReport report, uint timestamp, int rate) =>
        NtpTime.ToUnixMicroseconds(report.NtpTimestamp) / 1e6 + (double)(int)(timestamp - report.RtpTimestamp) / rate;

    private static async Task<HttpStatusCode> PatchAsync(EgressHost host, WebRtcPeer viewer, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Http.PatchAsync(viewer.Location, content);
        return response.StatusCode;
    }
}
