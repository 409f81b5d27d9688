using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Ai.Events;

/// <summary>What analysis found, in the form that events have on the bus (contracts/event-message.schema.json).</summary>
/// <param name="Id">Made of what happened: found again after a restart it is the same event.</param>
/// <param name="Ongoing">It goes on; said again and again while it does.</param>
internal sealed record AnalyticsEvent(
    string Id, string Type, string CameraId, DateTimeOffset At, DateTimeOffset? EndAt, bool? Ongoing, string Source, AnalyticsData Data)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal const string FromAnalytics = "analytics";

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>Tells the tellings of one event apart for the bus, which keeps one of each.</summary>
    internal string MessageId => EndAt is not null ? Id + "/end" : Id;

    /// <param name="parts">What makes it the event it is: camera, object track, rule and the like.</param>
    internal static string IdOf(params ReadOnlySpan<string> parts)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('/', parts)), hash);
        return new Guid(hash[..16]).ToString();
    }
}

/// <summary>The <c>data</c> of an event of analysis; what does not apply is absent.</summary>
internal sealed record AnalyticsData
{
    public string? Class { get; init; }
    public double? Confidence { get; init; }

    /// <summary>x, y, width, height: 0..1 of the picture.</summary>
    public IReadOnlyList<double>? Box { get; init; }

    /// <summary>When it was there, since the event's time.</summary>
    public double? BoxAtMs { get; init; }

    public string? Zone { get; init; }
    public string? Line { get; init; }
    public string? Direction { get; init; }
    public long? Count { get; init; }
    public string? Plate { get; init; }
    public string? PlateCountry { get; init; }
    public string? TrackId { get; init; }

    /// <summary>Milliseconds since the event's time, x and y of the foot, width and height of the box that stands on it.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? Path { get; init; }

    /// <summary>SHA-256 of the model's file, hexadecimal.</summary>
    public string? ModelHash { get; init; }

    public EventThresholds? Thresholds { get; init; }

    /// <summary>JPEG of the object; base64 in JSON.</summary>
    public byte[]? Crop { get; init; }

    public string? Stream { get; init; }
    public string? Severity { get; init; }
    public string? Reason { get; init; }

    /// <summary>Of what is left out: when it is tried again.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A model of the catalogue.</summary>
    public string? Model { get; init; }

    /// <summary>Of an overload: the part of the rate wanted that is looked at.</summary>
    public double? RatePart { get; init; }
}

/// <summary>The scores that counted.</summary>
internal sealed record EventThresholds(double Track, double Event);
