using Vms.Ai.Detectors;
using Vms.Ai.Tracking;

namespace Vms.Ai.Tests.Tracking;

/// <summary>A made-up scene: objects that walk in straight lines, seen five times a second by a detector that is a little off and sometimes sees nothing.</summary>
internal sealed class Scene(Tracker tracker)
{
    internal const long StepUs = 200_000;

    private readonly Random _noise = new(7);

    internal long NowUs { get; private set; } = 1_700_000_000_000_000;

    internal List<ObjectTrack> Ended { get; } = [];

    /// <summary>One picture.</summary>
    internal void Look(params ReadOnlySpan<Detection> detections)
    {
        NowUs += StepUs;
        tracker.Advance(NowUs);
        Ended.AddRange(tracker.Update(detections.ToArray(), [Box.Whole]));
    }

    internal Detection Seen(Walker walker, double second, float? score = null)
    {
        Box box = walker.At(second);
        float Off() => (float)((_noise.NextDouble() - 0.5) * 0.06 * box.Height);
        return new Detection(walker.Class, score ?? walker.Score, new Box(box.X + Off(), box.Y + Off(), box.Width + Off(), box.Height + Off()));
    }

    internal IReadOnlyList<ObjectTrack> Followed => [.. tracker.Tracks.Where(t => t.State == TrackState.Followed)];
}

/// <param name="X">Of the foot, at second 0.</param>
/// <param name="VelocityX">Parts of the picture per second.</param>
internal sealed record Walker(float X, float Y, float VelocityX, float VelocityY = 0, float Height = 0.2f, string Class = "person", float Score = 0.85f)
{
    internal Box At(double second)
    {
        float x = X + (VelocityX * (float)second), y = Y + (VelocityY * (float)second), width = Height * 0.4f;
        return new Box(x - (width / 2), y - Height, width, Height);
    }
}
