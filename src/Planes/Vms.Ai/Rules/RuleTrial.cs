using Vms.Ai.Analysis;
using Vms.Ai.Detectors;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

/// <summary>
/// Zones and lines tried on the ways that objects took before: each goes its way again, and the same <see cref="RuleSet"/> looks as often as it would at
/// pictures. What is left or taken away is not tried, because a way does not say what stood there before. An object is as sure from its beginning as it became, and
/// one that ended has left.
/// </summary>
internal sealed class RuleTrial
{
    internal const int MaxTracks = 1000;

    /// <summary>What stands longer is not looked at to its end.</summary>
    private const long LongestUs = 32L * 24 * 3600 * 1_000_000;

    /// <summary>On its way from one stored point to the next it is for so long at the most: the time between two pictures of the slowest camera.</summary>
    private const long LongestStepUs = 5_000_000;

    /// <summary>While it stands nothing happens that is not due by the clock. It is looked at as often as ever for so long, so that whatever has to settle does, then less and less often.</summary>
    private const long SettlingUs = 2_000_000;

    /// <summary>Schedules go by the minute.</summary>
    private const long RarestUs = 60_000_000;

    /// <summary>Clocks of time zones reckon with no later ones.</summary>
    private static readonly long s_latestUs = new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000;

    private readonly RuleSet _rules;
    private readonly double _minSize;
    private readonly long _pictureUs;

    internal RuleTrial(AnalysisSettings settings)
    {
        AnalysisSettings tried = settings.Clone();
        tried.LeftObjects = null;
        foreach (Zone zone in tried.Zones)
            zone.Presets.Clear();
        foreach (Line line in tried.Lines)
            line.Presets.Clear();
        (_rules, _minSize, _pictureUs) = (new RuleSet(tried), settings.MinSize, (long)(1e6 / settings.Fps));
    }

    /// <returns>What is wrong, for whoever sent it; null when nothing is.</returns>
    internal static string? Broken(TryRulesRequest request)
    {
        if (request.Settings is not { } settings)
            return "settings are needed";
        if (AnalysisLimits.Broken(settings) is { } broken)
            return broken;
        if (request.Tracks.Count > MaxTracks || request.Tracks.Any(t => t.Path.Count > ObjectTrack.MaxPath))
            return $"at most {MaxTracks} tracks of {ObjectTrack.MaxPath} points each";
        bool isInTime = request.Tracks.All(t => IsTime(t.EndUnixUs) && t.Path.All(p => IsTime(p.AtUnixUs)));
        return isInTime ? null : "times must be from 1970 to 9000";

        static bool IsTime(long us) => us >= 0 && us < s_latestUs;
    }

    internal static TryRulesReply Run(TryRulesRequest request, CancellationToken cancellationToken)
    {
        var trial = new RuleTrial(request.Settings);
        var reply = new TryRulesReply();
        for (int i = 0; i < request.Tracks.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (trial.Try(request.Tracks[i]) is not { } found)
            {
                reply.TooSmall++;
                continue;
            }

            reply.Findings.AddRange(found.Select(f => new PastFinding
            {
                Track = i,
                Type = f.Type,
                ShapeId = f.ShapeId,
                Direction = f.Direction ?? "",
                AtUnixUs = f.AtUs,
            }));
        }

        return reply;
    }

    /// <returns>What would have been told, in the order of its being noticed; null: it is too small for these settings all along.</returns>
    internal IReadOnlyList<Finding>? Try(PastTrack past)
    {
        var path = PathOf(past);
        if (path.Count == 0)
            return null;
        var found = new List<Finding>();
        var track = new ObjectTrack("past", new Detection(past.Class, (float)past.Score, BoxOf(path[0])), path[0].AtUs);
        ObjectTrack[] tracks = [track];
        long stepUs = StepOf(path);
        for (int i = 1; i < path.Count; i++)
        {
            PathPoint from = path[i - 1], to = path[i];
            long leavesUs = Math.Max(from.AtUs, to.AtUs - stepUs);
            Stand(from, leavesUs);
            for (long at = leavesUs; at < to.AtUs; at += _pictureUs)
                Look(Between(from, to, (float)(at - leavesUs) / (to.AtUs - leavesUs)), at);
        }

        long lastUs = Math.Clamp(past.EndUnixUs, path[^1].AtUs, path[0].AtUs + LongestUs);
        Stand(path[^1], lastUs);
        Look(path[^1], lastUs);
        if (past.EndUnixUs > 0)
            found.AddRange(_rules.End(track));
        return found.FindAll(f => f.ShapeId is not null);

        // Until shortly before: then it walks on, or is looked at for the last time.
        void Stand(PathPoint where, long untilUs)
        {
            long gapUs = _pictureUs;
            for (long at = where.AtUs; at < untilUs; at += gapUs)
            {
                Look(where, at);
                if (at - where.AtUs >= SettlingUs)
                    gapUs = Math.Max(_pictureUs, Math.Min(gapUs * 2, RarestUs));
            }
        }

        void Look(PathPoint where, long atUs)
        {
            track.Retrace(BoxOf(where), atUs);
            found.AddRange(_rules.Look(tracks, atUs, preset: null));
        }
    }

    /// <summary>What these settings would have seen of it: boxes that are large enough, each later than the one before.</summary>
    private List<PathPoint> PathOf(PastTrack past)
    {
        var path = new List<PathPoint>();
        foreach (PastPoint point in past.Path)
        {
            if (point.Height >= _minSize && (path.Count == 0 || (point.AtUnixUs > path[^1].AtUs && point.AtUnixUs - path[0].AtUs < LongestUs)))
                path.Add(new PathPoint(point.AtUnixUs, point.X, point.Y, point.Width, point.Height));
        }

        return path;
    }

    /// <summary>How long it was on its way between two points. A point is stored with the first picture in which it is elsewhere, so the least time between any two is that of
    /// walking; where there is more between two, it stood.</summary>
    private static long StepOf(List<PathPoint> path)
    {
        long least = LongestStepUs;
        for (int i = 1; i < path.Count; i++)
            least = Math.Min(least, path[i].AtUs - path[i - 1].AtUs);
        return least;
    }

    private static PathPoint Between(PathPoint from, PathPoint to, float part) => new(
        0, float.Lerp(from.X, to.X, part), float.Lerp(from.Y, to.Y, part), float.Lerp(from.Width, to.Width, part), float.Lerp(from.Height, to.Height, part));

    private static Box BoxOf(PathPoint point) => new(point.X - (point.Width / 2), point.Y - point.Height, point.Width, point.Height);
}
