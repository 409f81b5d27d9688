using Google.Protobuf.Collections;
using Vms.Contracts.Ai;

namespace Vms.Ai.Analysis;

/// <summary>Ceilings of what one stream may be looked at for: control keeps them, and what it sends is not taken on trust.</summary>
internal static class AnalysisLimits
{
    private const int MaxShapes = 32;
    private const int MaxPoints = 32;
    private const int MaxWords = 64;
    private const int MaxSpans = 128;

    /// <returns>What is wrong, for whoever sent it; null when nothing is.</returns>
    internal static string? Broken(AnalysisSettings settings)
    {
        if (!(settings.Fps is > 0 and <= 15))
            return "settings.fps must be above 0 and at most 15";
        if (!(settings.TrackConfidence is > 0 and <= 1) || !(settings.MinConfidence is > 0 and <= 1) || !(settings.MinSize is >= 0 and <= 1))
            return "confidences must be above 0 and at most 1, min_size 0 to 1";
        if (settings.Zones.Count > MaxShapes || settings.Lines.Count > MaxShapes || (settings.Motion?.Masks.Count ?? 0) > MaxShapes || settings.Classes.Count > MaxWords)
            return $"at most {MaxShapes} zones, lines and masks, and {MaxWords} classes";
        bool isTooMuch = settings.Zones.Any(z => IsTooMuch(z.Polygon, z.Classes, z.Presets, z.Schedule)) || settings.Lines.Any(l => IsTooMuch(l.Points, l.Classes, l.Presets, l.Schedule))
            || settings.Motion?.Masks.Any(m => m.Points.Count > MaxPoints) == true;
        return isTooMuch ? $"at most {MaxPoints} points, {MaxWords} classes and presets, and {MaxSpans} spans of time each" : null;
    }

    private static bool IsTooMuch(RepeatedField<Point> points, RepeatedField<string> classes, RepeatedField<string> presets, ActiveTimes? times) =>
        points.Count > MaxPoints || classes.Count > MaxWords || presets.Count > MaxWords || (times?.Spans.Count ?? 0) > MaxSpans;
}
