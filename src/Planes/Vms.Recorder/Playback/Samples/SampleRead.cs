using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback.Samples;

/// <summary>What a client asks for (docs/design/samples.md).</summary>
/// <param name="Request">1 or more; repeated in every answer.</param>
/// <param name="AtUs">UTC microseconds since 1970.</param>
/// <param name="Direction">1 or -1.</param>
/// <param name="Gops">1 to <see cref="MaxGops"/>.</param>
/// <param name="Keyframes">Only the first picture of each GOP.</param>
/// <param name="EveryUs">GOPs that begin closer than this to the one sent before are left out.</param>
internal sealed record SampleRead(
    [property: JsonRequired] string Type, [property: JsonRequired] uint Request, [property: JsonRequired] long AtUs, [property: JsonRequired] int Direction,
    [property: JsonRequired] int Gops, bool Keyframes = false, long EveryUs = 0)
{
    /// <summary>A longer message is refused.</summary>
    public const int MaxBytes = 4096;

    public const int MaxGops = 64;

    private static readonly long s_lastUs = UnixTime.ToMicroseconds(UnixTime.FromMicroseconds(long.MaxValue));

    public bool Forwards => Direction == 1;

    /// <returns>Null for anything that the contract does not have.</returns>
    public static SampleRead? TryParse(ReadOnlySpan<byte> message)
    {
        try
        {
            var read = JsonSerializer.Deserialize<SampleRead>(message, JsonSerializerOptions.Web);
            return read is { Type: "read", Request: > 0, Direction: 1 or -1, Gops: >= 1 and <= MaxGops, EveryUs: >= 0, AtUs: >= 0 } && read.AtUs <= s_lastUs ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
