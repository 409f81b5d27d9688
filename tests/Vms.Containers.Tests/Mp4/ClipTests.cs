using System.Buffers;
using System.Globalization;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

/// <summary>A clip is a generated head and stored fragments that moved to its timeline.</summary>
public sealed class ClipTests : IDisposable
{
    private const long Lead = 180_000;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vms-clip-{Guid.NewGuid():N}.mp4");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("plain")]
    [InlineData("b-frames")]
    public void A_clip_of_one_segment_plays_every_frame_from_the_shown_time_on(string name)
    {
        var footage = name == "plain" ? TestFootage.Plain : TestFootage.WithBFrames;
        var segment = TestSegment.Write(footage);
        Write([(segment, footage.Track, 0)], shownFrom: Lead + 45_000);

        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        double[] pts = FrameTimes();
        Assert.Equal(footage.Samples.Count, pts.Length);
        Assert.Equal(pts.Order().Distinct(), pts);
        Assert.Equal(-0.5, pts[0], 3);
    }

    [Fact]
    public void A_clip_over_two_segments_with_a_gap_keeps_the_gap()
    {
        var segment = TestSegment.Write(TestFootage.Plain);
        Write([(segment, TestFootage.Plain.Track, 0), (segment, TestFootage.Plain.Track, 15 * 90_000)], shownFrom: Lead);

        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        double[] pts = FrameTimes();
        Assert.Equal(500, pts.Length);
        Assert.Equal(9.96, pts[249], 3);
        Assert.Equal(15, pts[250], 3);
    }

    [Fact]
    public void Segments_of_other_codec_parameters_use_their_own_sample_description()
    {
        var first = TestSegment.Write(TestFootage.Plain);
        var second = TestSegment.Write(TestFootage.OtherSize);
        Write([(first, TestFootage.Plain.Track, 0), (second, TestFootage.OtherSize.Track, 10 * 90_000)], shownFrom: Lead);

        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        Assert.Equal(350, FrameTimes().Length);
    }

    private double[] FrameTimes() =>
        [.. Tool.Run("ffprobe", $"-v warning -select_streams v -show_entries frame=pts_time -of csv=p=0 {_path}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => double.Parse(l.TrimEnd(','), CultureInfo.InvariantCulture))];

    private void Write((TestSegment Segment, TrackInfo Track, long At)[] parts, long shownFrom)
    {
        var descriptions = parts.Select(p => p.Track).Distinct().ToList();
        var pieces = new List<ClipPiece>();
        using var body = new MemoryStream();
        uint number = 0;
        foreach (var (segment, track, at) in parts)
        {
            foreach (var entry in segment.Fragments)
            {
                var parameterSets = descriptions.Count > 1 && entry.StartsWithKeyframe ? InBandParameterSets.Of(track) : default;
                byte[] fragment = [.. segment.File[(int)entry.Offset..(int)entry.EndOffset], .. new byte[parameterSets.Length]];
                long shift = Lead + at - segment.Fragments[0].StartTicks;
                Assert.True(new FragmentPatch(++number, shift, [track], [(uint)descriptions.IndexOf(track) + 1], parameterSets).TryApply(fragment));
                if (entry.StartsWithKeyframe || pieces.Count == 0) pieces.Add(default);
                pieces[^1] = new ClipPiece(pieces[^1].Bytes + fragment.Length, pieces[^1].DurationTicks + (uint)entry.DurationTicks);
                body.Write(fragment);
            }
        }

        var last = parts[^1];
        var head = new ArrayBufferWriter<byte>();
        long end = Lead + last.At + last.Segment.Fragments[^1].EndTicks - last.Segment.Fragments[0].StartTicks;
        pieces[0] = pieces[0] with { DurationTicks = pieces[0].DurationTicks - (uint)(shownFrom - Lead) };
        ClipHead.Write(head, [descriptions], shownFrom, end - shownFrom, pieces);
        File.WriteAllBytes(_path, [.. head.WrittenSpan, .. body.ToArray()]);
    }
}
