using System.Text.Json.Serialization;

namespace Vms.Media.Egress.Mse;

/// <summary>go2rtc's message: <c>{"type":"mse","value":"…"}</c>. From the viewer the codecs it can play, from us the MIME type.</summary>
internal sealed record MseHello(
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("value")] string? Value);

[JsonSerializable(typeof(MseHello))]
internal sealed partial class MseJson : JsonSerializerContext;
