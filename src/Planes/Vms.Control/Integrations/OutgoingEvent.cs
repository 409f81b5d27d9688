using System.Text.Json;
using System.Text.Json.Nodes;
using Vms.Control.Events;

namespace Vms.Control.Integrations;

/// <summary>An event as brokers get it: as it travelled on the bus, with the camera's name, without the picture in it.</summary>
/// <param name="SaidAt">When there was something to say of it: its end, where it has one.</param>
/// <param name="Payload">JSON.</param>
internal sealed record OutgoingEvent(string Id, string Type, string SiteId, string? CameraId, DateTimeOffset At, DateTimeOffset SaidAt, byte[] Payload)
{
    /// <summary>Pictures are for the archive, and much for a broker.</summary>
    private const string Crop = "crop";

    public static OutgoingEvent Of(BusEvent happened, ReadOnlySpan<byte> wire, string? cameraName)
    {
        var json = JsonNode.Parse(wire)!.AsObject();
        json["siteId"] = happened.SiteId;
        if (cameraName is not null)
            json["cameraName"] = cameraName;
        (json["data"] as JsonObject)?.Remove(Crop);
        return new OutgoingEvent(happened.Id, happened.Type, happened.SiteId!, happened.CameraId, happened.At, happened.EndAt ?? happened.At, JsonSerializer.SerializeToUtf8Bytes(json));
    }
}
