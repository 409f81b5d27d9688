using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Vms.Codecs;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Playback;

/// <summary>Recordings that few browsers play, converted while they are sent (docs/design/transcoding.md); ffmpeg is the judge.</summary>
public sealed class ConvertedPlaybackTests
{
    private const int Fps = 25;

    private static readonly FootageSpec s_footage = FootageSpec.Pattern("converted", 320, 180) with { Codec = CodecKind.H265, Seconds = 4 };

    [Fact]
    public async Task An_H265_recording_plays_as_H264_picture_by_picture_at_its_times_and_its_file_stays_as_it_is()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        var first = await rig.RecordAsync(footage, 0, 250);
        var second = await rig.RecordAsync(footage, 250, 100);
        byte[] before = Hash(first.Path, second.Path);
        string url = rig.Url("playback/index.m3u8", 0, 60) + "&converted=true";

        string playlist = await rig.Http.GetStringAsync(url);
        Assert.Equal(1, Count(playlist, "#EXT-X-MAP"));
        Assert.DoesNotContain("DISCONTINUITY", playlist, StringComparison.Ordinal);
        Assert.Contains("/h264/", playlist, StringComparison.Ordinal);

        // One init segment serves all pieces, and the pictures come at the times they have in the recording.
        var file = new MemoryStream();
        file.Write(await rig.Http.GetByteArrayAsync("playback/" + playlist.Split('\n').First(l => l.StartsWith("#EXT-X-MAP", StringComparison.Ordinal))[16..^1]));
        foreach (string line in Pieces(playlist))
            file.Write(await rig.Http.GetByteArrayAsync("playback/" + line));
        using var directory = new TestDirectory();
        string whole = directory["converted.mp4"];
        await File.WriteAllBytesAsync(whole, file.ToArray());
        var judged = await FfProbe.InspectAsync(whole);
        Assert.Equal(("h264", 350, 320, ""), (judged.Codec, judged.Frames, judged.Width, judged.Warnings));
        var source = await FfProbe.FrameNumbersAsync(footage.Path);
        Assert.Equal(Enumerable.Range(0, 350).Select(i => source[i % source.Count]), await FfProbe.FrameNumbersAsync(whole));
        double[] times = await FrameTimesAsync(whole);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(1.0 / Fps, pair.Second - pair.First, 3));

        Assert.Equal("", await ChildProcess.RunAsync("ffmpeg", ["-v", "warning", "-i", url, "-f", "null", "-"]));
        Assert.Equal(before, Hash(first.Path, second.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sound_goes_beside_it_as_it_is_or_sample_by_sample(bool compressed)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        var opus = await AudioFootage.LoadAsync(CodecKind.Opus);
        var sound = compressed
            ? new RecordedSound(opus.Track, number => opus.Frames[(int)(number % opus.Frames.Count)].Data.ToArray(), 100)
            : RecordedSound.Counting(100);
        await rig.RecordAsync(footage, 0, 150, sound);
        await rig.RecordAsync(footage, 150, 100, sound);
        string url = rig.Url("playback/index.m3u8", 0, 60) + "&converted=true";

        Assert.Equal("h264,250", (await ChildProcess.RunAsync(
            "ffprobe", ["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0", url])).Split('\n')[0]);
        if (compressed)
        {
            string packets = await ChildProcess.RunAsync(
                "ffprobe", ["-v", "error", "-count_packets", "-select_streams", "a:0", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", url]);
            // All that was captured until the last picture and had arrived by then.
            Assert.Equal("opus,494", packets.Split('\n')[0]);
        }
        else
        {
            SoundPlaybackTests.AssertCounts(await SoundPlaybackTests.SamplesAsync(url), 0, 9 * 8000);
        }
    }

    [Fact]
    public async Task Those_who_ask_for_the_same_piece_share_one_conversion()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        string piece = "playback/" + Pieces(await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60) + "&converted=true")).First();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => rig.Http.GetByteArrayAsync(piece)));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Equal(1, rig.Metrics["vms_playback_converted_total"]);
    }

    [Fact]
    public async Task What_is_not_to_be_converted_is_refused_with_its_reason()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100);
        Assert.Equal((HttpStatusCode.Conflict, "conversionNotNeeded"), await AskAsync(rig, rig.Url("playback/index.m3u8", 0, 60) + "&converted=true"));

        await using var off = await PlaybackRig.StartAsync(transcodes: 0);
        await off.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        Assert.Equal((HttpStatusCode.Conflict, "transcodeOff"), await AskAsync(off, off.Url("playback/index.m3u8", 0, 60) + "&converted=true"));
        Assert.DoesNotContain("h264/", await off.Http.GetStringAsync(off.Url("playback/index.m3u8", 0, 60)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_piece_waits_for_a_slot_of_the_node_and_is_refused_when_none_comes_free()
    {
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { ConversionWait = TimeSpan.FromMilliseconds(300) });
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        string piece = rig.BaseUrl + "playback/" + Pieces(await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60) + "&converted=true")).First();
        using (rig.Slots.TryTake())
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "transcodeLimit"), await AskAsync(rig, piece));
        Assert.Equal((HttpStatusCode.OK, ""), await AskAsync(rig, piece));
    }

    [Fact]
    public async Task A_piece_whose_viewers_have_left_waits_for_no_slot()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        string piece = "playback/" + Pieces(await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60) + "&converted=true")).First();
        using (rig.Slots.TryTake())
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Http.GetByteArrayAsync(piece, patience.Token));
            await Eventually.TrueAsync(() => rig.Conversion.Count == 0);
        }

        Assert.Equal(0, rig.Metrics["vms_playback_converted_total"]);
        Assert.NotEmpty(await rig.Http.GetByteArrayAsync(piece));
    }

    [Theory, InlineData(1, 60_000), InlineData(1 << 20, 300)]
    public async Task A_piece_is_forgotten_when_it_is_too_much_or_too_old_though_nobody_asks_again(int maxBytes, int ageMs)
    {
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { MaxConvertedBytes = maxBytes, ConvertedAge = TimeSpan.FromMilliseconds(ageMs) });
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 100);
        string piece = "playback/" + Pieces(await rig.Http.GetStringAsync(rig.Url("playback/index.m3u8", 0, 60) + "&converted=true")).First();
        Assert.NotEmpty(await rig.Http.GetByteArrayAsync(piece));
        await Eventually.TrueAsync(() => rig.Conversion.KeptBytes == 0, TimeSpan.FromSeconds(5));
    }

    private static async Task<(HttpStatusCode Status, string Code)> AskAsync(PlaybackRig rig, string url)
    {
        using var response = await rig.Http.GetAsync(url);
        if (response.IsSuccessStatusCode)
            return (response.StatusCode, "");
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, problem.RootElement.GetProperty("code").GetString()!);
    }

    private static IEnumerable<string> Pieces(string playlist) => playlist.Split('\n').Where(l => l.Contains(".m4s", StringComparison.Ordinal));

    private static byte[] Hash(params string[] paths) => [.. paths.SelectMany(p => SHA256.HashData(File.ReadAllBytes(p)))];

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static async Task<double[]> FrameTimesAsync(string path)
    {
        string said = await ChildProcess.RunAsync(
            "ffprobe", ["-v", "warning", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path]);
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(t => double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture))];
    }
}
