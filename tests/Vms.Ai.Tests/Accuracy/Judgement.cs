using Vms.Ai.Detectors;

namespace Vms.Ai.Tests.Accuracy;

/// <summary>Detections of many pictures held against what a person sees: each is right or wrong, each object found with a score or not.</summary>
internal sealed class Judgement
{
    /// <summary>A box that overlaps less is somewhere else.</summary>
    internal const float SamePlace = 0.5f;

    private readonly List<(string Class, float Score, bool Right)> _detections = [];
    private readonly List<(string Class, float Score)> _objects = [];

    internal static string? KindOf(string label) => label switch
    {
        "person" => "person",
        "car" or "truck" or "bus" => "vehicle",
        _ => null,      // not asked for
    };

    /// <param name="mirrored">The picture was.</param>
    internal void Add(SeenPicture seen, IReadOnlyList<Detection> found, bool mirrored = false)
    {
        var objects = seen.Objects.Select(o => o with { Box = Turned(o.Box, mirrored) }).ToList();
        var taken = new float[objects.Count];
        foreach (var detection in found.Where(d => KindOf(d.Class) is not null).OrderByDescending(d => d.Score))
        {
            string kind = KindOf(detection.Class)!;
            int best = -1;
            for (int i = 0; i < objects.Count; i++)
            {
                if (taken[i] == 0 && objects[i].Class == kind && objects[i].Box.OverlapRatio(detection.Box) >= SamePlace
                    && (best < 0 || objects[i].Box.OverlapRatio(detection.Box) > objects[best].Box.OverlapRatio(detection.Box)))
                    best = i;
            }

            if (best >= 0)
                taken[best] = detection.Score;
            else if (seen.Unclear.Any(u => Turned(u, mirrored).Overlap(detection.Box) > detection.Box.Area / 2))
                continue;
            _detections.Add((kind, detection.Score, best >= 0));
        }

        for (int i = 0; i < objects.Count; i++)
            _objects.Add((objects[i].Class, taken[i]));
    }

    /// <summary>Of what is found at a threshold, how much is right; of what is there, how much is found.</summary>
    internal (double Precision, double Recall, int Found, int Objects) At(string kind, float threshold)
    {
        int found = _detections.Count(d => d.Class == kind && d.Score >= threshold), right = _detections.Count(d => d.Class == kind && d.Score >= threshold && d.Right);
        int objects = _objects.Count(o => o.Class == kind), seen = _objects.Count(o => o.Class == kind && o.Score >= threshold);
        return (found == 0 ? 1 : (double)right / found, objects == 0 ? 1 : (double)seen / objects, found, objects);
    }

    private static Box Turned(in Box box, bool mirrored) => mirrored ? box with { X = 1 - box.X - box.Width } : box;
}
