using Vms.Native.Ffmpeg;

namespace Vms.Hosting.Motion;

/// <summary>
/// Compares two small grey pictures of one camera and says where something else is to be seen. Passed over are: what the light did to the
/// whole picture, noise, the edges of things that shake by a pixel, and single pixels.
/// </summary>
/// <remarks>Stateless.</remarks>
public static class PictureComparison
{
    /// <summary>Width of the pictures that are compared, in pixels: a cell of the grid has ten by five of them.</summary>
    public const int PictureWidth = 160;

    /// <summary>Keyframes that come closer together are passed over: cameras that send more of them are compared once a second. The rest is how unevenly those of a
    /// second come.</summary>
    public const long LeastApartUs = 900_000;

    /// <summary>Steps of luma that a difference must have at least: what encoders do to a still picture stays below.</summary>
    private const int LeastDifference = 12;

    /// <summary>And at most: scaling down leaves little of the worst noise, more is something that covers half of the picture.</summary>
    private const int GreatestDifference = 24;

    /// <summary>Times the middle distance of the pixels, which is noise where at least half of the picture stands still: six standard deviations.</summary>
    private const int NoiseFactor = 9;

    /// <summary>A pixel alone is no thing: at least so many of its eight neighbours changed, too.</summary>
    private const int LeastNeighbours = 2;

    /// <summary>More than this part of the pixels at once is the light or the camera.</summary>
    private const double WholePicture = 0.7;

    /// <summary>Pictures of another shape are of another picture altogether.</summary>
    /// <returns>A grid from <paramref name="beforeUs"/> to <paramref name="afterUs"/>.</returns>
    /// <param name="source">Who compares.</param>
    public static MotionGrid Compare(LumaPicture before, long beforeUs, LumaPicture after, long afterUs, MotionSource source = MotionSource.Keyframes)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Width != after.Width || before.Height != after.Height) return MotionGrid.Of(beforeUs, afterUs, default, isWholePicture: true, source);
        Span<byte> cells = stackalloc byte[MotionGrid.CellCount];
        bool isWhole = Compare(before.Pixels, after.Pixels, before.Width, before.Height, cells);
        return MotionGrid.Of(beforeUs, afterUs, cells, isWhole, source);
    }

    /// <param name="cells">256; receives the share of each cell's pixels that changed, 0..255.</param>
    /// <returns>Whether nearly all of the picture changed.</returns>
    internal static bool Compare(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, int width, int height, Span<byte> cells)
    {
        Span<byte> table = stackalloc byte[256];
        LightChange.Between(before, after).WriteTable(table);
        int least = Math.Clamp(NoiseFactor * LightChange.MiddleDistance(before, after, table), LeastDifference, GreatestDifference);
        byte[] expected = new byte[before.Length];
        int different = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = table[before[i]];
            if (Math.Abs(after[i] - expected[i]) > least) different++;
        }

        // What is within the values around it may have moved by a pixel; what came or went is outside of them in one picture or the other.
        bool[] changed = new bool[before.Length];
        MarkOutside(after, expected, width, height, least, changed);
        MarkOutside(expected, after, width, height, least, changed);
        Count(changed, width, height, cells);
        return different > WholePicture * before.Length;
    }

    private static void MarkOutside(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> others, int width, int height, int least, Span<bool> changed)
    {
        for (int y = 0; y < height; y++)
        {
            int top = Math.Max(0, y - 1), bottom = Math.Min(height - 1, y + 1);
            for (int x = 0; x < width; x++)
            {
                int value = pixels[(y * width) + x];
                // Most pixels are settled by the one in the same place.
                if (Math.Abs(value - others[(y * width) + x]) <= least) continue;
                int left = Math.Max(0, x - 1), right = Math.Min(width - 1, x + 1);
                int low = 255, high = 0;
                for (int row = top; row <= bottom; row++)
                {
                    foreach (byte other in others.Slice((row * width) + left, right - left + 1))
                    {
                        low = Math.Min(low, other);
                        high = Math.Max(high, other);
                    }
                }

                if (value < low - least || value > high + least) changed[(y * width) + x] = true;
            }
        }
    }

    private static void Count(ReadOnlySpan<bool> changed, int width, int height, Span<byte> cells)
    {
        Span<int> counts = stackalloc int[MotionGrid.CellCount];
        Span<int> sizes = stackalloc int[MotionGrid.CellCount];
        counts.Clear();
        sizes.Clear();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int cell = (y * MotionGrid.Side / height * MotionGrid.Side) + (x * MotionGrid.Side / width);
                sizes[cell]++;
                if (!changed[(y * width) + x] || Neighbours(changed, width, height, x, y) < LeastNeighbours) continue;
                counts[cell]++;
            }
        }

        for (int cell = 0; cell < cells.Length; cell++)
            cells[cell] = sizes[cell] == 0 ? (byte)0 : (byte)(((counts[cell] * 255) + sizes[cell] - 1) / sizes[cell]);
    }

    private static int Neighbours(ReadOnlySpan<bool> changed, int width, int height, int x, int y)
    {
        int count = 0;
        for (int row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
        {
            for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
            {
                if ((row != y || column != x) && changed[(row * width) + column]) count++;
            }
        }

        return count;
    }
}
