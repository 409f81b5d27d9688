using System.Globalization;
using Vms.Containers.Mp4;

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

    [Fact]
    public void Ffprobe_shows_what_a_file_says_about_itself()
    {
        string id = Guid.CreateVersion7().ToString();
        var label = new SegmentLabel("Tor 3 — Süd", "cam7", "main", "yard", Guid.Parse(id), new DateTimeOffset(2026, 11, 21, 9, 30, 0, 125, TimeSpan.Zero), "vms 1.2.3", "motion");
        byte[] labelled = Fmp4Writer.StoredInit([TestFootage.Plain.Track], label);
        var segment = TestSegment.Write(TestFootage.Plain);
        File.WriteAllBytes(_path, [.. labelled, .. segment.File[segment.InitBytes..]]);

        Assert.True(Fmp4InitReader.TryRead(labelled, out _, out int initBytes));
        Assert.Equal(labelled.Length, initBytes);
        Assert.Equal("motion", SegmentLabel.ClassIn(labelled));
        Assert.True(SegmentLabel.TryRead(labelled, out string camera, out string stream, out var segmentId));
        Assert.Equal(("cam7", "main", id), (camera, stream, segmentId.ToString()));
        Assert.Equal("", SegmentLabel.ClassIn(Fmp4Writer.StoredInit([TestFootage.Plain.Track], label with { Class = "" })));
        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        string tags = Tool.Run("ffprobe", $"-v warning -show_entries format_tags -of default=nw=1 {_path}");
        Assert.All(
            ["title=Tor 3 — Süd", "date=2026-11-21T09:30:00.125Z", "encoder=vms 1.2.3", "camera_id=cam7", "stream=main", "site_id=yard", $"segment_id={id}", "class=motion"],
            tag => Assert.Contains($"TAG:{tag}\n", tags, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_of_any_length_fits()
    {
        var label = new SegmentLabel(new string('x', 199) + "😀" + new string('y', 100_000), "cam7", "main", "", Guid.NewGuid(), DateTimeOffset.UnixEpoch, "vms");
        Assert.True(Fmp4InitReader.TryRead(Fmp4Writer.StoredInit([TestFootage.Plain.Track], label), out var tracks, out _));
        Assert.Single(tracks);
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
