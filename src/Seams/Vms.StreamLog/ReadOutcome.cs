namespace Vms.StreamLog;

public enum AppendResult
{
    Appended,

    /// <summary>Refused and counted: above 16 MiB, or above half of a log that may not grow. The caller flags its next sample as a discontinuity.</summary>
    TooLarge,
}

public enum ReadOutcome
{
    /// <summary>A sample; its lease is valid until it is committed or the reader is used again.</summary>
    Sample,

    /// <summary>Nothing new; ask again later.</summary>
    Empty,

    /// <summary>Samples were lost (<see cref="StreamLogReader.LastOverrun"/>); the reader stands at the next keyframe.</summary>
    Overrun,

    /// <summary>The log goes on in a new file, which is open now; read on. <see cref="StreamLogReader.MovedToNewLineage"/> says whether
    /// the sequence numbers go on too.</summary>
    Moved,

    /// <summary>The log was closed or removed; all that was in it has been read.</summary>
    Closed,
}

/// <summary>Sequence numbers from <paramref name="From"/> up to, not including, <paramref name="To"/>.</summary>
public readonly record struct SequenceRange(long From, long To)
{
    public long Count => To - From;
}
