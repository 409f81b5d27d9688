using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

public sealed class CmafPartTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vms-parts-{Guid.NewGuid():N}.mp4");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("plain", 0)]
    [InlineData("plain", 4)]
    [InlineData("b-frames", 2)]
    [InlineData("b-frames", 4)]
    public void One_part_a_frame_plays_with_decode_times_that_never_pass_presentation(string name, int reorderDepth)
    {
        var footage = name == "plain" ? TestFootage.Plain : TestFootage.WithBFrames;
        WriteParts(footage.Track, footage.Samples, reorderDepth);

        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        var times = PacketTimes();
        Assert.Equal(footage.Samples.Count, times.Length);
        Assert.All(times, t => Assert.True(t.Dts <= t.Pts, $"dts {t.Dts} > pts {t.Pts}"));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second.Dts > pair.First.Dts));
        long shift = times[0].Pts - footage.Samples[0].Header.Pts;
        Assert.Equal(footage.Samples.Select(s => s.Header.Pts + shift), times.Select(t => t.Pts));
    }

    [Fact]
    public void Parts_start_at_stream_time_so_that_all_viewers_share_a_timeline()
    {
        var footage = TestFootage.Plain;
        var later = footage.Samples.Select(s => s with { Header = s.Header with { Pts = s.Header.Pts + 9_000_000_000 } }).ToList();
        WriteParts(footage.Track, later, 0);

        Assert.Equal(9_000_000_000, PacketTimes()[0].Dts);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("b-frames")]
    public void Every_part_says_when_its_picture_was_captured(string name)
    {
        var footage = name == "plain" ? TestFootage.Plain : TestFootage.WithBFrames;
        var builder = new CmafPartBuilder();
        builder.Begin([footage.Track], reorderDepth: 2);
        byte[] part = new byte[CmafPartBuilder.HeaderBytes];
        foreach (var sample in footage.Samples)
        {
            var times = builder.WriteHeader(sample.Header, sample.Payload.Length, part);
            Assert.Equal("prft", Encoding.ASCII.GetString(part, 4, 4));
            Assert.Equal(sample.Header.CaptureTimeUs, NtpTime.ToUnixMicroseconds(BinaryPrimitives.ReadUInt64BigEndian(part.AsSpan(16))));
            Assert.Equal(times.PresentationTime, BinaryPrimitives.ReadInt64BigEndian(part.AsSpan(24)));
        }
    }

    [Fact]
    public void After_a_discontinuity_the_timeline_goes_on_by_the_capture_time()
    {
        var footage = TestFootage.Plain;
        var again = footage.Samples.Select((s, i) => s with
        {
            Header = s.Header with
            {
                Flags = s.Header.Flags | (i == 0 ? SampleFlags.Discontinuity : 0),
                CaptureTimeUs = s.Header.CaptureTimeUs + 15_000_000,
            },
        });
        WriteParts(footage.Track, [.. footage.Samples, .. again], 0);

        var times = PacketTimes();
        int count = footage.Samples.Count;
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second.Dts > pair.First.Dts));
        Assert.Equal(15 * 90_000, times[count].Pts - times[0].Pts);
    }

    [Fact]
    public void The_first_picture_of_a_camera_that_was_away_lasts_no_longer_than_the_others()
    {
        var footage = TestFootage.Plain;
        var builder = new CmafPartBuilder();
        builder.Begin([footage.Track], 0);
        byte[] part = new byte[1 << 20];
        int last = 0;
        foreach (var sample in footage.Samples)
            last = builder.WriteHeader(sample.Header, sample.Payload.Length, part).Duration;
        long end = footage.Samples[^1].Header.CaptureTimeUs;

        var first = footage.Samples[0].Header;
        var back = builder.WriteHeader(
            first with { Flags = first.Flags | SampleFlags.Discontinuity, CaptureTimeUs = end + 5_000_000 }, footage.Samples[0].Payload.Length, part);
        Assert.Equal(last, back.Duration);
    }

    [Fact]
    public void Writing_a_part_allocates_nothing()
    {
        var footage = TestFootage.WithBFrames;
        var builder = new CmafPartBuilder();
        builder.Begin([footage.Track], 4);
        byte[] part = new byte[1 << 20];
        foreach (var sample in footage.Samples) builder.Write(sample.Header, sample.Payload.Span, part);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < footage.Samples.Count; i++) builder.Write(footage.Samples[i].Header, footage.Samples[i].Payload.Span, part);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void WriteParts(TrackInfo track, IReadOnlyList<TestSample> samples, int reorderDepth)
    {
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, [track]);
        using var file = File.Create(_path);
        file.Write(init.WrittenSpan);
        var builder = new CmafPartBuilder();
        builder.Begin([track], reorderDepth);
        foreach (var sample in samples)
        {
            byte[] part = new byte[CmafPartBuilder.HeaderBytes + sample.Payload.Length];
            Assert.Equal(part.Length, builder.Write(sample.Header, sample.Payload.Span, part));
            file.Write(part);
        }
    }

    private (long Pts, long Dts)[] PacketTimes() =>
        [.. Tool.Run("ffprobe", $"-v warning -show_entries packet=pts,dts -of csv=p=0 {_path}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(','))
            .Select(f => (long.Parse(f[0], CultureInfo.InvariantCulture), long.Parse(f[1], CultureInfo.InvariantCulture)))];
}
