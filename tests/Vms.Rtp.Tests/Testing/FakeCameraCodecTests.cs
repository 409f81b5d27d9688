using System.Globalization;
using Vms.Codecs;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Rtp.Tests.Testing;

/// <summary>ffmpeg as an independent client of fake cameras with other codecs and with sound.</summary>
public sealed class FakeCameraCodecTests
{
    [Theory]
    [InlineData(CodecKind.H265, CodecKind.Aac, "tcp")]
    [InlineData(CodecKind.H265, CodecKind.PcmU, "udp")]
    [InlineData(CodecKind.H264, CodecKind.PcmA, "tcp")]
    [InlineData(CodecKind.H264, CodecKind.Opus, "tcp")]
    public async Task Ffmpeg_receives_every_frame_and_the_sound(CodecKind video, CodecKind audio, string transport)
    {
        await using var server = FakeCameraServer.Start(new FakeCameraOptions
        {
            Footage = await VideoFootage.LoadAsync(video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small),
            SideTracks = [SideTrack.Of(await AudioFootage.LoadAsync(audio))],
        });
        using var folder = new TestDirectory();

        await using (var ffmpeg = await ChildProcess.StartAsync(
            "ffmpeg",
            ["-hide_banner", "-v", "error", "-rtsp_transport", transport, "-i", server.UrlOf(1), "-t", "3", "-map", "0", "-c", "copy", folder["out.mkv"]]))
        {
            await ffmpeg.WaitForExitAsync(TimeSpan.FromSeconds(60));
        }

        var stamps = FrameStamp.FindAll(await File.ReadAllBytesAsync(folder["out.mkv"]));
        Assert.InRange(stamps.Count, 45, 80);       // the sound begins at once, the picture with the next keyframe
        Assert.Equal(Enumerable.Range(0, stamps.Count).Select(i => stamps[0].Frame + (uint)i), stamps.Select(stamp => stamp.Frame));
        var probe = await FfProbe.InspectAsync(folder["out.mkv"]);
        Assert.Equal((stamps.Count, video == CodecKind.H265 ? "hevc" : "h264"), (probe.Frames, probe.Codec));
        string sound = await ChildProcess.RunAsync(
            "ffprobe",
            ["-v", "error", "-select_streams", "a:0", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", folder["out.mkv"]]);
        string[] fields = sound.Trim().Split(',');
        Assert.Equal(audio switch { CodecKind.PcmA => "pcm_alaw", CodecKind.PcmU => "pcm_mulaw", CodecKind.Opus => "opus", _ => "aac" }, fields[0]);
        Assert.InRange(int.Parse(fields[1], CultureInfo.InvariantCulture), 30, 170);
    }
}
