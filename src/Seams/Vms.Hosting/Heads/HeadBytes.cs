using System.Buffers.Binary;

namespace Vms.Hosting.Heads;

/// <summary>The bytes of one <see cref="HeadEntry"/>, in files and on the bus (docs/ref/head-format.md).</summary>
/// <remarks>Stateless.</remarks>
public static class HeadBytes
{
    /// <summary>128 objects are followed at a time; each has one span, or a few where it moves fast.</summary>
    public const int MaxSpans = 4096;

    /// <summary>No entry is longer; a span begins at most so much earlier.</summary>
    public const long LongestUs = 60_000_000;

    public const int MaxBytes = HeadLength + (SpanLength * MaxSpans);

    private const int HeadLength = 18;
    private const int SpanLength = 16;
    private const float Whole = ushort.MaxValue;

    public static byte[] Write(HeadEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var bytes = new byte[HeadLength + (SpanLength * entry.Spans.Count)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, entry.FromUs);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), entry.ToUs);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), (ushort)entry.Spans.Count);
        for (int i = 0; i < entry.Spans.Count; i++)
        {
            HeadSpan span = entry.Spans[i];
            var to = bytes.AsSpan(HeadLength + (i * SpanLength));
            BinaryPrimitives.WriteInt32LittleEndian(to, (int)(span.FromUs - entry.FromUs));
            BinaryPrimitives.WriteInt32LittleEndian(to[4..], (int)(span.ToUs - entry.FromUs));
            // Outwards: what was covered stays covered.
            int left = Down(span.X), top = Down(span.Y);
            BinaryPrimitives.WriteUInt16LittleEndian(to[8..], (ushort)left);
            BinaryPrimitives.WriteUInt16LittleEndian(to[10..], (ushort)top);
            BinaryPrimitives.WriteUInt16LittleEndian(to[12..], (ushort)(Up(span.X + span.Width) - left));
            BinaryPrimitives.WriteUInt16LittleEndian(to[14..], (ushort)(Up(span.Y + span.Height) - top));
        }

        return bytes;
    }

    /// <summary>Null when the bytes are no entry that can be.</summary>
    public static HeadEntry? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadLength)
            return null;
        long fromUs = BinaryPrimitives.ReadInt64LittleEndian(bytes), toUs = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
        if (fromUs < LongestUs || toUs < fromUs || toUs - fromUs > LongestUs || count > MaxSpans || bytes.Length != HeadLength + (count * SpanLength))
            return null;
        var spans = new HeadSpan[count];
        for (int i = 0; i < count; i++)
        {
            var at = bytes.Slice(HeadLength + (i * SpanLength), SpanLength);
            long from = BinaryPrimitives.ReadInt32LittleEndian(at), to = BinaryPrimitives.ReadInt32LittleEndian(at[4..]);
            if (from < -LongestUs || to < from || to > LongestUs)
                return null;
            spans[i] = new HeadSpan(fromUs + from, fromUs + to, Part(at[8..]), Part(at[10..]), Part(at[12..]), Part(at[14..]));
        }

        return new HeadEntry(fromUs, toUs, spans);
    }

    private static int Down(float part) => (int)MathF.Floor(Math.Clamp(part, 0, 1) * Whole);

    private static int Up(float part) => (int)MathF.Ceiling(Math.Clamp(part, 0, 1) * Whole);

    private static float Part(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes) / Whole;
}
