using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vms.Control.Audit;

/// <summary>The hash chain over the audit log: each entry's hash covers the one before it, so that none can be altered, taken out, put in or moved without all later ones
/// changing, whose newest is signed (docs/design/audit.md).</summary>
internal static class AuditChain
{
    /// <summary>What comes before the first entry.</summary>
    public static readonly byte[] Start = new byte[SHA256.HashSizeInBytes];

    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>SHA-256 of the hash before and of the entry as a JSON array: [seq, id, microseconds since 1970, tenant, actor, action, subject, detail as text, address or null, result].</summary>
    public static byte[] Hash(ReadOnlySpan<byte> before, long seq, AuditEntry entry)
    {
        var text = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(text, s_plain))
        {
            json.WriteStartArray();
            json.WriteNumberValue(seq);
            json.WriteNumberValue(entry.Id);
            json.WriteNumberValue((entry.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            json.WriteStringValue(entry.TenantId);
            json.WriteStringValue(entry.Actor);
            json.WriteStringValue(entry.Action);
            json.WriteStringValue(entry.Subject);
            json.WriteStringValue(entry.Detail);
            json.WriteStringValue(entry.Address);
            json.WriteStringValue(entry.Result);
            json.WriteEndArray();
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        hash.AppendData(text.WrittenSpan);
        return hash.GetHashAndReset();
    }
}
