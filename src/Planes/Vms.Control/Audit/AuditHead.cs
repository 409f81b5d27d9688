using System.Buffers.Binary;
using System.Text.Json;

namespace Vms.Control.Audit;

/// <summary>The newest sealed entry of a day, signed: what comes before it is as it was then, and all of it is there.</summary>
/// <param name="Signature">ECDSA P-256 with SHA-256 of <see cref="Signed"/>, r and s.</param>
internal sealed record AuditHead(DateOnly Day, long Seq, byte[] Hash, DateTimeOffset At, string KeyId, byte[] Signature)
{
    /// <summary>What is signed: a name, the place in the chain, the time in microseconds since 1970 (big endian), the hash.</summary>
    public static byte[] Signed(long seq, ReadOnlySpan<byte> hash, DateTimeOffset at)
    {
        var name = "vms audit head 1"u8;
        var text = new byte[name.Length + 16 + hash.Length];
        name.CopyTo(text);
        BinaryPrimitives.WriteInt64BigEndian(text.AsSpan(name.Length), seq);
        BinaryPrimitives.WriteInt64BigEndian(text.AsSpan(name.Length + 8), (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        hash.CopyTo(text.AsSpan(name.Length + 16));
        return text;
    }

    /// <summary>For the file beside the database, and for the folder outside.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    /// <summary>Null for what is none.</summary>
    public static AuditHead? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditHead>(json, JsonSerializerOptions.Web) is { Hash: not null, Signature: not null, KeyId: not null } head ? head : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
