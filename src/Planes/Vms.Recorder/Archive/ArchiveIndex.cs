using Npgsql;
using Vms.Recorder.Gaps;
using Vms.Recorder.Retention;
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
    public async ValueTask<IReadOnlyList<SegmentRow>> FindAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var known = KnownOf(cameraId, stream, from, to, withGops: true);
        var found = await OrKnownAsync(
            () => tables.FindAsync(cameraId, stream, from, to, withGops: true, cancellationToken), cameraId, stream, from);

        var merged = found.ToDictionary(s => s.Id);
        foreach (var (id, segment) in known)
        {
            if (segment is null)
            {
                merged.Remove(id);
            }
            else if (!merged.TryGetValue(id, out var row) || row.Version < segment.Version)
            {
                merged[id] = segment;
            }
        }

        // Not by wall clock: that may have been set back while recording.
        return [.. merged.Values.OrderBy(s => s.Id)];
    }

    /// <summary>What is recorded in a range, in order of time: enough for a timeline of half a year.</summary>
    /// <param name="apart">Each segment with its id; otherwise those that follow each other may be one span.</param>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<IReadOnlyList<RecordedSpan>> FindSpansAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, bool apart, CancellationToken cancellationToken)
    {
        var known = KnownOf(cameraId, stream, from, to, withGops: false);
        var found = await OrKnownAsync(
            () => tables.SpansAsync(cameraId, stream, from, to, [.. known.Keys], apart, cancellationToken), cameraId, stream, from);
        return [.. found.Concat(known.Values.OfType<SegmentRow>().Where(s => s.To > from && s.From < to).Select(RecordedSpan.Of)).OrderBy(s => s.From)];
    }

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

    /// <summary>Where segments began that somebody decided to delete and that may reach into the range, in order of time, as far back as tombstones go.</summary>
    /// <exception cref="IndexUnavailableException">As for segments.</exception>
    public async ValueTask<IReadOnlyList<DateTimeOffset>> DeletedStartsAsync(
        string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var before = from - RangeCoverage.LongestSegment;
        var pending = journal.PendingOf(
            cameraId, stream, e => e is SegmentDeleted { Deleted: { Reason: not (DeletionReason.Missing or DeletionReason.Kept) } d } && d.From >= before && d.From < to);
        var found = await OrKnownAsync(() => tables.DeletedStartsAsync(cameraId, stream, before, to, cancellationToken), cameraId, stream, from);
        return [.. found.Concat(pending.Cast<SegmentDeleted>().Select(e => e.Deleted.From)).Distinct().Order()];
    }

    /// <summary>Segments that memory answers for: those being written, and what the database has not got yet; null for one that was deleted.
    /// Before the database is asked: what is applied in between is then in both answers, never in neither.</summary>
    private Dictionary<Guid, SegmentRow?> KnownOf(string cameraId, string stream, DateTimeOffset from, DateTimeOffset to, bool withGops)
    {
        bool Overlaps(SegmentRow s) => s.To > from && s.From < to;

        var writing = open.Of(cameraId, stream, withGops).Where(Overlaps).ToList();
        var known = new Dictionary<Guid, SegmentRow?>();
        foreach (var entry in journal.PendingOf(
            cameraId, stream, e => e is SegmentDeleted || (e is SegmentPut { Segment: var s } && Overlaps(s))))
        {
            if (entry is SegmentDeleted)
            {
                known[entry.Id] = null;
            }
            else if (entry is SegmentPut { Segment: var s } && (known.GetValueOrDefault(s.Id)?.Version ?? -1) < s.Version)
            {
                known[s.Id] = s;
            }
        }

        foreach (var segment in writing)
        {
            known[segment.Id] = segment;
        }

        return known;
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
