namespace Vms.Containers.Mp4;

/// <summary>
/// Bytes of one fragment with room in front for a header that is written last. The array is pinned, so that a native write needs
/// no handle, and kept from fragment to fragment; one that a rare huge fragment made large is given up again.
/// </summary>
internal sealed class PayloadBuffer(int headroom)
{
    private const int InitialBytes = 64 * 1024;
    private const int KeptBytes = 4 * 1024 * 1024;

    private byte[] _buffer = [];
    private int _headroom = headroom;

    public int Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    /// <summary>Takes in room behind what is there, for the caller to fill at once.</summary>
    public Span<byte> Extend(int bytes)
    {
        var room = Room(bytes);
        Length += bytes;
        return room;
    }

    /// <summary>Room behind what is there that becomes part of it only by <see cref="Extend"/>. Valid until the next call.</summary>
    public Span<byte> Room(int bytes)
    {
        Reserve(_headroom + Length + bytes);
        return _buffer.AsSpan(_headroom + Length, bytes);
    }

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_headroom, Length);

    /// <summary>Header and payload as one run of bytes; the header is the caller's to fill. Borrowed until the next call.</summary>
    public Memory<byte> WithHeader(int headerBytes)
    {
        if (headerBytes > _headroom)
        {
            int grown = Math.Max(headerBytes, _headroom * 2);
            Reserve(grown + Length);
            _buffer.AsSpan(_headroom, Length).CopyTo(_buffer.AsSpan(grown));
            _headroom = grown;
        }

        return _buffer.AsMemory(_headroom - headerBytes, headerBytes + Length);
    }

    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > KeptBytes) _buffer = [];
    }

    private void Reserve(int bytes)
    {
        if (bytes <= _buffer.Length) return;

        byte[] grown = GC.AllocateUninitializedArray<byte>(Math.Max(Math.Max(bytes, _buffer.Length * 2), InitialBytes), pinned: true);
        _buffer.AsSpan(0, Math.Min(_buffer.Length, _headroom + Length)).CopyTo(grown);
        _buffer = grown;
    }
}
