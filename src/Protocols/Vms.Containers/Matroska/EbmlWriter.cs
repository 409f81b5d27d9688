using System.Buffers;
using System.Buffers.Binary;

namespace Vms.Containers.Matroska;

/// <summary>EBML elements (RFC 8794) with sizes of eight bytes, whatever they are: a size can be filled in without moving what follows.</summary>
internal static class EbmlWriter
{
    public const ulong UnknownSize = 0x01FF_FFFF_FFFF_FFFF;

    private const ulong SizeMarker = 0x0100_0000_0000_0000;

    public static void Element(IBufferWriter<byte> destination, uint id, ReadOnlySpan<byte> body)
    {
        Id(destination, id);
        Size(destination.GetSpan(8), (ulong)body.Length);
        destination.Advance(8);
        destination.Write(body);
    }

    public static void Number(IBufferWriter<byte> destination, uint id, ulong value)
    {
        Id(destination, id);
        destination.Write((ReadOnlySpan<byte>)[0x80 | 8]);
        BigEndian(destination, value);
    }

    public static void Id(IBufferWriter<byte> destination, uint id)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        destination.Write(bytes[(id > 0xFFFFFF ? 0 : id > 0xFFFF ? 1 : id > 0xFF ? 2 : 3)..]);
    }

    public static void BigEndian(IBufferWriter<byte> destination, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination.GetSpan(8), value);
        destination.Advance(8);
    }

    /// <param name="destination">Eight bytes.</param>
    public static void Size(Span<byte> destination, ulong size) => BinaryPrimitives.WriteUInt64BigEndian(destination, SizeMarker | size);

    /// <summary>The EBML header of a Matroska file, and the beginning of a segment whose end nobody knows.</summary>
    public static void Begin(IBufferWriter<byte> destination)
    {
        var ebml = new ArrayBufferWriter<byte>();
        Number(ebml, MatroskaId.EbmlVersion, 1);
        Number(ebml, MatroskaId.EbmlReadVersion, 1);
        Number(ebml, MatroskaId.EbmlMaxIdLength, 4);
        Number(ebml, MatroskaId.EbmlMaxSizeLength, 8);
        Element(ebml, MatroskaId.DocType, "matroska"u8);
        Number(ebml, MatroskaId.DocTypeVersion, 4);
        Number(ebml, MatroskaId.DocTypeReadVersion, 2);
        Element(destination, MatroskaId.Ebml, ebml.WrittenSpan);
        Id(destination, MatroskaId.Segment);
        BigEndian(destination, UnknownSize);
    }
}
