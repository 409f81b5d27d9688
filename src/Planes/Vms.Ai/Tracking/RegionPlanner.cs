using Vms.Ai.Detectors;

namespace Vms.Ai.Tracking;

/// <summary>
/// Where the detector looks in a picture: around what is followed, where something moves that is not explained by it, and once everywhere at the start.
/// Regions are squares of at least the model's size, so that what is far away is seen at full resolution. Pure.
/// </summary>
internal static class RegionPlanner
{
    /// <summary>Regions of one picture; more would cost more than the whole picture at once.</summary>
    internal const int MaxRegions = 3;

    /// <summary>Room around an object, of its size.</summary>
    private const float Margin = 0.35f;

    /// <summary>Motion that lies in a region to be looked at already.</summary>
    private const float Explained = 0.8f;

    /// <summary>When regions cover so much of the picture it is looked at as a whole.</summary>
    private const float NearlyAll = 0.6f;

    /// <summary>What stands is looked for so often: it may have gone without a motion that was noticed.</summary>
    private const long StationaryEveryUs = 10_000_000;

    /// <summary>The whole picture.</summary>
    internal static Box Everything => Box.Whole;

    /// <param name="motion">Where something moves.</param>
    /// <param name="width">Of the picture in pixels.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="modelSide">Of the model's square input, pixels.</param>
    internal static List<Box> Plan(IReadOnlyList<ObjectTrack> tracks, IReadOnlyList<Box> motion, long nowUs, int width, int height, int modelSide)
    {
        var wanted = new List<Box>();
        foreach (ObjectTrack track in tracks)
        {
            if (!track.IsStationary || track.State == TrackState.Lost || nowUs - track.LookedAtUs >= StationaryEveryUs || motion.Any(m => m.Overlap(track.Box) > 0))
                wanted.Add(Widened(track.Box.Clipped()));
        }

        int followed = wanted.Count;
        foreach (Box moving in motion)
        {
            if (!wanted.Take(followed).Any(w => moving.ShareIn(w) >= Explained))
                wanted.Add(Widened(moving));
        }

        var regions = wanted.Where(w => w.Area > 0).Select(w => Square(w, width, height, modelSide)).ToList();
        Merge(regions, width, height, modelSide);
        return regions.Count > MaxRegions || regions.Sum(r => r.Area) > NearlyAll ? [Everything] : regions;
    }

    /// <summary>Two become one where that is less to look at than both.</summary>
    private static void Merge(List<Box> regions, int width, int height, int modelSide)
    {
        for (int i = 0; i < regions.Count; i++)
        {
            for (int j = i + 1; j < regions.Count; j++)
            {
                Box both = Square(regions[i].Union(regions[j]), width, height, modelSide);
                if (both.Area > (regions[i].Area + regions[j].Area) * 1.05f)
                    continue;
                regions[i] = both;
                regions.RemoveAt(j);
                (i, j) = (-1, regions.Count);
            }
        }
    }

    private static Box Widened(Box box) => new Box(
        box.X - (box.Width * Margin), box.Y - (box.Height * Margin), box.Width * (1 + (2 * Margin)), box.Height * (1 + (2 * Margin))).Clipped();

    /// <summary>The square around a box, moved into the picture; as wide or high as the picture where it is larger than that.</summary>
    private static Box Square(Box box, int width, int height, int modelSide)
    {
        float side = Math.Max(modelSide, Math.Max(box.Width * width, box.Height * height));
        float w = Math.Min(1, side / width), h = Math.Min(1, side / height);
        Spot centre = box.Centre();
        return new Box(Math.Clamp(centre.X - (w / 2), 0, 1 - w), Math.Clamp(centre.Y - (h / 2), 0, 1 - h), w, h);
    }
}
