using System.Buffers;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Playback;

/// <summary>Turns a plan into one progressive MP4 (engineering decision 18; docs/design/playback.md).</summary>
internal static class ClipBody
{
    private const int MaxPieceBytes = 1 << 30;

    public static RecordedBody Build(PlaybackPlan plan)
    {
        var descriptions = new SampleDescriptions(plan);
        var body = new RecordedBody.Builder();
        var pieces = new List<(int Bytes, long StartTicks)>();
        // One piece a GOP, and longer ones where `sidx` could not count them.
        long shortest = (plan.Runs[^1].EndTicks - PlaybackPlan.LeadTicks) / (ClipHead.MaxPieces / 2);
        uint number = 0;
        foreach (var run in plan.Runs)
        {
            var indexes = descriptions.IndexesOf(run.Segment.Tracks);
            var parameterSets = descriptions.Change ? InBandParameterSets.Of(run.Segment.Tracks[0]) : default;
            foreach (var fragment in run.Fragments.Span)
            {
                var patch = new FragmentPatch(
                    ++number, run.ShiftTicks, run.Segment.Tracks, indexes, fragment.StartsWithKeyframe ? parameterSets : default);
                int length = body.Add(run.Segment, fragment, patch);
                long start = fragment.StartTicks + run.ShiftTicks;
                if (pieces.Count == 0 || (fragment.StartsWithKeyframe && start - pieces[^1].StartTicks >= shortest)
                    || pieces[^1].Bytes > MaxPieceBytes)
                {
                    pieces.Add((0, start));
                }

                pieces[^1] = (pieces[^1].Bytes + length, pieces[^1].StartTicks);
            }
        }

        var head = new ArrayBufferWriter<byte>();
        ClipHead.Write(
            head, descriptions.All, PlaybackPlan.LeadTicks, plan.ShownFromTicks, plan.ShownToTicks - plan.ShownFromTicks,
            WithDurations(pieces, plan.Runs[^1].EndTicks));
        return body.Build(head.WrittenMemory);
    }

    private static ClipPiece[] WithDurations(List<(int Bytes, long StartTicks)> pieces, long endTicks)
    {
        var result = new ClipPiece[pieces.Count];
        for (int i = 0; i < result.Length; i++)
        {
            long end = i + 1 < result.Length ? pieces[i + 1].StartTicks : endTicks;
            result[i] = new ClipPiece(pieces[i].Bytes, (uint)Math.Clamp(end - pieces[i].StartTicks, 0, uint.MaxValue));
        }

        return result;
    }

    /// <summary>The different codec parameters in a plan, per track.</summary>
    private sealed class SampleDescriptions
    {
        private readonly List<List<TrackInfo>> _tracks = [];

        public SampleDescriptions(PlaybackPlan plan)
        {
            foreach (var run in plan.Runs)
            {
                for (int i = 0; i < run.Segment.Tracks.Count; i++)
                {
                    if (i == _tracks.Count) _tracks.Add([]);
                    if (!_tracks[i].Contains(run.Segment.Tracks[i])) _tracks[i].Add(run.Segment.Tracks[i]);
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
