using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

/// <summary>A polygon or an open line of the picture. Immutable.</summary>
internal sealed class Shape(Spot[] points)
{
    internal static Shape Of(IEnumerable<Point> points) => new([.. points.Select(p => new Spot((float)p.X, (float)p.Y))]);

    internal IReadOnlyList<Spot> Points => points;

    /// <summary>As a polygon: the point is in it (even-odd rule).</summary>
    internal bool Contains(Spot p)
    {
        bool inside = false;
        for (int i = 0, j = points.Length - 1; i < points.Length; j = i++)
        {
            Spot a = points[i], b = points[j];
            if (a.Y > p.Y != b.Y > p.Y && p.X < ((b.X - a.X) * (p.Y - a.Y) / (b.Y - a.Y)) + a.X)
                inside = !inside;
        }

        return inside;
    }

    /// <summary>As a line: how far the point is from it.</summary>
    internal float DistanceTo(Spot p)
    {
        float nearest = float.MaxValue;
        for (int i = 1; i < points.Length; i++)
            nearest = Math.Min(nearest, Distance(points[i - 1], points[i], p));
        return nearest;
    }

    /// <summary>As a line: how often a way crosses it from left to right, less how often from right to left, seen along it from its first point.</summary>
    /// <param name="part">Where on the way it was crossed last, 0..1.</param>
    internal int Crossings(Spot from, Spot to, out float part)
    {
        int net = 0;
        part = 1;
        for (int i = 1; i < points.Length; i++)
        {
            Spot a = points[i - 1], b = points[i];
            float before = SideOf(a, b, from), after = SideOf(a, b, to);
            // Right of a line is where its side is positive: y points down. A point on it counts as left.
            if (before > 0 == after > 0)
                continue;
            float first = SideOf(from, to, a), last = SideOf(from, to, b);
            if (first > 0 == last > 0)
                continue;
            net += after > 0 ? 1 : -1;
            part = before / (before - after);
        }

        return net;
    }

    private static float SideOf(Spot a, Spot b, Spot p) => ((b.X - a.X) * (p.Y - a.Y)) - ((b.Y - a.Y) * (p.X - a.X));

    private static float Distance(Spot a, Spot b, Spot p)
    {
        float dx = b.X - a.X, dy = b.Y - a.Y, length = (dx * dx) + (dy * dy);
        float t = length <= 0 ? 0 : Math.Clamp((((p.X - a.X) * dx) + ((p.Y - a.Y) * dy)) / length, 0, 1);
        return p.DistanceTo(new Spot(a.X + (t * dx), a.Y + (t * dy)));
    }
}
