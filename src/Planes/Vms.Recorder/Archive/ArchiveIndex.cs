using Npgsql;
using Vms.Recorder.Gaps;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Archive;

/// <summary>
/// Answers "what exists?": closed segments from PostgreSQL, what the database has not got yet from the journal, the segments being
/// written from memory. While the database is away it answers for the time it knows without it. Any thread.
/// </summary>
internal sealed class ArchiveIndex(IndexTables tables, IndexJournal journal, OpenSegments open, GapLedger gaps)
{
    /// <summary>Segments that overlap the range, in recording order, each with its fragment table.</summary>
    /// <exception cref="IndexUnavailableException">The database is away and the range begins before what memory knows.</exception>
    public ValueTask<IReadOnlyList<SegmentRow>> FindAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        FindAsync(cameraId, stream, from, to, withGops: true, cancellationToken);

    /// <summary>As <see cref="FindAsync(string, string, DateTimeOffset, DateTimeOffset, CancellationToken)"/> without fragment
    /// tables: enough for a timeline.</summary>
    public ValueTask<IReadOnlyList<SegmentRow>> FindSpansAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        FindAsync(cameraId, stream, from, to, withGops: false, cancellationToken);

    /// <summary>Gaps that overlap the range, oldest first; the outage that goes on now is the last one and <see cref="GapRow.Open"/>.</summary>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<IReadOnlyList<GapRow>> GapsAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        // Memory first: what is applied in between is then in both answers, never in neither.
        var pending = journal.PendingOf(cameraId, stream, e => e is GapPut { Gap: var g } && g.To >= from && g.From < to);
        var found = await OrKnownAsync(
            () => tables.GapsAsync(cameraId, stream, from, to, cancellationToken), cameraId, stream, from);
        var merged = found.ToDictionary(g => g.Id);
        foreach (var put in pending.Cast<GapPut>())
        {
            if (!merged.TryGetValue(put.Id, out var row) || row.Version < put.Version)
            {
                merged[put.Id] = put.Gap;
            }
        }

        if (gaps.CurrentOutage(cameraId, stream) is { } outage && outage.To > from && outage.From < to)
        {
            merged[outage.Id] = outage;
        }

        // One that was taken back has no length: a damaged file that is whole again.
        return [.. merged.Values.Where(g => g.To > g.From).OrderBy(g => g.From)];
    }

    private async ValueTask<IReadOnlyList<SegmentRow>> FindAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, bool withGops, CancellationToken cancellationToken)
    {
        bool Overlaps(SegmentRow s) => s.To > from && s.From < to;

        var writing = open.Of(cameraId, stream, withGops).Where(Overlaps).ToList();
        var pending = journal.PendingOf(
            cameraId, stream, e => e is SegmentDeleted || (e is SegmentPut { Segment: var s } && Overlaps(s)));
        var found = await OrKnownAsync(
            () => tables.FindAsync(cameraId, stream, from, to, withGops, cancellationToken), cameraId, stream, from);

        var merged = found.ToDictionary(s => s.Id);
        foreach (var entry in pending)
        {
            if (entry is SegmentDeleted)
            {
                merged.Remove(entry.Id);
            }
            else if (entry is SegmentPut { Segment: var s } && (!merged.TryGetValue(s.Id, out var row) || row.Version < s.Version))
            {
                merged[s.Id] = s;
            }
        }

        foreach (var segment in writing)
        {
            merged[segment.Id] = segment;
        }

        // Not by wall clock: that may have been set back while recording.
        return [.. merged.Values.OrderBy(s => s.Id)];
    }

    /// <summary>The database's answer; nothing more than memory when it is away and memory reaches back to <paramref name="from"/>.</summary>
    private async Task<List<T>> OrKnownAsync<T>(Func<Task<List<T>>> query, string cameraId, string stream, DateTimeOffset from)
    {
        if (tables.IsAway)
        {
            return OnlyKnown<T>(cameraId, stream, from, null);     // known to be away: nobody waits for a time-out
        }

        try
        {
            try
            {
                return await query();
            }
            catch (NpgsqlException e) when (e.IsTransient || e.InnerException is IOException)
            {
                tables.Reconnect();
                return await query();
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return OnlyKnown<T>(cameraId, stream, from, e);
        }
    }

    private List<T> OnlyKnown<T>(string cameraId, string stream, DateTimeOffset from, Exception? cause)
    {
        var known = KnownSince(cameraId, stream);
        return known is not null && from >= known
            ? []
            : throw new IndexUnavailableException(
                known is null
                    ? "The archive index is not available"
                    : $"The archive index is not available; recordings since {known:O} can be shown",
                cause);
    }

    private DateTimeOffset? KnownSince(string cameraId, string stream)
    {
        var pending = journal.PendingOf(cameraId, stream, static e => e is SegmentPut).OfType<SegmentPut>().Select(p => p.Segment.From);
        return pending.Concat(open.Of(cameraId, stream, withGops: false).Select(s => s.From)).Cast<DateTimeOffset?>().Min();
    }
}
