namespace Vms.Codecs.Aac;

/// <summary>Reads bits, most significant first. Reading past the end gives zeros and sets <see cref="IsExhausted"/>; nothing throws.</summary>
public ref struct BitReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>Bits read so far.</summary>
    public int Position { get; private set; }

    public bool IsExhausted { get; private set; }

    public readonly int Left => (_data.Length * 8) - Position;

    /// <param name="count">0 to 32.</param>
    public uint Bits(int count)
    {
        if (count > Left)
        {
            IsExhausted = true;
            Position = _data.Length * 8;
            return 0;
        }

        uint value = 0;
        for (int i = 0; i < count; i++, Position++)
            value = (value << 1) | ((uint)(_data[Position >> 3] >> (7 - (Position & 7))) & 1);
        return value;
    }

    public bool Flag() => Bits(1) != 0;

    public void Skip(int count)
    {
        IsExhausted |= count > Left;
        Position += Math.Min(count, Left);
    }
}
