using Vms.Codecs;
using Vms.Recorder.Tests.Support;
using Vms.Testing.Footage;

namespace Vms.Recorder.Tests.Playback;

/// <summary>What Debian's Chromium makes of recordings with sound: hls.js, dash.js, and the file as it is. Few, because each starts a browser.</summary>
public sealed class ChromiumPlaybackTests
{
    [Theory]
    [InlineData("hls", "playback/index.m3u8", CodecKind.PcmA)]
    [InlineData("dash", "playback/manifest.mpd", CodecKind.PcmU)]
    [InlineData("file", "clip.mp4", CodecKind.PcmU)]
    [InlineData("hls", "playback/index.m3u8", CodecKind.G726)]
    [InlineData("dash", "playback/manifest.mpd", CodecKind.Opus)]
    public async Task Recorded_sound_is_heard_to_the_end(string player, string path, CodecKind codec)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        var tone = await AudioFootage.LoadAsync(codec);
        var sound = new RecordedSound(tone.Track, number => tone.Frames[(int)(number % tone.Frames.Count)].Data.ToArray(), 80);
        // Two files that follow each other.
        await rig.RecordAsync(footage, 0, 100, sound);
        await rig.RecordAsync(footage, 100, 100, sound);

        var seen = await rig.Pages.PlayAsync(player, rig.Url(path, 0, 60));

        string all = seen.ToString();
        Assert.True(seen.GetProperty("errors").GetArrayLength() == 0, all);
        Assert.True(seen.GetProperty("ended").GetBoolean(), all);
        Assert.InRange(seen.GetProperty("duration").GetDouble(), 7.9, 8.2);
        Assert.True(seen.GetProperty("heardBytes").GetInt64() > 20_000, all);
        Assert.InRange(seen.GetProperty("loudest").GetDouble(), 0.15, 0.6);
        Assert.True(seen.GetProperty("loud").GetDouble() > 0.5, all);
    }

    [Fact]
    public async Task Dash_js_goes_on_over_a_gap_and_a_change_of_resolution()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var tone = await AudioFootage.LoadAsync(CodecKind.PcmA);
        var sound = new RecordedSound(tone.Track, number => tone.Frames[(int)(number % tone.Frames.Count)].Data.ToArray(), 80) { IsLost = n => n is >= 200 and < 400 };
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 100, sound);
        await rig.RecordAsync(await Footage.LoadAsync(), 200, 100, sound);
        await rig.RecordAsync(await Footage.LoadAsync(width: 640), 300, 100, sound);

        var seen = await rig.Pages.PlayAsync("dash", rig.Url("playback/manifest.mpd", 0, 60));

        string all = seen.ToString();
        Assert.True(seen.GetProperty("errors").GetArrayLength() == 0, all);
        Assert.True(seen.GetProperty("ended").GetBoolean(), all);
        Assert.InRange(seen.GetProperty("duration").GetDouble(), 11.9, 12.2);
        Assert.Equal(640, seen.GetProperty("width").GetInt32());
        Assert.True(seen.GetProperty("loud").GetDouble() > 0.5, all);
    }
}
