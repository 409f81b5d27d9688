namespace Vms.Codecs.H264;

/// <summary>Reads bits of a NAL unit's payload, skipping emulation prevention bytes (ITU-T H.264 §7.3.1, §7.2).
/// Reading past the end gives zeros and sets <see cref="IsExhausted"/>; nothing throws.</summary>
internal ref struct RbspReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _data = payload;
    private int _next;          // next byte to load
    private int _zeros;         // zero bytes in a row before _next
    private uint _bits;         // the loaded byte
    private int _left;          // bits of it not yet read

    public bool IsExhausted { get; private set; }

    public uint Bit()
    {
        if (_left == 0)
            Load();
        _left--;
        return (_bits >> _left) & 1;
    }

    public bool Flag() => Bit() != 0;

    /// <summary>u(n), <paramref name="count"/> 0 to 32.</summary>
    public uint Bits(int count)
    {
        uint value = 0;
        for (int i = 0; i < count; i++)
            value = (value << 1) | Bit();
        return value;
    }

    /// <summary>ue(v), §9.1. More than 31 leading zeros cannot be a value of any syntax element and exhausts the reader.</summary>
    public uint ExpGolomb()
    {
        int zeros = 0;
        while (Bit() == 0)
        {
            if (IsExhausted || ++zeros > 31)
            {
                IsExhausted = true;
                return 0;
            }
        }

        return (uint)((1UL << zeros) - 1) + Bits(zeros);
    }

    /// <summary>se(v), §9.1.1.</summary>
    public int SignedExpGolomb()
    {
        uint code = ExpGolomb();
        return (code & 1) != 0 ? (int)((code >> 1) + 1) : -(int)(code >> 1);
    }

    private void Load()
    {
        if (_zeros >= 2 && _next < _data.Length && _data[_next] == 3)
        {
            _next++;
            _zeros = 0;
        }

        _left = 8;
        if (_next >= _data.Length)
        {
            IsExhausted = true;
            _bits = 0;
            return;
        }

        _bits = _data[_next++];
        _zeros = _bits == 0 ? _zeros + 1 : 0;
    }
}
