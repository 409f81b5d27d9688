using Vms.Ai.Detectors;

namespace Vms.Ai.Tracking;

/// <summary>
/// Links the detections of one stream's pictures to object tracks: Kalman filters, best assignment by overlap, and a second pass in which detections of
/// low score keep tracks alive but begin none (Zhang et al., ByteTrack). Only what the detector looked at counts as missed. One caller at a time.
/// </summary>
internal sealed class Tracker(float trackConfidence)
{
    /// <summary>Of a track's confidence: from this part on a detection keeps a track alive.</summary>
    internal const float LowShare = 1f / 3;

    /// <summary>More objects than this in one picture are not followed; the best are.</summary>
    internal const int MaxTracks = 128;

    private const float LeastSimilarity = 0.15f;
    private const float LeastLowSimilarity = 0.3f;

    /// <summary>Two boxes of one thing: the detector calls a van a car and a truck.</summary>
    private const float SameThing = 0.55f;

    /// <summary>A box is looked at when so much of it is in a region.</summary>
    private const float LookedAtShare = 0.7f;

    /// <summary>When no more of it than this should be in the picture it has left.</summary>
    private const float OutsideShare = 0.3f;

    private const int ConfirmingHits = 2;
    private const long LostUs = 3_000_000;
    private const long LostAtBorderUs = 800_000;
    private const long LostStandingUs = 10_000_000;
    private const float Border = 0.02f;

    private readonly List<ObjectTrack> _tracks = [];
    private long _nowUs;

    /// <summary>All but those that ended.</summary>
    internal IReadOnlyList<ObjectTrack> Tracks => _tracks;

    /// <summary>From which score on detections are of use.</summary>
    internal float LeastScore => Math.Max(0.05f, trackConfidence * LowShare);

    /// <summary>Tracks are moved to where they should be at a time. Called once a picture, before anything else.</summary>
    internal void Advance(long nowUs)
    {
        float seconds = _nowUs == 0 ? 0 : Math.Clamp((nowUs - _nowUs) / 1e6f, 0, 5);
        _nowUs = nowUs;
        foreach (ObjectTrack track in _tracks)
            track.Predict(seconds);
    }

    /// <summary>Nothing was looked at in this picture.</summary>
    internal IReadOnlyList<ObjectTrack> Carry() => Update([], []);

    /// <param name="detections">Of this picture, all regions.</param>
    /// <param name="regions">Where the detector looked.</param>
    /// <returns>The tracks that ended.</returns>
    internal IReadOnlyList<ObjectTrack> Update(IReadOnlyList<Detection> detections, IReadOnlyList<Box> regions)
    {
        var strong = WithoutDoubles(detections.Where(d => d.Score >= trackConfidence));
        var weak = detections.Where(d => d.Score < trackConfidence && d.Score >= LeastScore).ToList();
        var unseen = Match(_tracks.Where(t => t.State != TrackState.Tentative).ToList(), strong, LeastSimilarity);
        unseen = Match(unseen, weak, LeastLowSimilarity);
        var tentative = Match(_tracks.Where(t => t.State == TrackState.Tentative).ToList(), strong, LeastSimilarity);

        foreach (ObjectTrack track in unseen.Concat(tentative))
        {
            // What should be out of the picture by now is looked for in vain wherever one looks.
            bool isOutside = track.Box.Clipped().Area < OutsideShare * track.Box.Area;
            if (!(isOutside && regions.Count > 0) && !regions.Any(r => track.Box.Clipped().ShareIn(r) >= LookedAtShare))
            {
                if (track.State == TrackState.Followed && track.IsStationary)
                    track.Carry(_nowUs);
                else if (_nowUs - track.LastSeenUs >= LostUs)
                    track.State = TrackState.Ended;
                continue;
            }

            track.LookedAtUs = _nowUs;
            Miss(track);
        }

        // Made of the time alone and the place in it: another run over the same pictures gives the same ids.
        int born = 0;
        foreach (Detection detection in strong)
        {
            if (_tracks.Count < MaxTracks && !_tracks.Any(t => t.State != TrackState.Ended && t.LastSeenUs == _nowUs && t.Box.OverlapRatio(detection.Box) > SameThing))
                _tracks.Add(new ObjectTrack(FormattableString.Invariant($"{_nowUs / 1000:x}-{++born}"), detection, _nowUs) { LookedAtUs = _nowUs });
        }

        var ended = _tracks.FindAll(t => t.State == TrackState.Ended);
        if (ended.Count > 0)
            _tracks.RemoveAll(t => t.State == TrackState.Ended);
        return ended;
    }

