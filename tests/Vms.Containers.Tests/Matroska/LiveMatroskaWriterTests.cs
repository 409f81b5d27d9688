using System.Buffers;
using Vms.Codecs;
using Vms.Containers.Matroska;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Containers.Tests.Matroska;

public sealed class LiveMatroskaWriterTests
{
    [Theory]
    [InlineData(CodecKind.H264, "h264")]
    [InlineData(CodecKind.H265, "hevc")]
    public async Task Ffmpeg_reads_every_picture_at_its_time(CodecKind codec, string name)
    {
        var footage = await VideoFootage.LoadAsync((codec == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small) with { Seconds = 2 });
        var file = new ArrayBufferWriter<byte>();
        LiveMatroskaWriter.WriteHead(file, footage.Track);
        var samples = footage.ToSamples();
        for (int i = 0; i < samples.Count; i++)
        {
            var header = new byte[LiveMatroskaWriter.PictureHeaderBytes];
            LiveMatroskaWriter.WritePictureHeader(header, 5_000_000_000 + (i * 40), footage.Frames[i].IsKeyframe, samples[i].Length);
            file.Write(header);
            file.Write(samples[i]);
        }

        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["live.mkv"], file.WrittenSpan.ToArray());
        var judged = await FfProbe.InspectAsync(directory["live.mkv"]);
        Assert.Equal((name, 50, footage.Spec.Width, ""), (judged.Codec, judged.Frames, judged.Width, judged.Warnings));
        string times = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0", directory["live.mkv"]]);
        Assert.Equal(
            Enumerable.Range(0, 50).Select(i => 5_000_000_000 + (i * 40)),
            times.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line.TrimEnd(','), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Sound_is_not_carried()
    {
        var track = new TrackInfo(0, CodecKind.Aac, 48_000, default, 0, 0);
        Assert.False(LiveMatroskaWriter.CanCarry(track.Codec));
        Assert.Throws<ArgumentException>(() => LiveMatroskaWriter.WriteHead(new ArrayBufferWriter<byte>(), track));
    }
}
