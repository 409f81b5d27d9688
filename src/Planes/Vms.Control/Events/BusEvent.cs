using System.Text.Json;

namespace Vms.Control.Events;

/// <summary>An event as it travels: JSON <c>{id, type, cameraId, at, endAt?, source, data}</c> on <c>vms.events.SITE.CAMERA.TYPE</c>.</summary>
internal sealed record BusEvent(
    string Id, string Type, string? CameraId, string? SiteId, DateTimeOffset At, DateTimeOffset? EndAt, string Source, string DataJson)
{
    private const int MaxIdLength = 128;
    private const int MaxTypeLength = 64;
    private const int MaxPayload = 64 * 1024;

    /// <summary>Null for what is not an event, or none that can be stored.</summary>
    public static BusEvent? TryParse(string subject, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaxPayload)
            return null;
        Wire? wire;
        try
        {
            wire = JsonSerializer.Deserialize<Wire>(payload, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }

        var site = subject.Split('.') is ["vms", "events", { Length: > 0 } name, ..] ? name : null;
        if (wire is not { Id.Length: > 0 and <= MaxIdLength, Type.Length: > 0 and <= MaxTypeLength, At: { } at } || site is null)
            return null;
        // One that cannot be stored would come again and again, and with it all that came beside it.
        if (!((string?[])[wire.Id, wire.Type, wire.CameraId, wire.Source, site]).All(EventText.IsStorable) || (wire.Data is { } told && !EventText.IsStorable(told)))
            return null;
        return new BusEvent(
            wire.Id, wire.Type, string.IsNullOrEmpty(wire.CameraId) ? null : wire.CameraId, site, at.ToUniversalTime(), wire.EndAt?.ToUniversalTime(),
            wire.Source ?? "", wire.Data is { ValueKind: JsonValueKind.Object } data ? data.GetRawText() : "{}");
    }

    private sealed record Wire(
        string? Id, string? Type, string? CameraId, DateTimeOffset? At, DateTimeOffset? EndAt, string? Source, JsonElement? Data);
}
