using System.Runtime.CompilerServices;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback.Samples;

/// <summary>
/// Walks over a camera's GOPs from a time on, in either direction, across segments, gaps and from one stream to the other. The index is read in
/// windows that grow while the walk goes on: what is near costs one query and a table or two, and years without a recording are jumped over. Any thread.
/// </summary>
internal sealed class GopSearch(PlaybackSegments recorded, ArchiveIndex index)
{
    private const long SecondUs = 1_000_000;
    private const long FirstWindowUs = 30 * SecondUs;
    private const long LargestWindowUs = 900 * SecondUs;

    /// <summary>A window sees the holes of the better stream that reach over its edge as long as they are: both sides of the edge then agree on what fills them.</summary>
    private const long MarginUs = 5 * SecondUs;

    private const long FirstReachUs = 3600 * SecondUs;
    private const int ReachGrowth = 720;        // an hour, a month, half a century

    /// <summary>The GOP that contains a time, or the next one in the direction, and those that follow in it. Each GOP once. Where the clock was set
    /// back while recording, both passes, in the order of their recording within a window.</summary>
    /// <param name="allowed">What may be seen: GOPs that reach into this time.</param>
    /// <param name="atUs">UTC microseconds since 1970.</param>
    /// <param name="forwards">False for the latest first.</param>
    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    public async IAsyncEnumerable<RecordedGop> FromAsync(
        PlaybackRequest allowed, long atUs, bool forwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long lowUs = UnixTime.ToMicroseconds(allowed.From);
        long highUs = UnixTime.ToMicroseconds(allowed.To);
        if (forwards) lowUs = Math.Max(lowUs, atUs);
        else highUs = Math.Min(highUs, atUs + 1);
        long edgeUs = lowUs;
        long lengthUs = FirstWindowUs;
        while (lowUs < highUs)
        {
            var (fromUs, toUs) = forwards ? (lowUs, Math.Min(highUs, lowUs + lengthUs)) : (Math.Max(lowUs, highUs - lengthUs), highUs);
            // What began before the first moment that counts is found in the window that begins with it.
            var found = await InAsync(allowed, fromUs, toUs, reachesIn: fromUs == edgeUs, cancellationToken);
            for (int i = 0; i < found.Count; i++) yield return found[forwards ? i : ^(i + 1)];

            (lowUs, highUs) = forwards ? (toUs, highUs) : (lowUs, fromUs);
            if (found.Count == 0 && lowUs < highUs)
            {
                if (await NearestAsync(allowed, lowUs, highUs, forwards, cancellationToken) is not { } nearestUs) yield break;
                (lowUs, highUs) = forwards ? (nearestUs, highUs) : (lowUs, nearestUs);
            }

            lengthUs = Math.Min(LargestWindowUs, lengthUs * 2);
        }
    }

    /// <summary>The GOPs that begin in a window, in the order of playing; what fills a hole begins there at the earliest.</summary>
    /// <param name="reachesIn">Those that began before it and reach into it count, too.</param>
    private async ValueTask<List<RecordedGop>> InAsync(PlaybackRequest allowed, long fromUs, long toUs, bool reachesIn, CancellationToken cancellationToken)
    {
        var around = allowed with { From = UnixTime.FromMicroseconds(fromUs - MarginUs), To = UnixTime.FromMicroseconds(toUs + MarginUs) };
        var found = new List<RecordedGop>();
        foreach (var (segment, from, to) in await recorded.FindAsync(around, cancellationToken))
        {
            bool standsIn = PlaybackSegments.StandsIn(segment, allowed);
            var (holeFromUs, holeToUs) = standsIn ? (UnixTime.ToMicroseconds(from), UnixTime.ToMicroseconds(to)) : (long.MinValue, long.MaxValue);
            foreach (var gop in RecordedGop.In(segment))
            {
                if (gop.ToUs <= holeFromUs || gop.FromUs >= holeToUs) continue;
                long beginsUs = Math.Max(gop.FromUs, holeFromUs);
                if (beginsUs < toUs && (beginsUs >= fromUs || (reachesIn && gop.ToUs > fromUs))) found.Add(gop);
            }
        }

        return found;
    }

    /// <summary>Where something is recorded nearest to one end of a range; null when nothing is.</summary>
    private async ValueTask<long?> NearestAsync(PlaybackRequest allowed, long lowUs, long highUs, bool forwards, CancellationToken cancellationToken)
    {
        var streams = recorded.StreamsOf(allowed.CameraId, allowed.Stream);
        for (long reachUs = FirstReachUs; ; reachUs *= ReachGrowth)
        {
            bool isAll = highUs - lowUs <= reachUs;
            var (fromUs, toUs) = isAll ? (lowUs, highUs) : forwards ? (lowUs, lowUs + reachUs) : (highUs - reachUs, highUs);
            long? nearestUs = null;
            foreach (string stream in streams)
            {
                foreach (var span in await index.FindSpansAsync(
                    allowed.CameraId, stream, UnixTime.FromMicroseconds(fromUs), UnixTime.FromMicroseconds(toUs), apart: false, cancellationToken))
                {
                    long spanFromUs = Math.Max(fromUs, UnixTime.ToMicroseconds(span.From));
                    long spanToUs = Math.Min(toUs, UnixTime.ToMicroseconds(span.To));
                    if (spanFromUs >= spanToUs) continue;
                    if (forwards) nearestUs = Math.Min(nearestUs ?? long.MaxValue, spanFromUs);
                    else nearestUs = Math.Max(nearestUs ?? long.MinValue, spanToUs);
                }
            }

            if (nearestUs is not null || isAll) return nearestUs;
        }
    }
}
