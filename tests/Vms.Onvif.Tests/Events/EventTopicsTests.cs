using Vms.Onvif.Events;

namespace Vms.Onvif.Tests.Events;

public sealed class EventTopicsTests
{
    [Fact]
    public void Topics_are_named_by_their_path_without_prefixes()
    {
        var topics = Read("""
            <wstop:TopicSet><tns1:RuleEngine wstop:topic="false"><CellMotionDetector><Motion wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Data/></tt:MessageDescription></Motion></CellMotionDetector></tns1:RuleEngine>
            <tns1:Device><Trigger><tnsvendor:DigitalInput><tt:MessageDescription/></tnsvendor:DigitalInput></Trigger></tns1:Device></wstop:TopicSet>
            """);
        Assert.Equal(["RuleEngine/CellMotionDetector/Motion", "Device/Trigger/DigitalInput"], topics.Topics);
        Assert.True(topics.HasDigitalInput);
    }

    [Fact]
    public void A_device_that_names_none_has_none_and_one_that_names_too_many_a_bounded_number()
    {
        Assert.Empty(Read("").Topics);
        Assert.False(Read("").HasDigitalInput);
        Assert.Equal(EventTopics.MaxTopics, Read($"<TopicSet>{string.Concat(Enumerable.Range(0, 2000).Select(i => $"<T{i}/>"))}</TopicSet>").Topics.Count);
        Assert.Empty(Read($"<TopicSet><{new string('n', 1000)}><T/></{new string('n', 1000)}></TopicSet>").Topics);
        Assert.Null(EventTopics.Get.ReadWith("<x/>"));
    }

    private static EventTopics Read(string content) => EventTopics.Get.ReadWith($"<tev:GetEventPropertiesResponse>{content}</tev:GetEventPropertiesResponse>")!;
}
