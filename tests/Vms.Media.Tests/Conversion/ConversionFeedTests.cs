using Vms.Codecs;
using Vms.Media.Conversion;
using Vms.Media.Tests.Egress;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Conversion;

public sealed class ConversionFeedTests
{
    private static readonly FootageSpec s_footage = FootageSpec.Pattern("calm", 320, 180, frameRate: 10) with { Codec = CodecKind.H265, GopLength = 10, Seconds = 4 };

    [Fact]
    public async Task Pictures_that_are_left_out_are_counted_without_the_sound_between_them()
    {
        await using var host = await EgressHost.StartAsync();
        var camera = await host.AddCameraAsync(s_footage, sound: CodecKind.Aac);
        camera.Write(15);
        var time = new ManualTimeProvider();
        var counters = new ConversionCounters();
        using var feed = ConversionFeed.TryOpen(camera.Stream, null, new PicturesInWork(time), counters, time, TimeSpan.FromSeconds(2))!;
        while (feed.Read() != FeedStep.Empty)
            Assert.Equal(0, counters.Skipped);

        camera.Write(40);
        Assert.True(camera.SoundWritten > camera.Written);
        time.Advance(TimeSpan.FromSeconds(3));
        feed.Read();
        Assert.InRange(counters.Skipped, 28, 42);       // pictures 15 to 49
    }
}
