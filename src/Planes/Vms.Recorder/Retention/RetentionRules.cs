namespace Vms.Recorder.Retention;

/// <summary>May a segment go?</summary>
internal enum Standing
{
    /// <summary>As soon as a rule asks for it.</summary>
    Free,

    /// <summary>Younger than its camera's minimum, bookmarked, or still to be exported: only when the pool has no other room, and not without an alarm.</summary>
    Promised,

    /// <summary>By nobody's rule or request.</summary>
    Held,
}

/// <summary>A segment that may be looked at for deletion, and what keeps it.</summary>
internal readonly record struct Candidate(StoredSegment Segment, Protection Protection);

/// <summary>What the rules want deleted. Pure: segments and the time in, a choice out; nothing is deleted here. Segments of a stream come
/// in the order of their beginning, and are taken no further than needed; one that begins early may have been written late.</summary>
internal static class RetentionRules
{
    public static Standing StandingOf(RetentionPolicy policy, DateTimeOffset now, Candidate candidate) => candidate.Protection switch
    {
        Protection.None when IsYoung(policy, now, candidate.Segment) => Standing.Promised,
        Protection.None => Standing.Free,
        Protection.Export or Protection.Bookmark => Standing.Promised,
        _ => Standing.Held,
    };

    /// <summary>What is older than the stream's maximum.</summary>
    public static IEnumerable<StoredSegment> OverAge(RetentionPolicy policy, DateTimeOffset now, IEnumerable<Candidate> stream) =>
        policy.MaxAge <= TimeSpan.Zero
            ? []
            : from c in stream.TakeWhile(c => c.Segment.Name.Start < now - policy.MaxAge)
              where c.Segment.End < now - policy.MaxAge && StandingOf(policy, now, c) == Standing.Free
              select c.Segment;

    /// <summary>The oldest of a stream that has more bytes than its limit. What is held on the way does not count towards the limit: newer
    /// video does not go in its place. The minimum of days is stronger than the limit.</summary>
    /// <param name="bytes">Of the stream, without what cannot be deleted.</param>
    /// <param name="promisedBytes">Above the limit, and left because of a promise.</param>
    public static List<StoredSegment> OverSize(
        RetentionPolicy policy, DateTimeOffset now, long bytes, IEnumerable<Candidate> stream, out long promisedBytes)
    {
        promisedBytes = 0;
        var chosen = new List<StoredSegment>();
        long excess = policy.MaxBytes > 0 ? bytes - policy.MaxBytes : 0;
        if (excess <= 0)
        {
            return chosen;
        }

        bool isPromised = false;
        foreach (var candidate in stream)
        {
            if (BeginsYoung(policy, now, candidate.Segment))
            {
                isPromised = true;
                break;      // the others begin later still
            }

            if (IsYoung(policy, now, candidate.Segment))
            {
                isPromised = true;
                continue;
            }

            if (StandingOf(policy, now, candidate) == Standing.Free)
            {
                chosen.Add(candidate.Segment);
            }

            excess -= candidate.Segment.Bytes;
            if (excess <= 0)
            {
                return chosen;
            }
        }

        promisedBytes = isPromised ? excess : 0;
        return chosen;
    }

    /// <summary>The part of a stream that may go to make room: what is free, or also what was promised.</summary>
    public static IEnumerable<Candidate> ForRoom(RetentionPolicy policy, DateTimeOffset now, IEnumerable<Candidate> stream, bool alsoPromised) =>
        alsoPromised
            ? stream.Where(c => StandingOf(policy, now, c) != Standing.Held)
            : stream.TakeWhile(c => !BeginsYoung(policy, now, c.Segment)).Where(c => StandingOf(policy, now, c) == Standing.Free);

    /// <summary>Several streams as one, oldest first whatever the camera.</summary>
    public static IEnumerable<Candidate> OldestFirst(IEnumerable<IEnumerable<Candidate>> streams)
    {
        var queues = new PriorityQueue<IEnumerator<Candidate>, DateTimeOffset>();
        foreach (var stream in streams)
        {
            Enqueue(queues, stream.GetEnumerator());
        }

        while (queues.TryDequeue(out var oldest, out _))
        {
            yield return oldest.Current;
            Enqueue(queues, oldest);
        }
    }

    private static bool IsYoung(RetentionPolicy policy, DateTimeOffset now, StoredSegment segment) =>
        policy.MinAge > TimeSpan.Zero && segment.End > now - policy.MinAge;

    /// <summary>Whenever it was written, it is young.</summary>
    private static bool BeginsYoung(RetentionPolicy policy, DateTimeOffset now, StoredSegment segment) =>
        policy.MinAge > TimeSpan.Zero && segment.Name.Start > now - policy.MinAge;

    private static void Enqueue(PriorityQueue<IEnumerator<Candidate>, DateTimeOffset> queues, IEnumerator<Candidate> segments)
    {
        if (segments.MoveNext())
        {
            queues.Enqueue(segments, segments.Current.Segment.Name.Start);
        }
        else
        {
            segments.Dispose();
        }
    }
}
