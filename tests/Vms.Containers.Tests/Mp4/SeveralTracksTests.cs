using System.Buffers;
using System.Globalization;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

/// <summary>Tracks are generic: their samples come mixed, their PTS share no origin, and a later one may join late.</summary>
public sealed class SeveralTracksTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vms-tracks-{Guid.NewGuid():N}.mp4");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Two_tracks_decode_and_meet_by_capture_time_also_after_a_move()
    {
        var second = TestFootage.OtherSize.Track with { Id = 1, Timescale = 45_000 };
        TrackInfo[] tracks = [TestFootage.WithBFrames.Track, second];
        const long DelayUs = 2_500_000;
        var mixed = TestFootage.WithBFrames.Samples
            .Concat(TestFootage.OtherSize.Samples.Select(s => s with
            {
                Header = s.Header with { TrackId = 1, Pts = 777_000 + s.Header.Pts / 2, CaptureTimeUs = s.Header.CaptureTimeUs + DelayUs },
            }))
            .Select((s, i) => (s, i)).OrderBy(x => x.s.Header.CaptureTimeUs / 2_000_000).ThenBy(x => x.i).Select(x => x.s);

        var file = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(file, tracks);
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment(tracks, 1, 1);
        uint number = 100;
        foreach (var sample in mixed)
        {
            if (sample.Header is { IsKeyframe: true, TrackId: 0 } && builder.CanEndBefore(sample.Header)) Write(builder.Finish(sample.Header, out _));
            Assert.True(builder.AddSample(sample.Header, 1, sample.Payload.Span));
        }

        Write(builder.Finish(out _));
        File.WriteAllBytes(_path, file.WrittenSpan);

        Tool.Run("ffmpeg", $"-v warning -i {_path} -map 0 -f null -");
        double[] first = Times(0);
        double[] other = Times(1);
        Assert.Equal((250, 100), (first.Length, other.Length));
        Assert.Equal(2.5, other[0] - first[0], 2);

        void Write(ReadOnlyMemory<byte> fragment)
        {
            byte[] moved = [.. fragment.Span];
            Assert.True(new FragmentPatch(number++, 90_000, tracks, [1, 1], default).TryApply(moved));
            file.Write(moved);
        }
    }

    private double[] Times(int track) =>
        [.. Tool.Run("ffprobe", $"-v warning -select_streams v:{track} -show_entries frame=pts_time -of csv=p=0 {_path}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => double.Parse(l.TrimEnd(','), CultureInfo.InvariantCulture))];
}
