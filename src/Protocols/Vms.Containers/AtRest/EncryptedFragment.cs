using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.AtRest;

/// <summary>
/// A stored fragment whose content is encrypted, in place and without a change of length: the `uuid` header in front stays readable, `moof` and
/// `mdat` become one opaque `uuid` box (AES-256-GCM), and <see cref="TrailerBytes"/> at the end of the padding say with what. The header's checksum
/// is then that of the encrypted content, so that damage is found, a torn tail cut and the index rebuilt without a key. Layout in
/// docs/ref/segment-format.md.
/// </summary>
public static class EncryptedFragment
{
    /// <summary>A fragment that is to be encrypted ends in at least so much padding (<see cref="Fmp4FragmentBuilder.Reserve"/>).</summary>
    public const int TrailerBytes = 64;

    private const byte Version = 1;
    private const int BoxBytes = 8;                         // of a plain box: size, type
    private const int OpaqueBytes = BoxBytes + 16;          // of a `uuid` box: with its user type
    private const int VersionAt = 16;                       // in the trailer: behind 16 bytes of cipher that the user type stands in the place of
    private const int MoofAt = 20;
    private const int PlainAt = 24;
    private const int KeyIdAt = 28;
    private const int NonceAt = 36;
    private const int TagAt = 48;
    private const int DescriptionBytes = NonceAt - VersionAt;

    /// <summary>0d9a6bd1-54e2-4b0f-9c83-7c1fb9e2a6f4</summary>
    private static ReadOnlySpan<byte> UserType => [0x0d, 0x9a, 0x6b, 0xd1, 0x54, 0xe2, 0x4b, 0x0f, 0x9c, 0x83, 0x7c, 0x1f, 0xb9, 0xe2, 0xa6, 0xf4];

    /// <summary>Encrypts a fragment as <see cref="Fmp4FragmentBuilder"/> made it.</summary>
    /// <param name="fragment">All of it. Written over.</param>
    /// <param name="nonce"><see cref="DataKey.NonceBytes"/>, never twice with this key.</param>
    /// <returns>False, and nothing is changed, when it is none or has too little padding.</returns>
    public static bool TryEncrypt(Span<byte> fragment, DataKey key, ReadOnlySpan<byte> nonce)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!FragmentHeader.TryRead(fragment, out var header) || header.Length != fragment.Length || FragmentHeader.FormOf(fragment) != StoredForm.Canonical) return false;

        var box = fragment[..FragmentHeader.SizeAt(fragment)];
        var content = fragment[box.Length..];
        var boxes = new BoxReader(content);
        if (!boxes.Next() || !boxes.Is("moof"u8)) return false;
        int moof = boxes.PayloadOffset + boxes.Payload.Length;
        if (!boxes.Next() || !boxes.Is("mdat"u8)) return false;
        int plain = boxes.PayloadOffset + boxes.Payload.Length;
        if (plain < OpaqueBytes || content.Length - plain < TrailerBytes) return false;

        content[plain..].Clear();
        var trailer = content[^TrailerBytes..];
        trailer[VersionAt] = Version;
        BinaryPrimitives.WriteInt32BigEndian(trailer[MoofAt..], moof);
        BinaryPrimitives.WriteInt32BigEndian(trailer[PlainAt..], plain);
        BinaryPrimitives.WriteUInt64BigEndian(trailer[KeyIdAt..], key.Id);
        nonce.CopyTo(trailer[NonceAt..]);
        Span<byte> associated = stackalloc byte[FragmentHeader.MaxBytes + DescriptionBytes];
        associated = Associated(box, trailer, associated);
        key.Encrypt(nonce, content[BoxBytes..plain], content[BoxBytes..plain], trailer.Slice(TagAt, DataKey.TagBytes), associated);

        content[BoxBytes..OpaqueBytes].CopyTo(trailer);
        BinaryPrimitives.WriteInt32BigEndian(content, content.Length);
        "uuid"u8.CopyTo(content[4..]);
        UserType.CopyTo(content[BoxBytes..]);
        FragmentHeader.SetForm(box, StoredForm.Encrypted, Crc32C.Of(content));
        return true;
    }

    /// <summary>Which key a fragment was encrypted with; false when it is not encrypted as this version does it.</summary>
    public static bool TryReadKeyId(ReadOnlySpan<byte> fragment, out ulong keyId)
    {
        bool described = TryFind(fragment, out _, out var content);
        keyId = described ? BinaryPrimitives.ReadUInt64BigEndian(content[^TrailerBytes..][KeyIdAt..]) : 0;
        return described;
    }

    /// <summary>Brings back, byte for byte, what <see cref="TryEncrypt"/> was given.</summary>
    /// <param name="fragment">All of it. Written over, and worthless when this fails.</param>
    /// <returns>False when it is not what was encrypted with this key.</returns>
    public static bool TryDecrypt(Span<byte> fragment, DataKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!TryFind(fragment, out int boxBytes, out _)) return false;

        var box = fragment[..boxBytes];
        var content = fragment[boxBytes..];
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        content[^TrailerBytes..].CopyTo(trailer);
        int moof = BinaryPrimitives.ReadInt32BigEndian(trailer[MoofAt..]);
        int plain = BinaryPrimitives.ReadInt32BigEndian(trailer[PlainAt..]);
        // Nothing can be hidden beside what is authenticated.
        if (plain < OpaqueBytes || plain > content.Length - TrailerBytes || content[plain..^TrailerBytes].ContainsAnyExcept((byte)0)) return false;
        if (moof < BoxBytes || moof > plain - BoxBytes) return false;

        Span<byte> associated = stackalloc byte[FragmentHeader.MaxBytes + DescriptionBytes];
        associated = Associated(box, trailer, associated);
        trailer[..VersionAt].CopyTo(content[BoxBytes..]);
        if (!key.TryDecrypt(trailer.Slice(NonceAt, DataKey.NonceBytes), content[BoxBytes..plain], trailer.Slice(TagAt, DataKey.TagBytes), content[BoxBytes..plain], associated)) return false;

        BinaryPrimitives.WriteInt32BigEndian(content, moof);
        "moof"u8.CopyTo(content[4..]);
        FreeBox.Write(content[plain..]);
        FragmentHeader.SetForm(box, StoredForm.Canonical, Crc32C.Of(content));
        return true;
    }

    private static bool TryFind(ReadOnlySpan<byte> fragment, out int boxBytes, out ReadOnlySpan<byte> content)
    {
        boxBytes = 0;
        content = default;
        if (!FragmentHeader.TryRead(fragment, out var header) || header.Length != fragment.Length || FragmentHeader.FormOf(fragment) != StoredForm.Encrypted) return false;
        boxBytes = FragmentHeader.SizeAt(fragment);
        content = fragment[boxBytes..];
        return content.Length >= OpaqueBytes + TrailerBytes && BinaryPrimitives.ReadInt32BigEndian(content) == content.Length
            && content[4..8].SequenceEqual("uuid"u8) && content[BoxBytes..OpaqueBytes].SequenceEqual(UserType)
            && content[^TrailerBytes..][VersionAt] == Version;
    }

    /// <summary>The header, but for what is of the form at rest, and what the trailer says of the content: bound to the cipher by its tag.</summary>
    private static Span<byte> Associated(ReadOnlySpan<byte> box, ReadOnlySpan<byte> trailer, Span<byte> destination)
    {
        box.CopyTo(destination);
        FragmentHeader.ClearForm(destination[..box.Length]);
        trailer.Slice(VersionAt, DescriptionBytes).CopyTo(destination[box.Length..]);
        return destination[..(box.Length + DescriptionBytes)];
    }
}
