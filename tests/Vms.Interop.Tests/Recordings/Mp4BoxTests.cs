using System.Text.Json;
using Vms.Codecs;
using Vms.Testing.Processes;
using Vms.Testing.Viewers;

namespace Vms.Interop.Tests.Recordings;

/// <summary>mp4box.js, which web players and editors are built on, finds every sample in recorded files and clips.</summary>
public sealed class Mp4BoxTests
{
    [Theory]
    [InlineData(CodecKind.H264, CodecKind.PcmA, false, "avc1.", "alaw")]
    [InlineData(CodecKind.H264, CodecKind.PcmA, true, "avc1.", "fLaC")]
    [InlineData(CodecKind.H264, CodecKind.Aac, true, "avc1.", "mp4a.40.2")]
    [InlineData(CodecKind.H265, CodecKind.Aac, false, "hvc1.", "mp4a.40.2")]
    [InlineData(CodecKind.H265, CodecKind.Opus, true, "hvc1.", "Opus")]
    public async Task Every_sample_is_found_with_times_that_rise(CodecKind video, CodecKind sound, bool clip, string videoName, string soundName)
    {
        using var recorded = await RecordedFile.CreateAsync(video, sound);
        string file = clip ? await recorded.ClipAsync() : recorded.Segment;

        string said = await ChildProcess.RunAsync("node", [Path.Combine(Players.Folder, "samples.cjs"), file]);
        using var found = JsonDocument.Parse(said.TrimEnd().Split('\n')[^1]);

        Assert.True(found.RootElement.GetProperty("isFragmented").GetBoolean());
        var tracks = found.RootElement.GetProperty("tracks").EnumerateArray().ToList();
        Assert.Equal(2, tracks.Count);
        Assert.All(tracks, track => Assert.Equal(0, Number(track, "backwards")));
        Assert.StartsWith(videoName, tracks[0].GetProperty("codec").GetString(), StringComparison.Ordinal);
        Assert.Equal(recorded.Video.Frames.Count, Number(tracks[0], "samples"));
        Assert.Equal(recorded.Video.Frames.Count(f => f.IsKeyframe), Number(tracks[0], "keyframes"));
        Assert.Equal(recorded.Video.ToSamples().Sum(s => (long)s.Length), Number(tracks[0], "bytes"));
        Assert.Equal(soundName, tracks[1].GetProperty("codec").GetString());
        if (soundName != "fLaC") Assert.Equal(recorded.SoundFrames, Number(tracks[1], "samples"));
        Assert.InRange((double)Number(tracks[1], "ticks") / Number(tracks[1], "timescale"), RecordedFile.Seconds - 0.3, RecordedFile.Seconds + 0.1);
    }

    private static long Number(JsonElement track, string name) => track.GetProperty(name).GetInt64();
}
