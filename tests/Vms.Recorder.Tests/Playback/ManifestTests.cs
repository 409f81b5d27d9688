using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;
using Vms.Testing.Viewers;

namespace Vms.Recorder.Tests.Playback;

/// <summary>DASH of the past; mpd-parser and ffmpeg are the judges, dash.js in <see cref="ChromiumPlaybackTests"/>.</summary>
public sealed class ManifestTests
{
    private static readonly XNamespace s_mpd = "urn:mpeg:dash:schema:mpd:2011";

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Footage_of_two_files_is_one_period_that_ffmpeg_decodes_to_every_picture_and_sample(int bFrames)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync(gop: 50, bFrames: bFrames);
        var sound = RecordedSound.Counting(120);
        await rig.RecordAsync(footage, 0, 250, sound);
        await rig.RecordAsync(footage, 250, 250, sound);
        string url = rig.Url("playback/manifest.mpd", 3, 60);

        var manifest = XDocument.Parse(await rig.Http.GetStringAsync(url));
        var period = Assert.Single(manifest.Root!.Elements(s_mpd + "Period"));
        Assert.Equal("PT18.00000S", manifest.Root.Attribute("mediaPresentationDuration")!.Value);
        Assert.Equal(["video", "audio"], period.Elements(s_mpd + "AdaptationSet").Select(set => set.Attribute("contentType")!.Value));
        Assert.Equal("2026-11-21T09:30:02.000Z", period.Descendants(s_mpd + "ProducerReferenceTime").First().Attribute("wallClockTime")!.Value);

        double[] times = await FrameTimesAsync(url);
        Assert.Equal(450, times.Length);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(0.04, pair.Second - pair.First, 3));
        short[] samples = await SoundPlaybackTests.SamplesAsync(url);
        SoundPlaybackTests.AssertCounts(samples, 16_000, 17 * 8000);
        var pieces = await PiecesAsync(rig, period, "video");
        ArchiveJudge.AssertEveryFrameOnce(Footage.CountersIn(pieces), 50, 500);
    }

    [Fact]
    public async Task Mpd_parser_reads_periods_across_a_gap_and_other_parameters()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        await rig.RecordAsync(await Footage.LoadAsync(), 100, 100, offsetSeconds: 20);
        await rig.RecordAsync(await Footage.LoadAsync(width: 640), 200, 100, offsetSeconds: 20);

        using var directory = new TestDirectory();
        await File.WriteAllTextAsync(directory["manifest.mpd"], await rig.Http.GetStringAsync(rig.Url("playback/manifest.mpd", 0, 60)));
        using var read = JsonDocument.Parse(await ChildProcess.RunAsync(
            "node", [Path.Combine(Players.Folder, "mpd.cjs"), directory["manifest.mpd"], rig.BaseUrl + "playback/"]));

        var root = read.RootElement;
        Assert.Equal(12, root.GetProperty("duration").GetDouble(), 3);
        Assert.Equal(3, root.GetProperty("segments").GetArrayLength());
        Assert.Equal([0, 4, 8], root.GetProperty("segments").EnumerateArray().Select(s => s.GetProperty("presentationTime").GetDouble()));
        foreach (var segment in root.GetProperty("segments").EnumerateArray())
        {
            byte[] init = await rig.Http.GetByteArrayAsync(segment.GetProperty("init").GetString());
            byte[] media = await rig.Http.GetByteArrayAsync(segment.GetProperty("media").GetString());
            await File.WriteAllBytesAsync(directory["piece.mp4"], [.. init, .. media]);
            await ArchiveJudge.AssertDecodesAsync(directory["piece.mp4"]);
            Assert.Equal(100, await ArchiveJudge.DecodedFramesAsync(directory["piece.mp4"]));
        }
    }

    [Fact]
    public async Task Compressed_sound_has_a_set_of_its_own_as_it_is()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var aac = await AudioFootage.LoadAsync(CodecKind.Aac);
        // Frames of 64 ms, sent in the 20 ms that the rig has: only their order counts.
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100, new RecordedSound(aac.Track, number => aac.Frames[(int)(number % aac.Frames.Count)].Data.ToArray(), 40));

        var manifest = XDocument.Parse(await rig.Http.GetStringAsync(rig.Url("playback/manifest.mpd", 0, 60)));
        var period = Assert.Single(manifest.Root!.Elements(s_mpd + "Period"));
        byte[] sound = await PiecesAsync(rig, period, "audio");
        Assert.Equal("mp4a.40.2", period.Descendants(s_mpd + "Representation").Last().Attribute("codecs")!.Value);
        Assert.All(Enumerable.Range(5, 30), i => Assert.True(sound.AsSpan().IndexOf(aac.Frames[i].Data.Span) > 0));
    }

    [Fact]
    public async Task After_the_beginning_was_deleted_an_old_manifest_still_leads_to_the_same_pictures()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        var first = await rig.RecordAsync(footage, 0, 100);
        await rig.RecordAsync(footage, 100, 100);
        var manifest = XDocument.Parse(await rig.Http.GetStringAsync(rig.Url("playback/manifest.mpd", 0, 60)));
        string[] media = [.. MediaOf(manifest.Root!.Elements(s_mpd + "Period").Single(), "video")];
        byte[] before = await rig.Http.GetByteArrayAsync("playback/" + media[^1]);

        await rig.PutAsync(new SegmentDeleted(new DeletedSegment(
            first.Name.Id, rig.Camera, "main", PlaybackRig.Start, first.Path, 1, "age", TimeProvider.System.GetUtcNow(), int.MaxValue)));

        Assert.Equal(before, await rig.Http.GetByteArrayAsync("playback/" + media[^1]));
        using var gone = await rig.Http.GetAsync("playback/" + media[0]);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    private static async Task<byte[]> PiecesAsync(PlaybackRig rig, XElement period, string type)
    {
        var all = new MemoryStream();
        string init = SetOf(period, type).Element(s_mpd + "SegmentTemplate")!.Attribute("initialization")!.Value;
        all.Write(await rig.Http.GetByteArrayAsync("playback/" + init));
        foreach (string media in MediaOf(period, type)) all.Write(await rig.Http.GetByteArrayAsync("playback/" + media));
        return all.ToArray();
    }

    private static XElement SetOf(XElement period, string type) =>
        period.Elements(s_mpd + "AdaptationSet").Single(set => set.Attribute("contentType")!.Value == type);

    private static IEnumerable<string> MediaOf(XElement period, string type)
    {
        var template = SetOf(period, type).Element(s_mpd + "SegmentTemplate")!;
        long time = 0;
        foreach (var s in template.Descendants(s_mpd + "S"))
        {
            time = s.Attribute("t") is { } t ? long.Parse(t.Value, CultureInfo.InvariantCulture) : time;
            yield return template.Attribute("media")!.Value.Replace("$Time$", time.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            time += long.Parse(s.Attribute("d")!.Value, CultureInfo.InvariantCulture);
        }
    }

    private static async Task<double[]> FrameTimesAsync(string url)
    {
        string said = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", url]);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture))];
    }
}
