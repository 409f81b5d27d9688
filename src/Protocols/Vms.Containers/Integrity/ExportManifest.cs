using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Containers.Integrity;

/// <summary>
/// What an export holds, from where and by whom: <c>manifest.json</c>. Signed with the installation's key in the file beside it, <c>manifest.sig</c>: a JSON Web
/// Signature with detached content (RFC 7515 appendix F, ES256), so that the manifest stays readable and other programs can check it.
/// docs/ref/export-format.md.
/// </summary>
/// <param name="Format"><see cref="FormatName"/>.</param>
/// <param name="Software">What made it.</param>
/// <param name="ExportedBy">Who asked for it.</param>
/// <param name="PublicKey">PEM: whoever verifies compares it with what he knows of the installation.</param>
/// <param name="Others">Files that hold no recording.</param>
public sealed record ExportManifest(
    string Format, string Id, string Software, DateTimeOffset ExportedAt, string ExportedBy, string Note, DateTimeOffset From, DateTimeOffset To,
    string KeyId, string PublicKey, IReadOnlyList<ExportedCamera> Cameras, IReadOnlyList<ExportedAttachment> Others)
{
    public const string FormatName = "vms-export-1";
    public const string FileName = "manifest.json";
    public const string SignatureFileName = "manifest.sig";
    public const string PageFileName = "verify.html";

    /// <summary>Some 500 bytes a file.</summary>
    public const int MaxBytes = 32 << 20;

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ExportJson.Readable.ExportManifest);

    public static string Sign(ReadOnlySpan<byte> manifest, HeadSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        string header = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","kid":"{{Convert.ToHexStringLower(signer.KeyId)}}"}"""));
        byte[] signed = Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(manifest)}");
        return $"{header}..{Base64Url.EncodeToString(signer.SignText(signed))}\n";
    }

    /// <param name="keyId">Of the key that the signature names; of the one that made it, where it is good. People compare this number, and the
    /// <see cref="KeyId"/> in the manifest is anybody's word.</param>
    /// <exception cref="FormatException">It is no signature at all; the message is for people.</exception>
    public static HeadSignature Check(ReadOnlySpan<byte> manifest, string signature, IntegrityKeys keys, out string keyId)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(keys);
        try
        {
            if (signature.Trim().Split('.') is not [var header, "", var bytes]) throw new FormatException();
            using var parsed = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            byte[] id = Convert.FromHexString(parsed.RootElement.GetProperty("kid").GetString() ?? "");
            keyId = Convert.ToHexStringLower(id);
            return parsed.RootElement.GetProperty("alg").GetString() == "ES256"
                ? keys.Check(id, Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(manifest)}"), Base64Url.DecodeFromChars(bytes))
                : HeadSignature.Bad;
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"{SignatureFileName} holds no signature", e);
        }
    }

    /// <exception cref="FormatException">It is none; the message is for people.</exception>
    public static ExportManifest Read(ReadOnlySpan<byte> manifest)
    {
        try
        {
            return JsonSerializer.Deserialize(manifest, ExportJson.Readable.ExportManifest) is { Format: FormatName, PublicKey: not null, Cameras: not null, Others: not null } read
                && read.Cameras.All(c => c is { Files: not null, Gaps: not null } && c.Files.All(IsSound)) && read.Others.All(o => o is { Name: not null })
                ? read : throw new FormatException($"{FileName} is of no format that this version knows");
        }
        catch (JsonException e)
        {
            throw new FormatException($"{FileName} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whatever somebody wrote into it, it can be looked at.</summary>
    private static bool IsSound(ExportedFile file) => file.Conversion is not null
        ? file is { Name: not null, Sha256: not null, Parts.Count: 0, Conversion: { Container: not null, AlteredOnPurpose: not null } } && file.Conversion.AlteredOnPurpose.All(w => w is not null)
        : file is { Name: not null, Chain: not null, Parts.Count: > 0, MediaOffset: >= 0, MediaBytes: >= 0 } && file.MediaOffset <= long.MaxValue - file.MediaBytes
        && file.Parts.All(p => p is { Offset: >= 0, Bytes: >= 0 }) && file.Tail is null or { Digests: not null, KeyId: not null, Signature: not null };
}

/// <param name="Stream">Which of the camera's streams.</param>
/// <param name="Gaps">Within the asked range, with the cause where it is known.</param>
public sealed record ExportedCamera(
    string Id, string Name, string SiteId, string Stream, IReadOnlyList<ExportedGap> Gaps, IReadOnlyList<ExportedFile> Files)
{
    /// <summary><c>device</c>: the device had recorded it, and it was fetched from there into the archive. Null: recorded from the camera's live stream.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }
}

public sealed record ExportedGap(DateTimeOffset From, DateTimeOffset To, string Cause);

/// <summary>A file with recordings.</summary>
/// <param name="From">Where it begins to show.</param>
/// <param name="MediaOffset">Where the parts begin.</param>
/// <param name="MediaBytes">Of all parts.</param>
/// <param name="FrameSha256">Of what stands in front of the parts and behind them: what makes a player find them.</param>
/// <param name="Parts">In recording order.</param>
/// <param name="Previous">Chain of the fragment in front of the first one; empty when that has no hash.</param>
/// <param name="Chain">Chain with the last one.</param>
/// <param name="Tail">Null when the last fragment is signed itself, or nothing behind it was signed yet.</param>
/// <param name="Conversion">Null for what holds recordings as they are; else there are no parts, and only the file's hash vouches for it.</param>
public sealed record ExportedFile(
    string Name, long Bytes, string Sha256, DateTimeOffset From, DateTimeOffset To, long MediaOffset, long MediaBytes, string FrameSha256,
    IReadOnlyList<ExportedPart> Parts, string Previous, string Chain, ChainTail? Tail,
    ExportedConversion? Conversion = null);

/// <summary>A file that was made from recordings, and holds none of their signatures.</summary>
/// <param name="Container">mp4 or mkv.</param>
/// <param name="AlteredOnPurpose">What was changed in the pictures, in words; empty where they are the recorded ones in another container.</param>
public sealed record ExportedConversion(string Container, IReadOnlyList<string> AlteredOnPurpose);

/// <summary>Part of a segment file: its init segment, and fragments that follow each other.</summary>
/// <param name="Offset">In the exported file.</param>
public sealed record ExportedPart(Guid SegmentId, long Offset, long Bytes, int Fragments);

public sealed record ExportedAttachment(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ExportManifest))]
internal sealed partial class ExportJson : JsonSerializerContext
{
    /// <summary>Names in any script stay as they are.</summary>
    public static ExportJson Readable { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
