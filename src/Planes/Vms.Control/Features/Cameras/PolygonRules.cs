using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>What a shape in the picture may look like: points [x, y] within it, 0 to 1.</summary>
internal static class PolygonRules
{
    /// <summary>A ten-thousandth of the picture: smaller is a slip of the hand.</summary>
    private const double MinArea = 0.0001;

    private const double MinLength = 0.01;

    public static void CheckPolygon(IReadOnlyList<IReadOnlyList<double>>? points, int maxPoints, string field, List<FieldProblem> problems)
    {
        if (!CheckPoints(points, 3, maxPoints, field, problems))
            return;
        if (CrossesItself(points!, isClosed: true))
            problems.Add(new FieldProblem(field, "selfCrossing", "Its sides cross each other"));
        else if (AreaOf(points!) < MinArea)
            problems.Add(new FieldProblem(field, "tooSmall", "It has no area to speak of"));
    }

    public static void CheckLine(IReadOnlyList<IReadOnlyList<double>>? points, int maxPoints, string field, List<FieldProblem> problems)
    {
        if (!CheckPoints(points, 2, maxPoints, field, problems))
            return;
        if (CrossesItself(points!, isClosed: false))
            problems.Add(new FieldProblem(field, "selfCrossing", "It crosses itself"));
        else if (points!.Zip(points!.Skip(1)).Sum(s => Math.Sqrt(Math.Pow(s.First[0] - s.Second[0], 2) + Math.Pow(s.First[1] - s.Second[1], 2))) < MinLength)
            problems.Add(new FieldProblem(field, "tooSmall", "It has no length to speak of"));
    }

    private static bool CheckPoints(IReadOnlyList<IReadOnlyList<double>>? points, int min, int max, string field, List<FieldProblem> problems)
    {
        if (points is null || points.Count < min || points.Count > max)
        {
            problems.Add(new FieldProblem(field, "wrongCount", $"Use {min} to {max} points [x, y]"));
            return false;
        }

        if (points.All(p => p is { Count: 2 } && p[0] is >= 0 and <= 1 && p[1] is >= 0 and <= 1))
            return true;
        problems.Add(new FieldProblem(field, "outOfRange", "Points are [x, y], each 0 to 1 of the picture from its top left"));
        return false;
    }

    private static double AreaOf(IReadOnlyList<IReadOnlyList<double>> points)
    {
        double twice = 0;
        for (var i = 0; i < points.Count; i++)
        {
            var (a, b) = (points[i], points[(i + 1) % points.Count]);
            twice += (a[0] * b[1]) - (b[0] * a[1]);
        }

        return Math.Abs(twice) / 2;
    }

    private static bool CrossesItself(IReadOnlyList<IReadOnlyList<double>> points, bool isClosed)
    {
        var sides = isClosed ? points.Count : points.Count - 1;
        for (var i = 0; i < sides; i++)
        {
            for (var j = i + 1; j < sides; j++)
            {
                // Neighbours share a corner.
                if (j == i + 1 || (isClosed && i == 0 && j == sides - 1))
                    continue;
                if (Cross(points[i], points[i + 1], points[j], points[(j + 1) % points.Count]))
                    return true;
            }
        }

        return false;
    }

    /// <summary>They touch or cross.</summary>
    private static bool Cross(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> c, IReadOnlyList<double> d)
    {
        var (s1, s2, s3, s4) = (SideOf(a, b, c), SideOf(a, b, d), SideOf(c, d, a), SideOf(c, d, b));
        if (s1 * s2 < 0 && s3 * s4 < 0)
            return true;
        return (s1 == 0 && IsBetween(a, b, c)) || (s2 == 0 && IsBetween(a, b, d)) || (s3 == 0 && IsBetween(c, d, a)) || (s4 == 0 && IsBetween(c, d, b));
    }

    private static double SideOf(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> p) =>
        Math.Sign(((b[0] - a[0]) * (p[1] - a[1])) - ((b[1] - a[1]) * (p[0] - a[0])));

    private static bool IsBetween(IReadOnlyList<double> a, IReadOnlyList<double> b, IReadOnlyList<double> p) =>
        p[0] >= Math.Min(a[0], b[0]) && p[0] <= Math.Max(a[0], b[0]) && p[1] >= Math.Min(a[1], b[1]) && p[1] <= Math.Max(a[1], b[1]);
}
