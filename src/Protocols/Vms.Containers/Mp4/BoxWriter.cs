using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>
/// Writes boxes (ISO/IEC 14496-12 §4.2) into one growing buffer that is used again after <see cref="Clear"/>. Sizes are 32 bit;
/// `mdat` payloads do not pass through here. One caller at a time.
/// </summary>
internal sealed class BoxWriter(int initialCapacity = 1024)
{
    private byte[] _buffer = new byte[initialCapacity];

    public int Length { get; private set; }

    /// <summary>Borrowed until the next call that writes.</summary>
    public Span<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Opens a box; the result goes to <see cref="End"/>.</summary>
    public int Begin(ReadOnlySpan<byte> type)
    {
        int start = Length;
        U32(0);
        Bytes(type);
        return start;
    }

    /// <summary>Opens a full box: version and flags follow the header.</summary>
    public int BeginFull(ReadOnlySpan<byte> type, byte version, uint flags)
    {
        int start = Begin(type);
        U32((uint)version << 24 | flags);
        return start;
    }

    public void End(int start) => PatchU32(start, (uint)(Length - start));

    public void PatchU32(int position, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(position), value);

    public void U8(byte value) => Take(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Zeros(int count) => Take(count).Clear();

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - Length < count) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        var taken = _buffer.AsSpan(Length, count);
        Length += count;
        return taken;
    }
}
