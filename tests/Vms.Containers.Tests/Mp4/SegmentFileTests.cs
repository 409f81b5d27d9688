using System.Globalization;

namespace Vms.Containers.Tests.Mp4;

/// <summary>Independent readers judge the files: every frame decodes, once, at its time.</summary>
public sealed class SegmentFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vms-segment-{Guid.NewGuid():N}.mp4");

    public static TheoryData<string> Footages => ["plain", "b-frames"];

    public void Dispose() => File.Delete(_path);

    [Theory, MemberData(nameof(Footages))]
    public void Ffmpeg_decodes_a_segment_without_a_warning(string name)
    {
        var footage = Named(name);
        File.WriteAllBytes(_path, TestSegment.Write(footage).File);

        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        string frames = Tool.Run("ffprobe", $"-v warning -select_streams v -show_entries frame=pts -of csv=p=0 {_path}");

        var pts = frames.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => long.Parse(line.TrimEnd(','), CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(footage.Samples.Select(s => s.Header.Pts).Order().Select(p => p - footage.Samples[0].Header.Pts),
            pts.Select(p => p - pts[0]));
    }

    [Theory, MemberData(nameof(Footages))]
    public void Decode_times_rise_and_never_pass_presentation_times(string name)
    {
        var footage = Named(name);
        File.WriteAllBytes(_path, TestSegment.Write(footage).File);

        string packets = Tool.Run("ffprobe", $"-v warning -select_streams v -show_entries packet=pts,dts -of csv=p=0 {_path}");
        var times = packets.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(',').Take(2).Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray()).ToArray();

        Assert.Equal(footage.Samples.Count, times.Length);
        Assert.All(times, t => Assert.True(t[1] <= t[0], $"dts {t[1]} > pts {t[0]}"));
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second[1] > pair.First[1]));
        if (name == "plain") Assert.All(times, t => Assert.Equal(t[0], t[1]));
    }

    private static TestFootage Named(string name) => name == "plain" ? TestFootage.Plain : TestFootage.WithBFrames;
}
