namespace Vms.Onvif.Soap;

/// <summary>Services of a device that are spoken here.</summary>
public enum OnvifService
{
    /// <summary>Every device has it, and its address is how a device is known.</summary>
    Device,
    Media,
    Media2,
    Ptz,
    Imaging,
    Events,

    /// <summary>Of one event subscription: its address comes with the subscription.</summary>
    Subscription,

    /// <summary>Finds what the device has recorded.</summary>
    Search,

    /// <summary>Tells where that is played.</summary>
    Replay,
}
