using System.Text.Json;
using Vms.Control.Integrations.Mqtt;
using Vms.Control.Outbox;

namespace Vms.Control.Tests.Integrations;

/// <summary>Where rules may publish; MqttTests have a broker.</summary>
public sealed class MqttChannelTests
{
    [Theory]
    [InlineData("gate", "rules/gate")]
    [InlineData("rules/gate", "rules/gate")]
    [InlineData("default/server/camera/state", "rules/default/server/camera/state")]
    public void What_rules_publish_is_below_rules(string target, string topic) => Assert.Equal((true, topic), (MqttChannel.IsTarget(target), MqttChannel.TopicOf(target)));

    [Theory]
    [InlineData("default", "server/camera/command/arm")]
    [InlineData("default", "command")]
    [InlineData("default", "a/#")]
    [InlineData("other", "gate")]
    public async Task Commands_wildcards_and_rules_of_other_tenants_are_refused_for_good(string tenant, string target)
    {
        var channel = new MqttChannel(null!);       // nothing is asked of the broker
        var item = new OutboxItem(tenant, "mqtt", target, "e", DateTimeOffset.UnixEpoch, "r", JsonSerializer.SerializeToElement(new { }));
        Assert.True((await Assert.ThrowsAsync<DeliveryException>(() => channel.DeliverAsync(item, default))).IsFinal);
    }
}
