using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vms.Hosting.Motion;

namespace Vms.Recorder.Motion;

/// <summary>The part of the picture that is searched, as cells of the grid. Immutable.</summary>
internal sealed class MotionRegion
{
    /// <summary>Rectangles and polygons together.</summary>
    public const int MaxShapes = 16;

    public const int MaxCorners = 32;

    /// <summary>Longest text of one shape: two numbers a corner.</summary>
    private const int MaxText = MaxCorners * 2 * 24;

    /// <summary>Points along each side of a cell at which it is asked whether they lie in the region.</summary>
    private const int Samples = 8;

    /// <summary>A cell of which this many of its 64 points lie in the region belongs to it.</summary>
    private const int Enough = Samples * Samples / 4;

    private readonly byte[] _cells;

    private MotionRegion(byte[] cells) => _cells = cells;

    /// <summary>The whole picture.</summary>
    public static MotionRegion Whole { get; } = new([.. Enumerable.Range(0, MotionGrid.CellCount).Select(i => (byte)i)]);

    /// <summary>Numbers of the cells, row by row, ascending; never empty.</summary>
    public ReadOnlySpan<byte> Cells => _cells;

    /// <summary>
    /// Reads shapes in parts of the picture's width and height, 0..1 from the top left: <c>x,y,width,height</c> is a rectangle, six numbers
    /// and more are the corners of a polygon. None is the whole picture.
    /// </summary>
    /// <param name="problem">What is wrong, when false.</param>
    public static bool TryRead(IReadOnlyList<string?> shapes, [NotNullWhen(true)] out MotionRegion? region, [NotNullWhen(false)] out string? problem)
    {
        region = null;
        problem = null;
        if (shapes.Count == 0)
        {
            region = Whole;
            return true;
        }

        if (shapes.Count > MaxShapes)
        {
            problem = $"at most {MaxShapes} shapes";
            return false;
        }

        var polygons = new List<double[]>();
        foreach (string? text in shapes)
        {
            if (Corners(text) is not { } corners)
            {
                problem = $"x,y,width,height or 3 to {MaxCorners} corners x,y,x,y,… from 0 to 1 are expected";
                return false;
            }

            polygons.Add(corners);
        }

        byte[] cells = CellsOf(polygons);
        if (cells.Length > 0)
        {
            region = new MotionRegion(cells);
            return true;
        }

        problem = "there is nothing inside";
        return false;
    }

    /// <summary>The motion in this region; null when no cell changed as much as <paramref name="least"/>.</summary>
    /// <param name="least">1..255.</param>
    public RegionMotion? In(MotionGrid grid, byte least)
    {
        if (grid.Cells.IsEmpty || grid.IsWholePicture) return null;
        var changed = grid.Cells.Span;
        RegionMotion? motion = null;
        foreach (byte cell in _cells)
        {
            if (changed[cell] < least) continue;
            var here = new RegionMotion(changed[cell], cell % MotionGrid.Side, cell / MotionGrid.Side, cell % MotionGrid.Side, cell / MotionGrid.Side);
            motion = motion?.With(here) ?? here;
        }

        return motion;
    }

    private static double[]? Corners(string? text)
    {
        if (text is not { Length: > 0 and <= MaxText }) return null;
        string[] parts = text.Split(',');
        if (parts.Length is not (4 or >= 6) || parts.Length % 2 != 0 || parts.Length > MaxCorners * 2) return null;
        double[] numbers = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] > 1) return null;
        }

        if (numbers.Length > 4) return numbers;
        double left = numbers[0], top = numbers[1];
        double right = Math.Min(1, left + numbers[2]), bottom = Math.Min(1, top + numbers[3]);
        return [left, top, right, top, right, bottom, left, bottom];
    }

    /// <summary>A region smaller than a cell is the cells that hold most of it.</summary>
    private static byte[] CellsOf(List<double[]> polygons)
    {
        int[] inside = new int[MotionGrid.CellCount];
        const int Along = MotionGrid.Side * Samples;
        for (int y = 0; y < Along; y++)
        {
            for (int x = 0; x < Along; x++)
            {
                double px = (x + 0.5) / Along, py = (y + 0.5) / Along;
                if (polygons.Exists(p => Contains(p, px, py))) inside[(y / Samples * MotionGrid.Side) + (x / Samples)]++;
            }
        }

        int enough = Math.Min(Enough, inside.Max());
        return enough == 0 ? [] : [.. Enumerable.Range(0, MotionGrid.CellCount).Where(i => inside[i] >= enough).Select(i => (byte)i)];
    }

    /// <summary>Even-odd rule.</summary>
    private static bool Contains(double[] corners, double x, double y)
    {
        bool isInside = false;
        for (int i = 0, j = corners.Length - 2; i < corners.Length; j = i, i += 2)
        {
            double y1 = corners[i + 1], y2 = corners[j + 1];
            if (y1 > y != y2 > y && x < ((corners[j] - corners[i]) * (y - y1) / (y2 - y1)) + corners[i]) isInside = !isInside;
        }

        return isInside;
    }
}

/// <summary>Motion in a region: how much, and the cells around it.</summary>
/// <param name="Score">Of the cell that changed most, 0..255.</param>
internal readonly record struct RegionMotion(byte Score, int Left, int Top, int Right, int Bottom)
{
    public RegionMotion With(RegionMotion other) => new(
        Math.Max(Score, other.Score), Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>[x, y, width, height], 0..1.</summary>
    public double[] Box =>
    [
        (double)Left / MotionGrid.Side, (double)Top / MotionGrid.Side,
        (double)(Right - Left + 1) / MotionGrid.Side, (double)(Bottom - Top + 1) / MotionGrid.Side,
    ];
}
