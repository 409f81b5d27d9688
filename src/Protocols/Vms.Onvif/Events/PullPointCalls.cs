using System.Xml.Linq;
using Vms.Onvif.Device;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Events;

/// <summary>Events that are fetched from a device (ONVIF Core Specification §9.1): a subscription, and questions to it that the device answers when
/// something happens.</summary>
public static class PullPointCalls
{
    /// <summary>Messages in one answer.</summary>
    public const int MessageLimit = 32;

    private const string Action = "http://www.onvif.org/ver10/events/wsdl/";
    private const string ManagerAction = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/";

    /// <param name="lifetime">After which the device forgets it, unless it is renewed.</param>
    public static OnvifCall<PullPointSubscription> Create(TimeSpan lifetime) => new(
        OnvifService.Events,
        Action + "EventPortType/CreatePullPointSubscriptionRequest",
        new XElement(
            OnvifNamespaces.Events + "CreatePullPointSubscription",
            new XElement(OnvifNamespaces.Events + "InitialTerminationTime", RelayOutput.DurationText(lifetime))),
        PullPointSubscription.Read)
    { IsAddressed = true };

    /// <summary>What has happened, or happens within <paramref name="wait"/>: nothing, at the end of it.</summary>
    public static OnvifCall<IReadOnlyList<Notification>> Pull(TimeSpan wait) => new(
        OnvifService.Subscription,
        Action + "PullPointSubscription/PullMessagesRequest",
        new XElement(
            OnvifNamespaces.Events + "PullMessages",
            new XElement(OnvifNamespaces.Events + "Timeout", RelayOutput.DurationText(wait)),
            new XElement(OnvifNamespaces.Events + "MessageLimit", MessageLimit)),
        Notifications)
    { IsAddressed = true, MayWait = wait };

    public static OnvifCall<Done> Renew(TimeSpan lifetime) => new(
        OnvifService.Subscription,
        ManagerAction + "RenewRequest",
        new XElement(OnvifNamespaces.Notification + "Renew", new XElement(OnvifNamespaces.Notification + "TerminationTime", RelayOutput.DurationText(lifetime))),
        Done.Of)
    { IsAddressed = true };

    public static OnvifCall<Done> Unsubscribe { get; } = new(
        OnvifService.Subscription, ManagerAction + "UnsubscribeRequest", new XElement(OnvifNamespaces.Notification + "Unsubscribe"), Done.Of)
    { IsAddressed = true };

    /// <summary>Has the device say anew how its properties stand.</summary>
    public static OnvifCall<Done> Synchronize { get; } = new(
        OnvifService.Subscription,
        Action + "PullPointSubscription/SetSynchronizationPointRequest",
        new XElement(OnvifNamespaces.Events + "SetSynchronizationPoint"),
        Done.Of)
    { IsAddressed = true };

    private static List<Notification> Notifications(SoapAnswer answer)
    {
        var notifications = new List<Notification>();
        MetadataStream.Read(answer.Document, notifications);
        return notifications;
    }
}
