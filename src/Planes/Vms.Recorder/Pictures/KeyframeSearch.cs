using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Pictures;

/// <summary>Finds the keyframe that shows how it looked at a time. Any thread.</summary>
internal sealed class KeyframeSearch(ArchiveIndex index, PlaybackSegments recorded)
{
    /// <summary>Capture times are estimates: a smaller hole is none, and the picture before it is shown.</summary>
    public const long ToleranceUs = 500_000;

    /// <summary>The last keyframe at or before <paramref name="at"/>; null where nothing is recorded at that time.</summary>
    /// <param name="stream">Null for any, the best first.</param>
    /// <param name="small">The small stream first: its pictures cost less.</param>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<RecordedKeyframe?> AtAsync(
        string cameraId, string? stream, DateTimeOffset at, CancellationToken cancellationToken, bool small = false)
    {
        var streams = recorded.StreamsOf(cameraId, stream);
        foreach (string each in small ? streams.Reverse() : streams)
        {
            if (await InAsync(cameraId, each, at, cancellationToken) is { } keyframe) return keyframe;
        }

        return null;
    }

    private async ValueTask<RecordedKeyframe?> InAsync(string cameraId, string stream, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var from = at.AddMicroseconds(-ToleranceUs);
        var segments = await index.FindAsync(cameraId, stream, from, at.AddMilliseconds(1), cancellationToken);
        long atUs = UnixTime.ToMicroseconds(at);
        RecordedKeyframe? before = null;
        // The newest recording first: after the clock was set back there are two of the same time.
        foreach (var segment in segments.Reverse())
        {
            if (LastIn(segment, atUs) is not { } keyframe) continue;
            if (atUs <= keyframe.EndUs + ToleranceUs) return keyframe;
            before ??= keyframe;
        }

        // A hole by the table alone may be a camera whose timestamps run slow: the books know better.
        return before is not null && (await GapsAtAsync(cameraId, stream, at, cancellationToken)).Count == 0 ? before : null;
    }

    /// <summary>The first keyframe of a range.</summary>
    /// <param name="stream">Null for any, the best where there is more than one.</param>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<RecordedKeyframe?> FirstAsync(
        string cameraId, string? stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        foreach (var (segment, start, end) in (await recorded.FindAsync(new PlaybackRequest(cameraId, stream, from, to), cancellationToken))
            .OrderBy(s => s.From > s.Segment.From ? s.From : s.Segment.From))
        {
            var (fromUs, toUs) = (UnixTime.ToMicroseconds(start), UnixTime.ToMicroseconds(end));
            if (!GopTable.TryDecode(segment.Gops.Span, out var table)) continue;
            foreach (var fragment in table)
            {
                if (fragment.StartsWithKeyframe && fragment.CaptureTimeUs >= fromUs && fragment.CaptureTimeUs < toUs)
                {
                    return new RecordedKeyframe(segment, fragment, PlaybackPlan.EndUs(fragment));
                }
            }
        }

        return null;
    }

    /// <summary>Why nothing is recorded at a time; null where nobody knows. A time that nobody wanted recorded counts, too.</summary>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<GapRow?> GapAtAsync(string cameraId, string? stream, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (string each in recorded.StreamsOf(cameraId, stream))
        {
            var gaps = await GapsAtAsync(cameraId, each, at, cancellationToken);
            // What was lost says more than what was not wanted at the same time.
            if (gaps.OrderBy(g => g.IsIntended).FirstOrDefault() is { } gap) return gap;
        }

        return null;
    }

    private ValueTask<IReadOnlyList<GapRow>> GapsAtAsync(string cameraId, string stream, DateTimeOffset at, CancellationToken cancellationToken) =>
        index.GapsAsync(cameraId, stream, at, at.AddMilliseconds(1), cancellationToken);

    private static RecordedKeyframe? LastIn(SegmentRow segment, long atUs)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var table)) return null;
        int last = table.Length - 1;
        while (last >= 0 && table[last].CaptureTimeUs > atUs) last--;
        int keyframe = last;
        // Behind a damaged place nothing decodes until the next keyframe.
        while (keyframe > 0 && !table[keyframe].StartsWithKeyframe && table[keyframe - 1].EndOffset == table[keyframe].Offset) keyframe--;
        if (keyframe < 0 || !table[keyframe].StartsWithKeyframe) return null;
        long endUs = PlaybackPlan.EndUs(table[last]);
        return new RecordedKeyframe(
            segment, table[keyframe], last == table.Length - 1 ? Math.Max(endUs, UnixTime.ToMicroseconds(segment.To)) : endUs);
    }
}
