using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>Writes boxes whose sizes are known beforehand, one behind the other, into memory that is already there.</summary>
/// <param name="destination">Room for all of them.</param>
internal ref struct FixedBoxWriter(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    /// <param name="size">Of the whole box, this head included.</param>
    public void Box(int size, ReadOnlySpan<byte> type)
    {
        U32((uint)size);
        type.CopyTo(_rest);
        _rest = _rest[4..];
    }

    /// <param name="size">Of the whole box, this head included.</param>
    /// <param name="version">In the highest byte.</param>
    /// <param name="flags">24 bits.</param>
    public void FullBox(int size, ReadOnlySpan<byte> type, byte version, uint flags)
    {
        Box(size, type);
        U32(((uint)version << 24) | flags);
    }

    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_rest, value);
        _rest = _rest[4..];
    }

    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_rest, value);
        _rest = _rest[8..];
    }
}
