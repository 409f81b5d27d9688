using System.Globalization;

namespace Vms.Testing.Footage;

/// <summary>
/// The frame number burnt into every frame of the footage, readable from pixels: a row of square blocks, white is 1.
/// Blocks from left to right: 1, 0 (guards), bits 15 to 0, even parity, 1 (guard). A block is 1/40 of the picture's width; the row
/// begins one block right of and below the top left corner, so it survives scaling.
/// </summary>
/// <remarks>
/// In a browser, with <c>w</c>, <c>h</c> of the video and the picture drawn to a canvas of that size:
/// <code>
/// function frameNumber(context, w) {
///   const block = w / 40;
///   const row = context.getImageData(0, Math.round(1.5 * block), w, 1).data;
///   const bits = Array.from({ length: 20 }, (_, i) => row[4 * Math.round((i + 1.5) * block)] > 127 ? 1 : 0);
///   if (bits[0] !== 1 || bits[1] !== 0 || bits[19] !== 1) return null;
///   if (bits.slice(2, 19).reduce((a, b) => a ^ b, 0) !== 0) return null;
///   return bits.slice(2, 18).reduce((n, bit) => 2 * n + bit, 0);
/// }
/// </code>
/// </remarks>
public static class FrameCounter
{
    private const int BlocksPerWidth = 40;
    private const int Bits = 16;
    private const int Blocks = 2 + Bits + 1 + 1;

    /// <summary>Reads the number from a decoded picture.</summary>
    /// <param name="gray">Luma, <paramref name="width"/> bytes a row, top row first.</param>
    /// <returns>0 to 65,535; null when guards or parity are wrong.</returns>
    public static int? Read(ReadOnlySpan<byte> gray, int width) => ReadRow(gray.Slice(RowOf(width) * width, width));

    /// <summary>Reads the number from the one row that matters, <see cref="RowOf"/>.</summary>
    public static int? ReadRow(ReadOnlySpan<byte> row)
    {
        double block = (double)row.Length / BlocksPerWidth;
        uint all = 0;
        for (int i = 0; i < Blocks; i++)
            all = (all << 1) | (row[(int)((i + 1.5) * block)] > 127 ? 1u : 0u);

        uint value = (all >> 2) & 0xFFFF;
        uint parity = (all >> 1) & 1;
        bool guards = (all >> (Blocks - 2)) == 0b10 && (all & 1) == 1;
        return guards && (uint.PopCount(value) & 1) == parity ? (int)value : null;
    }

    /// <summary>The row through the middle of the blocks in a picture of this width.</summary>
    public static int RowOf(int width) => (int)(1.5 * width / BlocksPerWidth);

    /// <summary>The ffmpeg filters that draw the row on pictures of this width.</summary>
    internal static string DrawFilter(int width)
    {
        int block = width / BlocksPerWidth;
        var boxes = new List<string> { Box(1, block, Blocks, "black", "1"), Box(1, block, 1, "white", "1") };
        for (int bit = 0; bit < Bits; bit++)
            boxes.Add(Box(3 + Bits - 1 - bit, block, 1, "white", $"mod(floor(n/{1 << bit}),2)"));
        string sum = string.Join('+', Enumerable.Range(0, Bits).Select(bit => $"floor(n/{1 << bit})"));
        boxes.Add(Box(3 + Bits, block, 1, "white", $"mod({sum},2)"));
        boxes.Add(Box(4 + Bits, block, 1, "white", "1"));
        return string.Join(',', boxes);
    }

    private static string Box(int index, int block, int blocks, string color, string when) => string.Create(
        CultureInfo.InvariantCulture,
        $"drawbox=x={index * block}:y={block}:w={blocks * block}:h={block}:color={color}:t=fill:enable='{when}'");
}