    /// <summary>Goes on with what was followed before a restart: found again by the first detections, or ended after a while.</summary>
    internal void Adopt(ObjectTrack track) => _tracks.Add(track);

    /// <summary>The camera was turned: nothing is where it was.</summary>
    /// <returns>The tracks that ended.</returns>
    internal IReadOnlyList<ObjectTrack> EndAll()
    {
        var ended = _tracks.ToList();
        foreach (ObjectTrack track in ended)
            track.State = TrackState.Ended;
        _tracks.Clear();
        return ended;
    }

    /// <summary>Sees the tracks that a detection is found for, and takes those detections out of the list.</summary>
    /// <returns>The others.</returns>
    private List<ObjectTrack> Match(List<ObjectTrack> tracks, List<Detection> detections, float least)
    {
        if (tracks.Count == 0 || detections.Count == 0)
            return tracks;
        var values = new float[tracks.Count, detections.Count];
        for (int i = 0; i < tracks.Count; i++)
        {
            for (int j = 0; j < detections.Count; j++)
                values[i, j] = Similarity(tracks[i], detections[j]);
        }

        int[] chosen = Assignment.Best(values, least);
        var rest = new List<ObjectTrack>();
        var taken = new bool[detections.Count];
        for (int i = 0; i < tracks.Count; i++)
        {
            if (chosen[i] < 0)
            {
                rest.Add(tracks[i]);
                continue;
            }

            ObjectTrack track = tracks[i];
            taken[chosen[i]] = true;
            track.See(detections[chosen[i]], _nowUs);
            if (track.State == TrackState.Lost || (track.State == TrackState.Tentative && track.Hits >= ConfirmingHits))
                track.State = TrackState.Followed;
        }

        for (int j = detections.Count - 1; j >= 0; j--)
        {
            if (taken[j])
                detections.RemoveAt(j);
        }

        return rest;
    }

    /// <summary>Overlap; where pictures are far apart in time also nearness, of things of about one size. A person does not become a car.</summary>
    private static float Similarity(ObjectTrack track, Detection detection)
    {
        if (track.Kind != ObjectKind.Of(detection.Class))
            return 0;
        Box a = track.Box, b = detection.Box;
        float iou = a.OverlapRatio(b);
        float ratio = a.Height / Math.Max(0.001f, b.Height);
        if (ratio is < 0.5f or > 2f)
            return iou;
        float size = MathF.Sqrt(Math.Max(a.Area, b.Area)) * 2;
        float near = 0.4f * (1 - (a.Centre().DistanceTo(b.Centre()) / Math.Max(0.001f, size)));
        return Math.Max(iou, near);
    }

    private void Miss(ObjectTrack track)
    {
        if (track.State == TrackState.Tentative)
        {
            track.State = TrackState.Ended;
            return;
        }

        track.State = TrackState.Lost;
        Box box = track.Box;
        bool atBorder = box.X <= Border || box.Right >= 1 - Border || box.Y <= Border || box.Bottom >= 1 - Border;
        if (_nowUs - track.LastSeenUs >= (track.IsStationary ? LostStandingUs : atBorder ? LostAtBorderUs : LostUs))
            track.State = TrackState.Ended;
    }

    private static List<Detection> WithoutDoubles(IEnumerable<Detection> detections)
    {
        var kept = new List<Detection>();
        foreach (Detection detection in detections.OrderByDescending(d => d.Score))
        {
            if (!kept.Any(k => ObjectKind.Of(k.Class) == ObjectKind.Of(detection.Class) && k.Box.OverlapRatio(detection.Box) > SameThing))
                kept.Add(detection);
        }

        return kept;
    }
}
