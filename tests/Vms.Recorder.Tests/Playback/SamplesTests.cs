using System.Net.WebSockets;
using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.Playback;

/// <summary>Groups of pictures over a WebSocket: each frame once, in either direction, over everything that lies between two of them.</summary>
public sealed class SamplesTests
{
    [Fact]
    public async Task Every_frame_comes_once_forwards_and_backwards_over_two_segments_and_a_gap()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 250);
        await rig.RecordAsync(footage, 500, 100, offsetSeconds: 3600);
        await using var client = await SamplesClient.OpenAsync(rig);

        var forwards = await client.ReadAsync(SamplesClient.Us(0), 1, 64);
        Assert.Equal(("noMore", 1, 24), (forwards.End, forwards.Formats, forwards.Gops.Count));
        Assert.Equal(Range(0, 600), Counters(forwards));
        Assert.All(forwards.Gops, g => Assert.Equal([true, .. Enumerable.Repeat(false, 24)], g.Pictures.Select(p => p.IsKeyframe)));
        Assert.All(forwards.Gops.SelectMany(g => g.Pictures), p => Assert.Equal(AtUs(p.Counter, p.Counter < 500 ? 0 : 3600), p.AtUs));
        Assert.All(forwards.Gops.SelectMany(g => g.Pictures), p => Assert.Equal(40_000u, p.DurationUs));
        Assert.All(forwards.Gops, g => Assert.Equal((g.Pictures[0].AtUs, g.Pictures[^1].AtUs + 40_000), (g.FromUs, g.ToUs)));
        Assert.Equal(footage.Track.CodecParameters.ToArray(), client.Current!.Description);
        Assert.Equal((320, 240), (client.Current.Width, client.Current.Height));
        Assert.StartsWith("avc1.4D", client.Current.Codec, StringComparison.OrdinalIgnoreCase);

        var backwards = await client.ReadAsync(SamplesClient.Us(4000), -1, 64);
        Assert.Equal(("noMore", 0), (backwards.End, backwards.Formats));
        Assert.Equal(forwards.Gops.Select(g => g.FromUs).Reverse(), backwards.Gops.Select(g => g.FromUs));
        Assert.Equal(Range(0, 600), Counters(backwards).Order());
        Assert.All(backwards.Gops, g => Assert.Equal(g.Pictures.OrderBy(p => p.Counter), g.Pictures));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Reads_that_follow_each_other_leave_nothing_out_and_repeat_nothing(int direction)
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync(gop: 25, bFrames: 2);
        await rig.RecordAsync(footage, 0, 250);
        await rig.RecordAsync(footage, 250, 250, offsetSeconds: 600);
        await using var client = await SamplesClient.OpenAsync(rig);

        var got = new List<long>();
        SamplesClient.Answer answer;
        long atUs = SamplesClient.Us(direction > 0 ? 0 : 10_000);
        do
        {
            answer = await client.ReadAsync(atUs, direction, 3);
            got.AddRange(Counters(answer));
            if (answer.Gops.Count > 0) atUs = direction > 0 ? answer.Gops[^1].ToUs : answer.Gops[^1].FromUs - 1;
        }
        while (answer.End == "done");
        Assert.Equal("noMore", answer.End);
        Assert.Equal(Range(0, 500), got.Order());
    }

    private static IEnumerable<long> Range(int from, int to) => Enumerable.Range(from, to - from).Select(i => (long)i);

    private static List<long> Counters(SamplesClient.Answer answer) => [.. answer.Gops.SelectMany(g => g.Pictures).Select(p => p.Counter)];

    private static long AtUs(long frame, double offsetSeconds) => SamplesClient.Us(offsetSeconds + ((double)frame / Footage.FramesPerSecond));
}
