using Vms.Ai.Detectors;

namespace Vms.Ai.Tracking;

/// <summary>Where things stand, and how boxes lie to each other.</summary>
internal static class BoxMath
{
    internal static Spot Centre(this Box box) => new(box.X + (box.Width / 2), box.Y + (box.Height / 2));

    /// <summary>Where it stands: the middle of its lower edge.</summary>
    internal static Spot Foot(this Box box) => new(box.X + (box.Width / 2), box.Y + box.Height);

    /// <summary>How much of a box lies in another, 0..1.</summary>
    internal static float ShareIn(this Box box, Box other) => box.Area <= 0 ? 0 : box.Overlap(other) / box.Area;

    internal static Box Union(this Box a, Box b) =>
        Box.FromCorners(Math.Min(a.X, b.X), Math.Min(a.Y, b.Y), Math.Max(a.Right, b.Right), Math.Max(a.Bottom, b.Bottom));
}

/// <summary>A place in the picture, parts of its width and height from the top left.</summary>
internal readonly record struct Spot(float X, float Y)
{
    internal float DistanceTo(Spot other) => MathF.Sqrt(((X - other.X) * (X - other.X)) + ((Y - other.Y) * (Y - other.Y)));
}
