using System.Runtime.InteropServices;
using Vms.Codecs;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Playback;

/// <summary>Sound that browsers do not play as it is recorded, as FLAC of the very samples; ffmpeg is the judge.</summary>
public sealed class SoundPlaybackTests
{
    private const int Rate = 8000;

    [Theory]
    [InlineData(120, 0)]
    [InlineData(-300, 0)]
    [InlineData(40, 2)]
    public async Task Every_sample_is_heard_once_over_fragments_pieces_and_files(int lateMs, int bFrames)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync(gop: 50, bFrames: bFrames);
        var sound = RecordedSound.Counting(lateMs);
        await rig.RecordAsync(footage, 0, 250, sound);
        await rig.RecordAsync(footage, 250, 250, sound);

        // From the keyframe at 2 s.
        short[] playlist = await SamplesAsync(rig.Url("playback/index.m3u8", 3, 60));
        short[] clip = await SamplesAsync(await rig.SaveAsync(rig.Url("clip.mp4", 2, 60)));

        // Without sound that came later than the last picture there is silence at the end.
        int heard = (18 * Rate) - (Math.Max(lateMs, 0) + 40) * Rate / 1000;
        AssertCounts(playlist, 2 * Rate, heard);
        AssertCounts(clip, 2 * Rate, heard);
        Assert.Equal(18 * Rate, playlist.Length);
    }

    [Fact]
    public async Task Sound_that_was_lost_is_silence_of_the_same_length()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 250, RecordedSound.Counting(100, number => number is >= 150 and < 200));

        short[] samples = await SamplesAsync(rig.Url("playback/index.m3u8", 0, 60));

        AssertCounts(samples.AsSpan(0, 3 * Rate), 0, 3 * Rate);
        Assert.All(samples[(3 * Rate)..(4 * Rate)], sample => Assert.Equal(0, sample));
        AssertCounts(samples.AsSpan(4 * Rate), 4 * Rate, 5 * Rate);
    }

    [Fact]
    public async Task A_gap_between_two_files_is_one_in_the_sound()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        var sound = RecordedSound.Counting(0, isLost: number => number is >= 199 and < 400);
        await rig.RecordAsync(footage, 0, 100, sound);
        await rig.RecordAsync(footage, 200, 100, sound);

        short[] playlist = await SamplesAsync(rig.Url("playback/index.m3u8", 0, 60));

        AssertCounts(playlist.AsSpan(0, 4 * Rate), 0, (4 * Rate) - 320);
        AssertCounts(playlist.AsSpan(4 * Rate), 8 * Rate, (4 * Rate) - 160);
    }

    [Fact]
    public async Task Any_part_of_a_clip_is_the_same_bytes_as_in_the_whole()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        var sound = RecordedSound.Counting(120);
        await rig.RecordAsync(footage, 0, 150, sound);
        await rig.RecordAsync(footage, 150, 150, sound);
        string url = rig.Url("clip.mp4", 1, 11);
        byte[] whole = await rig.Http.GetByteArrayAsync(url);

        foreach (int start in (int[])[0, 5_000, whole.Length / 2, whole.Length - 777])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Range = new(start, Math.Min(start + 99_999, whole.Length - 1));
            using var response = await rig.Http.SendAsync(request);
            Assert.Equal(whole.Length, response.Content.Headers.ContentRange!.Length);
            Assert.Equal(whole[start..Math.Min(start + 100_000, whole.Length)], await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData(CodecKind.PcmA, 0)]
    [InlineData(CodecKind.PcmU, 0)]
    [InlineData(CodecKind.G726, 0.001)]   // adapts anew for each fragment, from a second before it
    public async Task It_sounds_as_ffmpeg_decodes_what_the_camera_sent(CodecKind codec, double mostNoise)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var tone = await AudioFootage.LoadAsync(codec);
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 225, new RecordedSound(tone.Track, number => tone.Frames[(int)number].Data.ToArray(), 80));
        using var folder = new TestDirectory();
        await File.WriteAllBytesAsync(folder["codes"], [.. tone.Frames.SelectMany(f => f.Data.ToArray())]);
        short[] expected = await DecodedAsync(codec switch
        {
            CodecKind.PcmA => ["-f", "alaw", "-ar", "8000", "-ac", "1", "-i", folder["codes"]],
            CodecKind.PcmU => ["-f", "mulaw", "-ar", "8000", "-ac", "1", "-i", folder["codes"]],
            _ => ["-f", "g726le", "-code_size", "4", "-ar", "8000", "-i", folder["codes"]],
        }, level: "fatal");     // G.726 without a container ends in the middle of a packet, says ffmpeg

        short[] played = await SamplesAsync(rig.Url("playback/index.m3u8", 0, 60));
        short[] clip = await SamplesAsync(await rig.SaveAsync(rig.Url("clip.mp4", 0, 60)));

        double noise = 0, energy = 0;
        for (int i = 0; i < 8 * Rate; i++)
        {
            noise += Math.Pow(played[i] - expected[i], 2);
            energy += Math.Pow(expected[i], 2);
        }

        Assert.InRange(noise / energy, 0, mostNoise);
        Assert.Equal(played[..(8 * Rate)], clip[..(8 * Rate)]);
        Assert.Equal("flac", await CodecAsync(rig.Url("clip.mp4", 0, 60)));
        Assert.Equal(codec switch { CodecKind.PcmA => "pcm_alaw", CodecKind.PcmU => "pcm_mulaw", _ => "unknown" }, await CodecAsync((await rig.SegmentsAsync())[0].Path));
    }

    /// <summary>First, first + 1, …</summary>
    internal static void AssertCounts(ReadOnlySpan<short> samples, int first, int count)
    {
        for (int i = 0; i < count; i++) Assert.True(samples[i] == (short)(first + i), $"sample {i}: {(short)(first + i)} expected, {samples[i]} heard, which comes at {samples.IndexOf((short)(first + i))}");
    }

    internal static Task<short[]> SamplesAsync(string input) => DecodedAsync(["-i", input, "-map", "0:a"]);

    private static async Task<short[]> DecodedAsync(string[] input, string level = "error")
    {
        using var folder = new TestDirectory();
        Assert.Equal("", await ChildProcess.RunAsync("ffmpeg", ["-v", level, .. input, "-f", "s16le", folder["samples"]]));
        return MemoryMarshal.Cast<byte, short>(await File.ReadAllBytesAsync(folder["samples"])).ToArray();
    }

    private static async Task<string> CodecAsync(string input) => (await ChildProcess.RunAsync(
        "ffprobe", ["-v", "fatal", "-select_streams", "a:0", "-show_entries", "stream=codec_name", "-of", "csv=p=0", input])).Trim();
}
