using Vms.StreamLog;

namespace Vms.Media.Ingest;

/// <summary>Where an earlier writer of a stream log stopped.</summary>
/// <param name="MaxPts">Largest PTS since its last keyframe.</param>
/// <param name="CaptureTimeUs">Of its last sample.</param>
internal readonly record struct LogTail(long MaxPts, long CaptureTimeUs)
{
    /// <summary>Null when the log holds nothing.</summary>
    public static LogTail? Read(StreamLogDirectory logs, string name, TimeProvider clock)
    {
        if (!StreamLogReader.TryOpen(logs, name, clock, out var reader))
            return null;

        using (reader)
        {
            reader.SeekToLastKeyframe();
            LogTail? tail = null;
            while (true)
            {
                var outcome = reader.TryRead(out var lease);
                if (outcome is ReadOutcome.Empty or ReadOutcome.Closed)
                    return tail;
                if (outcome != ReadOutcome.Sample)
                    continue;

                var header = lease.Header;
                if (lease.Commit())
                    tail = new(Math.Max(header.Pts, tail?.MaxPts ?? long.MinValue), header.CaptureTimeUs);
            }
        }
    }
}
