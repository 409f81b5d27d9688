namespace Vms.Ai.Detectors;

/// <summary>A rectangle as parts of the picture: 0,0 is its upper left corner, 1,1 its lower right one.</summary>
internal readonly record struct Box(float X, float Y, float Width, float Height)
{
    /// <summary>The whole picture.</summary>
    public static Box Whole => new(0, 0, 1, 1);

    public float Right => X + Width;

    public float Bottom => Y + Height;

    public float Area => Width * Height;

    public static Box FromCorners(float left, float top, float right, float bottom) => new(left, top, right - left, bottom - top);

    /// <summary>What of it is inside the picture; empty where nothing is, or where it is no number.</summary>
    public Box Clipped()
    {
        float left = Math.Clamp(X, 0, 1), top = Math.Clamp(Y, 0, 1);
        float right = Math.Clamp(Right, left, 1), bottom = Math.Clamp(Bottom, top, 1);
        return float.IsFinite(right - left) && float.IsFinite(bottom - top) ? FromCorners(left, top, right, bottom) : default;
    }

    /// <summary>The area both share.</summary>
    public float Overlap(in Box other)
    {
        float width = Math.Min(Right, other.Right) - Math.Max(X, other.X), height = Math.Min(Bottom, other.Bottom) - Math.Max(Y, other.Y);
        return width > 0 && height > 0 ? width * height : 0;
    }

    /// <summary>Intersection over union: 1 for the same box, 0 for boxes apart.</summary>
    public float OverlapRatio(in Box other)
    {
        float shared = Overlap(other), both = Area + other.Area - shared;
        return both > 0 ? shared / both : 0;
    }

    /// <summary>A box inside this one, given in parts of this one, in parts of the picture.</summary>
    public Box Place(in Box inside) => new(X + (inside.X * Width), Y + (inside.Y * Height), inside.Width * Width, inside.Height * Height);
}
