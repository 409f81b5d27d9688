using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Containers.Mp4;

namespace Vms.Containers.Integrity;

/// <summary>The newest signed head of every stream at one moment, signed as a whole, to be kept outside of the machine: whoever cuts off or
/// replaces what was recorded before it is found out by it.</summary>
/// <param name="Software">What wrote it.</param>
public sealed record AnchorRecord(DateTimeOffset At, string Software, IReadOnlyList<StreamHead> Heads)
{
    /// <summary>Some 200 bytes a stream.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>As a JSON Web Signature (RFC 7515, compact, ES256), so that other programs can check it, too.</summary>
    public string Sign(HeadSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        string header = $$"""{"alg":"ES256","kid":"{{Convert.ToHexStringLower(signer.KeyId)}}"}""";
        string signed = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, AnchorJson.Default.AnchorRecord))}";
        return $"{signed}.{Base64Url.EncodeToString(signer.SignText(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <param name="jws">What <see cref="Sign"/> wrote; more white space around it is fine.</param>
    /// <exception cref="FormatException">It is none, or none of the keys signed it; the message is for people.</exception>
    public static AnchorRecord Read(string jws, IntegrityKeys keys)
    {
        ArgumentNullException.ThrowIfNull(jws);
        ArgumentNullException.ThrowIfNull(keys);
        if (jws.Length > MaxBytes || jws.Trim().Split('.') is not [var header, var payload, var signature])
            throw new FormatException("this is no anchor record");
        try
        {
            using var parsed = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            byte[] keyId = Convert.FromHexString(parsed.RootElement.GetProperty("kid").GetString() ?? "");
            if (parsed.RootElement.GetProperty("alg").GetString() != "ES256"
                || keys.Check(keyId, Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature)) != HeadSignature.Good)
            {
                throw new FormatException("it was not signed by a known key, or altered since");
            }

            return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(payload), AnchorJson.Default.AnchorRecord) is { Heads: not null } record
                ? record : throw new FormatException("this is no anchor record");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("this is no anchor record", e);
        }
    }
}

/// <summary>A signed head of a stream's chain.</summary>
/// <param name="Fragment">Its number in the segment.</param>
/// <param name="Until">Capture time up to which it vouches.</param>
/// <param name="Chain">Lower-case hexadecimal.</param>
public sealed record StreamHead(string CameraId, string Stream, Guid SegmentId, long Fragment, DateTimeOffset Until, string Chain)
{
    public static StreamHead Of(string cameraId, string stream, Guid segmentId, in FragmentHeader fragment, ReadOnlySpan<byte> chain) => new(
        cameraId, stream, segmentId, fragment.FragmentNumber, SegmentVerdict.TimeOf(fragment.EndUs), Convert.ToHexStringLower(chain));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(AnchorRecord))]
internal sealed partial class AnchorJson : JsonSerializerContext;
