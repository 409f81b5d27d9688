using System.Buffers.Binary;

namespace Vms.Codecs.H264;

/// <summary>Walks the NAL units of a sample: each behind its length, 4 bytes big-endian. Borrows the sample.
/// A length of zero or beyond the end stops the walk.</summary>
public ref struct NalUnits(ReadOnlySpan<byte> sample)
{
    public const int LengthSize = 4;

    private ReadOnlySpan<byte> _rest = sample;

    /// <summary>The NAL unit without its length.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly NalUnits GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < LengthSize)
            return false;

        uint length = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        if (length == 0 || length > (uint)(_rest.Length - LengthSize))
            return false;

        Current = _rest.Slice(LengthSize, (int)length);
        _rest = _rest[(LengthSize + (int)length)..];
        return true;
    }

    /// <summary>True when lengths cover <paramref name="sample"/> to its last byte.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> sample)
    {
        var units = new NalUnits(sample);
        while (units.MoveNext())
        {
        }

        return units._rest.IsEmpty && !sample.IsEmpty;
    }
}
