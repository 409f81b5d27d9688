using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>Walks the boxes in a run of bytes. Ends at the first box that does not fit; a 64-bit size does not fit either.</summary>
internal ref struct BoxReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The current box's payload, after size and type.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Where the payload starts, counted from where the reader began.</summary>
    public int PayloadOffset { get; private set; }

    private ReadOnlySpan<byte> _type;
    private int _next;

    public readonly bool Is(ReadOnlySpan<byte> type) => _type.SequenceEqual(type);

    public bool Next()
    {
        if (_rest.Length < 8) return false;
        uint size = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        if (size < 8 || size > _rest.Length) return false;

        _type = _rest.Slice(4, 4);
        Payload = _rest[8..(int)size];
        PayloadOffset = _next + 8;
        _rest = _rest[(int)size..];
        _next += (int)size;
        return true;
    }

    /// <summary>Moves to the next box of this type.</summary>
    public bool Next(ReadOnlySpan<byte> type)
    {
        while (Next())
        {
            if (Is(type)) return true;
        }

        return false;
    }

    /// <summary>The payload of the box that is found by going down by these types (four characters each), first match at each level.</summary>
    public static bool TryFind(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> path, out ReadOnlySpan<byte> payload)
    {
        payload = bytes;
        for (; !path.IsEmpty; path = path[4..])
        {
            var reader = new BoxReader(payload);
            if (!reader.Next(path[..4])) return false;
            payload = reader.Payload;
        }

        return true;
    }
}
