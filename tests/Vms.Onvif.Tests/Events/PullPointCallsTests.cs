using System.Xml.Linq;
using Vms.Onvif.Events;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Events;

public sealed class PullPointCallsTests
{
    private const string Axis = """
        <tev:CreatePullPointSubscriptionResponse xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:wsa5="http://www.w3.org/2005/08/addressing" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2">
        <tev:SubscriptionReference><wsa5:Address>http://h/onvif/services</wsa5:Address><wsa5:ReferenceParameters><dom0:SubscriptionId xmlns:dom0="http://www.axis.com/2009/event">123</dom0:SubscriptionId></wsa5:ReferenceParameters></tev:SubscriptionReference>
        <wsnt:CurrentTime>2026-01-01T00:00:00Z</wsnt:CurrentTime><wsnt:TerminationTime>2026-01-01T00:01:00Z</wsnt:TerminationTime></tev:CreatePullPointSubscriptionResponse>
        """;

    [Fact]
    public void A_subscription_has_address_lifetime_and_what_goes_with_every_question()
    {
        var subscription = Read(Axis);
        Assert.Equal("http://h/onvif/services", subscription.Address);
        Assert.Equal(TimeSpan.FromMinutes(1), subscription.Lifetime);
        var reference = Assert.Single(subscription.References);
        Assert.Equal(XName.Get("SubscriptionId", "http://www.axis.com/2009/event"), reference.Name);
        Assert.Equal("true", reference.Attribute(OnvifNamespaces.Addressing + "IsReferenceParameter")!.Value);
    }

    [Fact]
    public void An_empty_address_nonsense_times_and_undeclared_prefixes_are_borne()
    {
        Assert.Equal((null, null), (Read("<CreatePullPointSubscriptionResponse><SubscriptionReference><Address/></SubscriptionReference></CreatePullPointSubscriptionResponse>").Address, Read(
            Axis.Replace("2026-01-01T00:01", "2025-01-01T00:01", StringComparison.Ordinal)).Lifetime));
        Assert.Empty(Read(Axis.Replace("xmlns:dom0=\"http://www.axis.com/2009/event\"", "", StringComparison.Ordinal)).References);
        Assert.Null(PullPointCalls.Create(TimeSpan.FromMinutes(1)).ReadWith("<x/>"));
    }

    [Fact]
    public void Pulled_messages_mean_what_those_of_a_metadata_stream_mean()
    {
        var pulled = PullPointCalls.Pull(TimeSpan.FromSeconds(5)).ReadWith(
            """<PullMessagesResponse><NotificationMessage><Topic>tns1:Device/Trigger/DigitalInput</Topic><Message><Message PropertyOperation="Changed"><Source><SimpleItem Name="InputToken" Value="1"/></Source><Data><SimpleItem Name="LogicalState" Value="true"/></Data></Message></Message></NotificationMessage></PullMessagesResponse>""")!;
        Assert.Equal(new EventMeaning("input.active", true), EventMeaning.Of(Assert.Single(pulled)));
        Assert.Empty(PullPointCalls.Pull(TimeSpan.FromSeconds(5)).ReadWith("<PullMessagesResponse/>")!);
    }

    private static PullPointSubscription Read(string body) => PullPointCalls.Create(TimeSpan.FromMinutes(1)).ReadWith(body)!;
}
