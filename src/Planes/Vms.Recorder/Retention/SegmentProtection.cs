using Vms.Recorder.Writing;

namespace Vms.Recorder.Retention;

/// <summary>Which segments something keeps. One caller at a time.</summary>
internal sealed class SegmentProtection(KeptFootage kept, UnfinishedExports exports, RetentionClock clock)
{
    /// <summary>No segment is expected to last longer. Only one that begins within this time before a kept range is opened to see where it ends.</summary>
    private static readonly TimeSpan s_longestSegment = TimeSpan.FromHours(6);

    private const int MaxRememberedEnds = 4096;

    private readonly Dictionary<Guid, DateTimeOffset> _ends = [];

    public Protection Of(StoredSegment segment)
    {
        var strongest = KeptAs(segment);
        return strongest == Protection.None && exports.Want(segment.Name.CameraId, segment.Name.Start, LatestEnd(segment)) ? Protection.Export : strongest;
    }

    private Protection KeptAs(StoredSegment segment)
    {
        var now = clock.Now();
        var (cameraId, from) = (segment.Name.CameraId, segment.Name.Start);
        var latest = LatestEnd(segment);
        var possible = kept.Of(cameraId, from, latest, now);
        if (possible is Protection.None or Protection.Unknown || kept.Of(cameraId, from, from.AddSeconds(1), now) == possible)
        {
            return possible;
        }

        return kept.Of(cameraId, from, EndOf(segment) ?? latest, now);
    }

    /// <summary>The file's time is when it was written, by the server's clock; what the camera's clock said may be another matter.</summary>
    private static DateTimeOffset LatestEnd(StoredSegment segment)
    {
        var longest = segment.Name.Start + s_longestSegment;
        return segment.End > longest ? segment.End : longest;
    }

    /// <summary>When the last sample was captured, from the file; null when that cannot be read.</summary>
    private DateTimeOffset? EndOf(StoredSegment segment)
    {
        if (_ends.TryGetValue(segment.Name.Id, out var known))
        {
            return known;
        }

        try
        {
            using var file = new FileStream(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (TailRecovery.Load(segment.Name, segment.Path, file, verifyLast: 1)?.Row(withGops: false) is not { } row)
            {
                return null;
            }

            if (_ends.Count == MaxRememberedEnds)
            {
                _ends.Clear();
            }

            return _ends[segment.Name.Id] = row.To;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;        // as if it lasted into the range
        }
    }
}
