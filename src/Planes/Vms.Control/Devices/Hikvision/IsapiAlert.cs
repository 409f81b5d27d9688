using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Hikvision;

/// <summary>Reads one part of /ISAPI/Event/notification/alertStream. Sans-IO.</summary>
internal static class IsapiAlert
{
    /// <summary>Null for what is neither motion nor a contact: video loss that is over is how these devices say that they are alive.</summary>
    /// <remarks>Motion (VMD) is repeated once a second while it goes on, and many firmwares never say that it is over.</remarks>
    public static NvrEvent? Read(byte[] part)
    {
        if (IsapiXml.First(part, "EventNotificationAlert") is not { } alert)
            return null;
        bool? state = alert["eventState"]?.ToUpperInvariant() switch
        {
            "ACTIVE" => true,
            "INACTIVE" => false,
            _ => null,
        };
        return alert["eventType"]?.ToUpperInvariant() switch
        {
            // Recorders number the cameras of the network in dynChannelID, cameras themselves in channelID.
            "VMD" or "MOTIONDETECTION" when Number(alert.Number("dynChannelID") ?? alert.Number("channelID")) is { } channel => new NvrEvent(NvrEventKind.Motion, channel, state),
            "IO" when Number(alert.Number("inputIOPortID") ?? alert.Number("IOPortID")) is { } input => new NvrEvent(NvrEventKind.Input, input, state),
            _ => null,
        };
    }

    private static int? Number(int? number) => number is > 0 and <= IsapiStream.MaxId ? number : null;
}
