using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vms.WebRtc.Stun;

/// <summary>A STUN message read in place (RFC 8489 §5, §14), with the attributes that ICE uses. The datagram is borrowed.</summary>
/// <remarks>
/// What follows MESSAGE-INTEGRITY is ignored except FINGERPRINT (§14.5), and FINGERPRINT must stand last (§14.7).
/// Nothing here is trusted before <see cref="VerifyIntegrity"/>.
/// </remarks>
public readonly ref struct StunMessage
{
    public const int HeaderLength = 20;
    public const int TransactionIdLength = 12;
    public const uint MagicCookie = 0x2112A442;

    /// <summary>Longest message looked at; a check of a browser takes about 120 bytes.</summary>
    public const int MaxLength = 1280;

    internal const int IntegrityLength = 20;
    private const int FingerprintLength = 4;

    private readonly ReadOnlySpan<byte> _message;
    private readonly int _integrityAt;      // offset of the MESSAGE-INTEGRITY attribute, 0 when absent
    private readonly int _fingerprintAt;    // offset of the FINGERPRINT attribute, 0 when absent

    private StunMessage(ReadOnlySpan<byte> message, Attributes attributes)
    {
        _message = message;
        _integrityAt = attributes.IntegrityAt;
        _fingerprintAt = attributes.FingerprintAt;
        Username = message.Slice(attributes.UsernameAt, attributes.UsernameLength);
        UseCandidate = attributes.UseCandidate;
        IceControlled = attributes.IceControlled;
        Priority = attributes.Priority;
        HasUnknownRequired = attributes.UnknownRequired;
    }

    public StunMessageType Type => (StunMessageType)BinaryPrimitives.ReadUInt16BigEndian(_message);

    public ReadOnlySpan<byte> TransactionId => _message.Slice(8, TransactionIdLength);

    /// <summary>UTF-8 as sent; empty when absent. ICE: "receiver's fragment:sender's fragment" (RFC 8445 §7.2.2).</summary>
    public ReadOnlySpan<byte> Username { get; }

    public bool UseCandidate { get; }

    /// <summary>The sender believes itself in the controlled role.</summary>
    public bool IceControlled { get; }

    public uint Priority { get; }

    /// <summary>An attribute below 0x8000 that is not known here (RFC 8489 §6.3.1: the request must be refused).</summary>
    public bool HasUnknownRequired { get; }

    public bool HasIntegrity => _integrityAt != 0;

    /// <summary>Cheap test for the demultiplexer (RFC 7983): two zero bits and the magic cookie.</summary>
    public static bool LooksLikeStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength && datagram[0] < 4
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <returns>False for anything that is not one whole, well-formed message of at most <see cref="MaxLength"/> bytes.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (!LooksLikeStun(datagram) || datagram.Length > MaxLength)
            return false;

        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length != datagram.Length - HeaderLength || length % 4 != 0)
            return false;

        var attributes = default(Attributes);
        for (int at = HeaderLength; at < datagram.Length;)
        {
            if (datagram.Length - at < 4 || attributes.FingerprintAt != 0)
                return false;

            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            int valueLength = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            int padded = (valueLength + 3) & ~3;
            if (padded > datagram.Length - at - 4 || !attributes.Take(type, datagram.Slice(at + 4, valueLength), at))
                return false;

            at += 4 + padded;
        }

        message = new StunMessage(datagram, attributes);
        return true;
    }

    /// <summary>True when FINGERPRINT is absent or right (RFC 8489 §14.7).</summary>
    public bool VerifyFingerprint() =>
        _fingerprintAt == 0
        || BinaryPrimitives.ReadUInt32BigEndian(_message[(_fingerprintAt + 4)..])
            == StunFingerprint.Of(_message[.._fingerprintAt]);

    /// <summary>Checks MESSAGE-INTEGRITY (HMAC-SHA1, RFC 8489 §14.5) with a short-term credential.</summary>
    /// <param name="key">The password's bytes.</param>
    public bool VerifyIntegrity(ReadOnlySpan<byte> key)
    {
        if (_integrityAt == 0)
            return false;

        // The sum covers the header with a length that ends at MESSAGE-INTEGRITY, whatever stands behind it.
        Span<byte> covered = stackalloc byte[MaxLength];
        covered = covered[.._integrityAt];
        _message[.._integrityAt].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(_integrityAt - HeaderLength + 4 + IntegrityLength));
        Span<byte> expected = stackalloc byte[IntegrityLength];
        HMACSHA1.HashData(key, covered, expected);
        return CryptographicOperations.FixedTimeEquals(expected, _message.Slice(_integrityAt + 4, IntegrityLength));
    }

    /// <summary>What the walk over the attributes has found.</summary>
    private struct Attributes
    {
        public int UsernameAt;
        public int UsernameLength;
        public int IntegrityAt;
        public int FingerprintAt;
        public uint Priority;
        public bool UseCandidate;
        public bool IceControlled;
        public bool UnknownRequired;

        public bool Take(StunAttributeType type, ReadOnlySpan<byte> value, int at)
        {
            if (type == StunAttributeType.Fingerprint)
            {
                FingerprintAt = at;
                return value.Length == FingerprintLength;
            }

            if (IntegrityAt != 0)
                return true;

            switch (type)
            {
                case StunAttributeType.Username when UsernameAt == 0:
                    UsernameAt = at + 4;
                    UsernameLength = value.Length;
                    return true;
                case StunAttributeType.MessageIntegrity:
                    IntegrityAt = at;
                    return value.Length == IntegrityLength;
                case StunAttributeType.Priority:
                    if (value.Length != 4)
                        return false;
                    Priority = BinaryPrimitives.ReadUInt32BigEndian(value);
                    return true;
                case StunAttributeType.UseCandidate:
                    UseCandidate = true;
                    return true;
                case StunAttributeType.IceControlled:
                    IceControlled = true;
                    return true;
                default:
                    UnknownRequired |= (ushort)type < 0x8000 && !IsKnown(type);
                    return true;
            }
        }

        private static bool IsKnown(StunAttributeType type) => type is StunAttributeType.Username
            or StunAttributeType.ErrorCode or StunAttributeType.XorMappedAddress;
    }
}
