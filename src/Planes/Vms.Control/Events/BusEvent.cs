using System.Buffers;
using System.Text;
using System.Text.Json;
using Vms.Contracts;
using Vms.Control.Features.Sites;

namespace Vms.Control.Events;

/// <summary>An event as it travels: JSON <c>{id, type, cameraId, at, endAt?, source, data}</c> on <c>vms.events.SITE.CAMERA.TYPE</c>
/// (contracts/event-message.schema.json).</summary>
/// <param name="DataJson">Without the picture.</param>
/// <param name="Crop">The picture of the object that <c>data.crop</c> brought: a JPEG.</param>
internal sealed record BusEvent(
    string Id, string Type, string? CameraId, string? SiteId, DateTimeOffset At, DateTimeOffset? EndAt, string Source, string DataJson, byte[]? Crop = null)
{
    private const string CropName = "crop";

    /// <summary>Of a picture; what is larger is left out.</summary>
    private const int MaxCropBytes = 24 * 1024;

    private const int MaxIdLength = 128;
    private const int MaxTypeLength = 64;
    private const int MaxPayload = 64 * 1024;

    /// <summary>Control made it, and it is on no bus yet: whoever stores it has it sent there (<see cref="BusChannel"/>).</summary>
    public bool IsUnsent { get; private init; }

    /// <summary>What control finds out itself.</summary>
    /// <param name="siteId">Null: it is the installation's.</param>
    public static BusEvent OfControl(string id, string type, string? cameraId, string? siteId, DateTimeOffset at, DateTimeOffset? endAt, object data) =>
        new(id, type, cameraId, siteId ?? SiteRow.DefaultId, WholeMicroseconds(at), endAt is { } end ? WholeMicroseconds(end) : null, "control",
            JsonSerializer.Serialize(data, JsonSerializerOptions.Web))
        {
            IsUnsent = true,
        };

    /// <summary>As the database has it: by id and time an event is known again.</summary>
    public static DateTimeOffset WholeMicroseconds(DateTimeOffset at) => new(at.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

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

        var (site, camera) = subject.Split('.') is ["vms", "events", { Length: > 0 } name, { Length: > 0 } place, _, ..] ? (name, place) : ((string?)null, (string?)null);
        if (wire is not { Id.Length: > 0 and <= MaxIdLength, Type.Length: > 0 and <= MaxTypeLength, At: { } at } || site is null)
            return null;
        if (wire.CameraId is { Length: > MaxIdLength })
            return null;
        // Who may publish where is decided by the subject: an event says of no other camera than that.
        if (!string.IsNullOrEmpty(wire.CameraId) && BusLayout.Token(wire.CameraId) != camera)
            return null;
        // One that cannot be stored would come again and again, and with it all that came beside it.
        if (!((string?[])[wire.Id, wire.Type, wire.CameraId, wire.Source, site]).All(EventText.IsStorable) || (wire.Data is { } told && (!EventText.IsStorable(told) || EventText.TooLong(told) is not null)))
            return null;
        var (data, crop) = wire.Data is { ValueKind: JsonValueKind.Object } said ? Part(said) : ("{}", null);
        return new BusEvent(
            wire.Id, wire.Type, string.IsNullOrEmpty(wire.CameraId) ? null : wire.CameraId, site, at.ToUniversalTime(), wire.EndAt?.ToUniversalTime(),
            wire.Source ?? "", data, crop);
    }

    /// <summary>The picture lies beside the data: lists would carry it along.</summary>
    private static (string Data, byte[]? Crop) Part(JsonElement data)
    {
        if (!data.TryGetProperty(CropName, out var picture))
            return (data.GetRawText(), null);

        var rest = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(rest))
        {
            writer.WriteStartObject();
            foreach (var property in data.EnumerateObject().Where(p => p.Name != CropName))
                property.WriteTo(writer);
            writer.WriteEndObject();
        }

        var crop = picture.ValueKind == JsonValueKind.String && picture.TryGetBytesFromBase64(out var bytes) && bytes is [0xFF, 0xD8, 0xFF, ..] && bytes.Length <= MaxCropBytes ? bytes : null;
        return (Encoding.UTF8.GetString(rest.WrittenSpan), crop);
    }

    private sealed record Wire(
        string? Id, string? Type, string? CameraId, DateTimeOffset? At, DateTimeOffset? EndAt, string? Source, JsonElement? Data);
}
