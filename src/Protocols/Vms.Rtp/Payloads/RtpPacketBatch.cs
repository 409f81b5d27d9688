namespace Vms.Rtp.Payloads;

/// <summary>Packets of one length each, except that the last may be shorter: what one UDP segmentation offload send takes.</summary>
/// <param name="FirstPacket">Index of the first packet.</param>
/// <param name="PacketCount">How many.</param>
/// <param name="Offset">Where they begin in <see cref="RtpPacketBatch.Data"/>.</param>
/// <param name="Length">All of them together, bytes.</param>
/// <param name="PacketLength">Each but the last.</param>
public readonly record struct RtpPacketRun(int FirstPacket, int PacketCount, int Offset, int Length, int PacketLength);

/// <summary>The RTP packets of one access unit, one behind the other in one buffer that is reused for the next unit.
/// Made once per stream; every viewer reads it, nobody but the packetizer writes it. One writer at a time.</summary>
public sealed class RtpPacketBatch
{
    private byte[] _data = new byte[64 << 10];
    private int[] _ends = new int[64];
    private readonly List<RtpPacketRun> _runs = new(4);
    private int _length;

    public int Count { get; private set; }

    /// <summary>All packets. Borrowed until the next unit is packetized.</summary>
    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _length);

    public int OffsetOf(int packet) => packet == 0 ? 0 : _ends[packet - 1];

    public int LengthOf(int packet) => _ends[packet] - OffsetOf(packet);

    /// <summary>One packet, header and payload. Borrowed until the next unit is packetized.</summary>
    public ReadOnlySpan<byte> this[int packet] => _data.AsSpan(OffsetOf(packet), LengthOf(packet));

    /// <summary>The packets grouped by equal length, in order. One for most units; parameter sets or SEI in front make a second.</summary>
    public IReadOnlyList<RtpPacketRun> Runs => _runs;

    internal void Clear()
    {
        Count = 0;
        _length = 0;
        _runs.Clear();
    }

    internal Span<byte> Last => _data.AsSpan(OffsetOf(Count - 1), LengthOf(Count - 1));

    /// <summary>One more packet of <paramref name="length"/> bytes.</summary>
    internal Span<byte> Add(int length)
    {
        if (Count == _ends.Length)
            Array.Resize(ref _ends, _ends.Length * 2);

        Count++;
        return Extend(length);
    }

    /// <summary><paramref name="length"/> more bytes for the last packet.</summary>
    internal Span<byte> Extend(int length)
    {
        if (_length + length > _data.Length)
            Array.Resize(ref _data, Math.Max(_length + length, _data.Length * 2));

        var bytes = _data.AsSpan(_length, length);
        _length += length;
        _ends[Count - 1] = _length;
        return bytes;
    }

    /// <summary>Cuts bytes off the last packet's end.</summary>
    internal void Shorten(int bytes)
    {
        _length -= bytes;
        _ends[Count - 1] = _length;
    }

    internal void SetMarker(int packet) => _data[OffsetOf(packet) + 1] |= 0x80;

    internal void GroupRuns()
    {
        int first = 0;
        while (first < Count)
        {
            int length = LengthOf(first);
            int next = first + 1;
            while (next < Count && LengthOf(next) == length)
                next++;
            if (next < Count && LengthOf(next) < length)
                next++;
            int offset = OffsetOf(first);
            _runs.Add(new RtpPacketRun(first, next - first, offset, _ends[next - 1] - offset, length));
            first = next;
        }
    }
}
