using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Hosting;

/// <summary>What a ticket opens. The names stand in the API (<c>POST /api/tickets</c>).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TicketKind>))]
public enum TicketKind
{
    [JsonStringEnumMemberName("live")] Live,
    [JsonStringEnumMemberName("ws")] Ws,
    [JsonStringEnumMemberName("playback")] Playback,
    [JsonStringEnumMemberName("snapshot")] Snapshot,
    [JsonStringEnumMemberName("export")] Export,
    [JsonStringEnumMemberName("publish")] Publish,
}

/// <summary>
/// A short-lived right for a URL that cannot carry a header, signed by control (ES256) and checked by the planes without a
/// round trip: <c>base64url(JSON) "." base64url(signature)</c>.
/// </summary>
/// <param name="Kind">What it opens.</param>
/// <param name="User">Whose it is, for the audit log and the session list.</param>
/// <param name="CameraIds">The cameras it opens; null opens all of them.</param>
/// <param name="ExpiresAt">Not valid from then on. A stream that is already open goes on, unless the right to it is taken away.</param>
/// <param name="From">Playback and export: nothing before this time.</param>
/// <param name="To">Playback and export: nothing after this time.</param>
/// <param name="AccountId">Of the account or API key that got it: control asks what they may do now. The planes take the ticket for what it says.</param>
/// <param name="TenantId">Theirs.</param>
/// <param name="SignInId">The sign-in it was got in; null for an API key.</param>
/// <param name="RightsAsOf">When the rights were read that it was issued by: what was taken away since then, it does not open.</param>
public sealed record Ticket(
    [property: JsonPropertyName("k")] TicketKind Kind,
    [property: JsonPropertyName("u")] string User,
    [property: JsonPropertyName("c")] IReadOnlyList<string>? CameraIds,
    [property: JsonPropertyName("e")] DateTimeOffset ExpiresAt,
    [property: JsonPropertyName("f"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? From = null,
    [property: JsonPropertyName("t"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? To = null,
    [property: JsonPropertyName("a"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? AccountId = null,
    [property: JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TenantId = null,
    [property: JsonPropertyName("s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? SignInId = null,
    [property: JsonPropertyName("r"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DateTimeOffset RightsAsOf = default)
{
    public bool Opens(string cameraId) => CameraIds is null || CameraIds.Contains(cameraId, StringComparer.Ordinal);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);
}
