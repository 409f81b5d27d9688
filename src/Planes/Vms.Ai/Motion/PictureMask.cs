using Vms.Contracts.Ai;

namespace Vms.Ai.Motion;

/// <summary>Polygons of the picture as a mask of a small one's pixels. Immutable.</summary>
internal static class PictureMask
{
    /// <returns>True where a pixel's centre is in one of the polygons; null when there are none.</returns>
    internal static bool[]? Of(IEnumerable<Polygon> polygons, int width, int height)
    {
        var shapes = polygons.Where(p => p.Points.Count >= 3).Select(p => Rules.Shape.Of(p.Points)).ToList();
        if (shapes.Count == 0)
            return null;
        var mask = new bool[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                mask[(y * width) + x] = shapes.Any(s => s.Contains(new Tracking.Spot((x + 0.5f) / width, (y + 0.5f) / height)));
        }

        return mask;
    }
}
