using Vms.Recorder.Archive;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Import;

/// <summary>A stretch that nothing is recorded of.</summary>
/// <param name="AskedFrom">The device has nothing before this; null: nobody knows.</param>
internal readonly record struct FootageHole(DateTimeOffset From, DateTimeOffset To, DateTimeOffset? AskedFrom = null)
{
    public TimeSpan Length => To - From;
}

/// <summary>What is missing of a camera's main stream, and not fetched from its device either.</summary>
internal static class FootageHoles
{
    /// <summary>More are left for the next call.</summary>
    public const int MaxHoles = 500;

    /// <summary>That a device may say it has: a day in pieces of seven seconds.</summary>
    public const int MaxStretches = 12_000;

    /// <param name="lostOnly">Only what the books have as lost; not what nobody wanted recorded, nor what they know nothing of.</param>
    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    public static async Task<IReadOnlyList<FootageHole>> FindAsync(
        ArchiveIndex index, string cameraId, DateTimeOffset from, DateTimeOffset to, bool lostOnly, CancellationToken cancellationToken)
    {
        var recorded = await index.FindSpansAsync(cameraId, PlaybackRequest.DefaultStream, from, to, apart: false, cancellationToken);
        var fetched = await index.FindSpansAsync(cameraId, PlaybackSegments.Device, from, to, apart: false, cancellationToken);
        var holes = Between(recorded.Concat(fetched).Select(s => (s.From, s.To)).Order(), from, to);
        if (lostOnly)
        {
            var gaps = await index.GapsAsync(cameraId, PlaybackRequest.DefaultStream, from, to, cancellationToken);
            holes = Within(holes, [.. gaps.Where(g => g is { IsIntended: false, Open: false }).Select(g => (g.From, g.To))]);
        }

        return [.. holes.Where(h => h.Length > PlaybackSegments.ShortestHole).Take(MaxHoles)];
    }

    /// <summary>What of the holes the device says that it has.</summary>
    /// <param name="has">In order of time.</param>
    public static IReadOnlyList<FootageHole> Had(IReadOnlyList<FootageHole> holes, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> has) =>
    [
        .. from hole in holes
           from stretch in has
           where stretch.From < hole.To && stretch.To > hole.From
           let had = new FootageHole(stretch.From > hole.From ? stretch.From : hole.From, stretch.To < hole.To ? stretch.To : hole.To, stretch.From)
           where had.Length > PlaybackSegments.ShortestHole
           select had,
    ];

    /// <param name="stretches">In order of time; they may overlap.</param>
    internal static IEnumerable<FootageHole> Between(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> stretches, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var (start, end) in stretches)
        {
            if (start > from)
            {
                yield return new FootageHole(from, start < to ? start : to);
            }

            from = end > from ? end : from;
            if (from >= to)
            {
                yield break;
            }
        }

        yield return new FootageHole(from, to);
    }

    private static IEnumerable<FootageHole> Within(IEnumerable<FootageHole> holes, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> gaps) =>
        from hole in holes
        from gap in gaps
        where gap.From < hole.To && gap.To > hole.From
        select new FootageHole(gap.From > hole.From ? gap.From : hole.From, gap.To < hole.To ? gap.To : hole.To);
}
