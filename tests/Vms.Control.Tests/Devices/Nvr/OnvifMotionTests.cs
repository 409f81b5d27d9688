using Vms.Control.Devices.Nvr;
using Vms.Onvif.Events;
using Vms.Onvif.Media;

namespace Vms.Control.Tests.Devices.Nvr;

/// <summary>A recorder with two channels: source a behind profiles p1 and p2, source b behind p3.</summary>
public sealed class OnvifMotionTests
{
    private static readonly OnvifSources s_two = OnvifSources.Of(
        [new NvrChannel(1, "1", null, []) { Id = "a" }, new NvrChannel(2, "2", null, []) { Id = "b" }],
        [Profile("p1", "a", "a_set"), Profile("p2", "a", "a_set"), Profile("p3", "b", null)]);

    [Theory]
    [InlineData("VideoSourceConfigurationToken=a_set,VideoAnalyticsConfigurationToken=v,Rule=MyMotion", 1)]
    [InlineData("Source=b", 2)]
    [InlineData("VideoSource=b,Rule=a", 2)]
    [InlineData("Rule=a,VideoSourceToken=b", 2)]
    [InlineData("ProfileToken=p2", 1)]
    [InlineData("VideoSourceConfigurationToken=nobody", null)]
    [InlineData("", null)]
    public void A_token_tells_the_channel(string source, int? channel) => Assert.Equal(channel, s_two.ChannelOf(source));

    [Fact]
    public void What_a_device_with_one_channel_does_not_say_is_of_that_one() =>
        Assert.Equal(1, OnvifSources.Of([new NvrChannel(1, "1", null, []) { Id = "a" }], [Profile("p1", "a", null)]).ChannelOf("Rule=1"));

    [Fact]
    public void Motion_that_two_rules_see_is_over_when_both_say_so()
    {
        var motion = new OnvifMotion(() => s_two);
        Assert.Equal(new NvrEvent(NvrEventKind.Motion, 1, true), motion.Take(Said("VideoSource/MotionAlarm", "Source=a"), true));
        Assert.Equal(new NvrEvent(NvrEventKind.Motion, 1, true), motion.Take(Said("RuleEngine/CellMotionDetector/Motion", "VideoSourceConfigurationToken=a_set"), true));
        Assert.Equal(new NvrEvent(NvrEventKind.Motion, 2, false), motion.Take(Said("VideoSource/MotionAlarm", "Source=b"), false));
        Assert.Null(motion.Take(Said("VideoSource/MotionAlarm", "Source=a"), false));
        Assert.Equal(new NvrEvent(NvrEventKind.Motion, 1, false), motion.Take(Said("RuleEngine/CellMotionDetector/Motion", "VideoSourceConfigurationToken=a_set"), false));
        Assert.Null(motion.Take(Said("VideoSource/MotionAlarm", "Source=z"), true));
    }

    private static Notification Said(string topic, string source) => new(topic, PropertyOperation.Changed, source, []);

    private static MediaProfile Profile(string token, string source, string? configuration) =>
        new(token, token, source, new VideoEncoding("H264", 1920, 1080, null, null), false, false, null) { VideoSourceConfiguration = configuration };
}
