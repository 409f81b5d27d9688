using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vms.WebRtc.Stun;

/// <summary>Writes one STUN message into a caller's buffer (RFC 8489 §5): attributes in the order of the calls,
/// <see cref="AddIntegrity"/> and then <see cref="AddFingerprint"/> last.</summary>
public ref struct StunMessageBuilder
{
    private readonly Span<byte> _buffer;

    /// <param name="buffer">Where it goes; 128 bytes hold any answer of an ICE agent.</param>
    /// <param name="type">Class and method.</param>
    /// <param name="transactionId">12 bytes: a request's own, repeated in its answer.</param>
    public StunMessageBuilder(Span<byte> buffer, StunMessageType type, scoped ReadOnlySpan<byte> transactionId)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transactionId[..StunMessage.TransactionIdLength].CopyTo(buffer[8..]);
        Length = StunMessage.HeaderLength;
        WriteLength(Length);
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public void AddUsername(scoped ReadOnlySpan<byte> username) => username.CopyTo(Add(StunAttributeType.Username, username.Length));

    public void AddPriority(uint priority) =>
        BinaryPrimitives.WriteUInt32BigEndian(Add(StunAttributeType.Priority, 4), priority);

    public void AddUseCandidate() => Add(StunAttributeType.UseCandidate, 0);

    public void AddIceRole(StunAttributeType role, ulong tieBreaker) =>
        BinaryPrimitives.WriteUInt64BigEndian(Add(role, 8), tieBreaker);

    /// <summary>RFC 8489 §14.2.</summary>
    /// <param name="address">4 or 16 bytes, network order.</param>
    /// <param name="port">Host order.</param>
    public void AddXorMappedAddress(scoped ReadOnlySpan<byte> address, ushort port)
    {
        var value = Add(StunAttributeType.XorMappedAddress, 4 + address.Length);
        value[0] = 0;
        value[1] = address.Length == 4 ? (byte)1 : (byte)2;     // family
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(port ^ (StunMessage.MagicCookie >> 16)));
        for (int i = 0; i < address.Length; i++)
            value[4 + i] = (byte)(address[i] ^ _buffer[4 + i]);     // cookie, then transaction id
    }

    /// <summary>RFC 8489 §14.8.</summary>
    public void AddErrorCode(int code, scoped ReadOnlySpan<byte> reason)
    {
        var value = Add(StunAttributeType.ErrorCode, 4 + reason.Length);
        value[0] = 0;
        value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
    }

    public void AddIntegrity(scoped ReadOnlySpan<byte> key)
    {
        int covered = Length;
        var value = Add(StunAttributeType.MessageIntegrity, StunMessage.IntegrityLength);
        HMACSHA1.HashData(key, _buffer[..covered], value);
    }

    public void AddFingerprint()
    {
        int covered = Length;
        var value = Add(StunAttributeType.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunFingerprint.Of(_buffer[..covered]));
    }

    private Span<byte> Add(StunAttributeType type, int valueLength)
    {
        int padded = (valueLength + 3) & ~3;
        var attribute = _buffer.Slice(Length, 4 + padded);
        BinaryPrimitives.WriteUInt16BigEndian(attribute, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)valueLength);
        attribute[(4 + valueLength)..].Clear();
        Length += 4 + padded;
        WriteLength(Length);        // before the sums: they cover the header with their own attribute counted
        return attribute.Slice(4, valueLength);
    }

    private readonly void WriteLength(int length) =>
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(length - StunMessage.HeaderLength));
}
