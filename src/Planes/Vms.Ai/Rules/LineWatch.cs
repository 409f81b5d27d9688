using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

/// <summary>One line: which objects' feet cross it, and in which direction. Standing on it is no crossing: a foot has to be clearly on the other side.</summary>
internal sealed class LineWatch(Line line, RuleScope scope)
{
    internal const string In = "in";
    internal const string Out = "out";

    /// <summary>So far from the line, of the object's height, a foot is clearly on one side of it.</summary>
    private const float Clear = 0.06f;

    private const float LeastClear = 0.004f;

    private readonly Shape _shape = Shape.Of(line.Points);

    internal string Id => line.Id;

    internal string Name => line.Name;

    internal double MinConfidence => scope.MinConfidence;

    internal bool IsActive(long nowUs, string? preset) => scope.IsActive(nowUs, preset);

    internal bool Reports(string direction) => line.Direction is "" or "both" || line.Direction == direction;

    /// <summary>A crossing, or null.</summary>
    internal (string Direction, long AtUs, int Number)? Look(ObjectTrack track, long nowUs)
    {
        // Followed from the start, whatever its score is yet: the way before it was sure counts.
        if (track.State == TrackState.Lost || track.State == TrackState.Ended)
            return null;
        Spot foot = track.Box.Foot();
        if (_shape.DistanceTo(foot) < Math.Max(LeastClear, Clear * track.Box.Height))
            return null;
        LineMemory? before = track.Memory.Lines.GetValueOrDefault(line.Id);
        if (before is not { AtUs: > 0 })
        {
            track.Memory.Lines[line.Id] = new LineMemory(foot.X, foot.Y, nowUs, before?.Crossings ?? 0);
            return null;
        }

        int net = _shape.Crossings(before.Spot, foot, out float part);
        if (net != 0 && !scope.IsFor(track))
            return null;        // not sure yet what it is: where it was clear last stays, and the crossing is found when it is
        track.Memory.Lines[line.Id] = new LineMemory(foot.X, foot.Y, nowUs, before.Crossings + (net == 0 ? 0 : 1));
        if (net == 0)
            return null;
        return (net > 0 ? In : Out, before.AtUs + (long)((nowUs - before.AtUs) * part), before.Crossings + 1);
    }
}
