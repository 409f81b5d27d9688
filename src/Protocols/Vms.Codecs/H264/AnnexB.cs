using System.Buffers;
using System.Buffers.Binary;

namespace Vms.Codecs.H264;

/// <summary>Walks the NAL units of a byte stream (ITU-T H.264 annex B): start codes 00 00 01, any number of zeros around.
/// Bytes before the first start code are skipped. Borrows the stream.</summary>
public ref struct AnnexB(ReadOnlySpan<byte> stream)
{
    private static ReadOnlySpan<byte> StartCode => [0, 0, 1];

    private ReadOnlySpan<byte> _rest = AfterStartCode(stream);

    /// <summary>The NAL unit without start code and trailing zeros.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly AnnexB GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf(StartCode);
            var nal = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + StartCode.Length)..];
            nal = nal.TrimEnd((byte)0);
            if (nal.IsEmpty)
                continue;

            Current = nal;
            return true;
        }

        return false;
    }

    /// <summary>Offset of the first start code, or -1. A NAL unit itself never holds one (§7.4.1).</summary>
    public static int IndexOfStartCode(ReadOnlySpan<byte> bytes) => bytes.IndexOf(StartCode);

    /// <summary>Writes the NAL units of <paramref name="stream"/> length-prefixed, 4 bytes each.</summary>
    public static void ToLengthPrefixed(ReadOnlySpan<byte> stream, IBufferWriter<byte> output)
    {
        foreach (var nal in new AnnexB(stream))
        {
            BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(NalUnits.LengthSize), nal.Length);
            output.Advance(NalUnits.LengthSize);
            output.Write(nal);
        }
    }

    private static ReadOnlySpan<byte> AfterStartCode(ReadOnlySpan<byte> stream)
    {
        int first = IndexOfStartCode(stream);
        return first < 0 ? default : stream[(first + StartCode.Length)..];
    }
}
