using System.Buffers;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Playback;

/// <summary>Turns a plan into one progressive MP4 (docs/design/playback.md).</summary>
internal static class ClipBody
{
    private const int MaxPieceBytes = 1 << 30;

    /// <summary>Can one file hold all of these? Segments of two streams may have other codecs and clocks in the same track. That some have no sound is no hindrance.</summary>
    public static bool CanHold(IReadOnlyList<PlannedSegment> segments)
    {
        if (segments.Select(s => s.Segment.Stream).Distinct().Count() < 2) return true;
        var kinds = new List<(CodecKind, int)>();
        foreach (var tracks in segments.Select(s => ExpandedTrack.Sent(s.Segment.Tracks)))
        {
            for (int i = 0; i < tracks.Count; i++)
            {
                var kind = (tracks[i].Codec, tracks[i].Timescale);
                if (i == kinds.Count) kinds.Add(kind);
                else if (kinds[i] != kind) return false;
            }
        }

        return true;
    }

    public static RecordedBody Build(PlaybackPlan plan)
    {
        var descriptions = new SampleDescriptions(plan);
        var runs = new List<SentRun>();
        uint number = 1;
        foreach (var run in plan.Runs)
        {
            var tracks = run.Segment.Tracks;
            runs.Add(SentRun.Of(
                run.Segment, run.Fragments, run.ShiftTicks, number, descriptions.IndexesOf(ExpandedTrack.Sent(tracks)),
                descriptions.Change ? InBandParameterSets.Of(tracks[0]) : default));
            number += (uint)run.Fragments.Length;
        }

        var head = new ArrayBufferWriter<byte>();
        ClipHead.Write(
            head, descriptions.All, plan.ShownFromTicks, plan.ShownToTicks - plan.ShownFromTicks, Pieces(plan, runs));
        return new RecordedBody(head.WrittenMemory, runs, SoundAround.Of(plan));
    }

    // One piece a GOP, and longer ones where `sidx` could not count them.
    private static ClipPiece[] Pieces(PlaybackPlan plan, List<SentRun> runs)
    {
        long end = plan.Runs[^1].EndTicks;
        long shortest = (end - plan.StartTicks) / (ClipHead.MaxPieces / 2);
        var pieces = new List<(int Bytes, long StartTicks)>();
        for (int i = 0; i < runs.Count; i++)
        {
            for (int at = 0; at < runs[i].Fragments.Length; at++)
            {
                var fragment = runs[i].Fragments.Span[at];
                long start = fragment.StartTicks + plan.Runs[i].ShiftTicks;
                if (pieces.Count == 0 || (fragment.StartsWithKeyframe && start - pieces[^1].StartTicks >= shortest)
                    || pieces[^1].Bytes > MaxPieceBytes)
                {
                    pieces.Add((0, start));
                }

                pieces[^1] = (pieces[^1].Bytes + runs[i].LengthOf(at), pieces[^1].StartTicks);
            }
        }

        var result = new ClipPiece[pieces.Count];
        for (int i = 0; i < result.Length; i++)
        {
            long next = i + 1 < result.Length ? pieces[i + 1].StartTicks : end;
            long shown = Math.Min(next, plan.ShownToTicks) - Math.Max(pieces[i].StartTicks, plan.ShownFromTicks);
            result[i] = new ClipPiece(pieces[i].Bytes, (uint)Math.Clamp(shown, 0, uint.MaxValue));
        }

        return result;
    }

    /// <summary>The different codec parameters in a plan as they are sent, per track.</summary>
    private sealed class SampleDescriptions
    {
        private readonly List<List<TrackInfo>> _tracks = [];

        public SampleDescriptions(PlaybackPlan plan)
        {
            foreach (var run in plan.Runs)
            {
                var tracks = ExpandedTrack.Sent(run.Segment.Tracks);
                for (int i = 0; i < tracks.Count; i++)
                {
                    if (i == _tracks.Count) _tracks.Add([]);
                    if (!_tracks[i].Contains(tracks[i])) _tracks[i].Add(tracks[i]);
                }
            }
        }

        public IReadOnlyList<IReadOnlyList<TrackInfo>> All => _tracks;

        public bool Change => _tracks[0].Count > 1;

        public uint[] IndexesOf(IReadOnlyList<TrackInfo> tracks)
        {
            var indexes = new uint[tracks.Count];
            for (int i = 0; i < indexes.Length; i++) indexes[i] = (uint)_tracks[i].IndexOf(tracks[i]) + 1;
            return indexes;
        }
    }
}
