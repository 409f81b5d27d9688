using Vms.Ai.Detectors;

namespace Vms.Ai.Tracking;

internal enum TrackState
{
    /// <summary>Seen once: it may be a mistake of the detector's.</summary>
    Tentative,

    Followed,

    /// <summary>Not seen where it should be: hidden, or gone.</summary>
    Lost,

    Ended,
}

/// <summary>One object over time. Owned by its <see cref="Tracker"/>; one caller at a time.</summary>
internal sealed class ObjectTrack
{
    internal const int MaxPath = 64;

    /// <summary>What is within this overlap of where it stood has not moved.</summary>
    private const float StandingIou = 0.6f;

    private const long StandingUs = 5_000_000;

    private readonly Dictionary<string, float> _votes = new(StringComparer.Ordinal);
    private readonly List<PathPoint> _path = [];
    private readonly KalmanBox _motion;
    private Box _anchor;
    private long _anchorUs;
    private long _pathStepUs = 200_000;

    internal ObjectTrack(string id, Detection first, long nowUs)
    {
        Id = id;
        FirstUs = LastSeenUs = nowUs;
        _motion = new KalmanBox(first.Box);
        (_anchor, _anchorUs) = (first.Box, nowUs);
        Box = first.Box;
        Vote(first);
        Remember(nowUs);
    }

    internal string Id { get; }

    /// <summary>Capture time, UTC microseconds since 1970.</summary>
    internal long FirstUs { get; }

    internal long LastSeenUs { get; private set; }

    internal TrackState State { get; set; } = TrackState.Tentative;

    /// <summary>Where it is, or should be.</summary>
    internal Box Box { get; private set; }

    /// <summary>Of the detection that it was seen by last.</summary>
    internal float Score { get; private set; }

    internal float BestScore { get; private set; }

    internal int Hits { get; private set; }

    /// <summary>The class that most of its scores speak for.</summary>
    internal string Class { get; private set; } = "";

    internal string Kind => ObjectKind.Of(Class);

    /// <summary>It has stood for a while; it is not looked at in every picture then.</summary>
    internal bool IsStationary { get; private set; }

    /// <summary>Since when it stands where it stands.</summary>
    internal long StandingSinceUs => _anchorUs;

    /// <summary>It has stood somewhere else before.</summary>
    internal bool HasMoved { get; private set; }

    /// <summary>When the detector looked for it last, whether or not it found it.</summary>
    internal long LookedAtUs { get; set; }

    /// <summary>What the rules know of it.</summary>
    internal Rules.TrackMemory Memory { get; set; } = new();

    internal Spot Velocity => _motion.Velocity;

    /// <summary>Where it stood, when: at most <see cref="MaxPath"/> points, thinned out as it gets longer.</summary>
    internal IReadOnlyList<PathPoint> Path => _path;

    internal void Predict(float seconds)
    {
        if (IsStationary)
            _motion.Hold();
        _motion.Predict(seconds);
        Box = _motion.Box;
    }

    internal void See(Detection detection, long nowUs)
    {
        _motion.Correct(detection.Box, detection.Score);
        Box = _motion.Box;
        LastSeenUs = LookedAtUs = nowUs;
        Vote(detection);
        Remember(nowUs);
        if (_anchor.OverlapRatio(Box) >= StandingIou)
        {
            IsStationary = nowUs - _anchorUs >= StandingUs;
        }
        else
        {
            (_anchor, _anchorUs, IsStationary, HasMoved) = (Box, nowUs, false, true);
        }
    }

    /// <summary>Nobody looked: it is taken to stand as it stood.</summary>
    internal void Carry(long nowUs) => LastSeenUs = nowUs;

    /// <summary>It was followed before a restart: what was known of it then.</summary>
    internal void Restore(float bestScore, int hits, bool hasMoved, IEnumerable<PathPoint> path, long nowUs)
    {
        (BestScore, Hits, HasMoved, LastSeenUs, LookedAtUs, _anchorUs) = (bestScore, hits, hasMoved, nowUs, nowUs, nowUs);
        _path.Clear();
        _path.AddRange(path.Take(MaxPath));
    }

    /// <summary>It was followed long ago, and the way it took is known: where it was at a time.</summary>
    internal void Retrace(Box box, long nowUs) => (Box, LastSeenUs, State) = (box, nowUs, TrackState.Followed);

    private void Vote(Detection detection)
    {
        Score = detection.Score;
        BestScore = Math.Max(BestScore, detection.Score);
        Hits++;
        float votes = _votes[detection.Class] = _votes.GetValueOrDefault(detection.Class) + detection.Score;
        if (Class.Length == 0 || votes > _votes.GetValueOrDefault(Class))
            Class = detection.Class;
    }

    private void Remember(long nowUs)
    {
        if (_path.Count > 0 && nowUs - _path[^1].AtUs < _pathStepUs)
            return;
        Spot foot = Box.Foot();
        if (_path.Count > 0 && new Spot(_path[^1].X, _path[^1].Y).DistanceTo(foot) < 0.005f)
            return;
        if (_path.Count == MaxPath)
        {
            // Every second one goes, and those to come are as far apart.
            for (int i = MaxPath - 1; i > 0; i -= 2)
                _path.RemoveAt(i);
            _pathStepUs *= 2;
        }

        _path.Add(new PathPoint(nowUs, foot.X, foot.Y, Box.Width, Box.Height));
    }
}

/// <summary>Where an object's foot was, and how large its box, which stands on it.</summary>
internal readonly record struct PathPoint(long AtUs, float X, float Y, float Width, float Height);
