using Vms.Rtsp;
using Vms.StreamLog;

namespace Vms.Media.Ingest;

/// <summary>Where an earlier writer of a stream log stopped.</summary>
/// <param name="MaxPts">By track: the largest PTS since the last keyframe; null where there is none.</param>
/// <param name="CaptureTimeUs">Of its last sample.</param>
internal sealed record LogTail(IReadOnlyList<long?> MaxPts, long CaptureTimeUs)
{
    /// <summary>Null when the log holds nothing.</summary>
    public static LogTail? Read(StreamLogDirectory logs, string name, TimeProvider clock)
    {
        if (!StreamLogReader.TryOpen(logs, name, clock, out var reader))
            return null;

        using (reader)
        {
            reader.SeekToLastKeyframe();
            var maxPts = new long?[RtspSession.MaxTracks];
            long? captureTimeUs = null;
            while (true)
            {
                var outcome = reader.TryRead(out var lease);
                if (outcome is ReadOutcome.Empty or ReadOutcome.Closed)
                    return captureTimeUs is { } last ? new(maxPts, last) : null;
                if (outcome != ReadOutcome.Sample)
                    continue;

                var header = lease.Header;
                if (!lease.Commit() || header.TrackId >= maxPts.Length)
                    continue;

                maxPts[header.TrackId] = Math.Max(header.Pts, maxPts[header.TrackId] ?? long.MinValue);
                captureTimeUs = header.CaptureTimeUs;
            }
        }
    }
}
