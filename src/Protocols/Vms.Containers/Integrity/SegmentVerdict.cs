using Vms.Containers.Mp4;

namespace Vms.Containers.Integrity;

/// <summary>What <see cref="ChainVerifier"/> says of one file.</summary>
public sealed class SegmentVerdict(string name)
{
    /// <summary>More are counted: where one byte of an init segment is altered, every fragment is.</summary>
    private const int KeptFindings = 100;

    private readonly List<Finding> _findings = [];

    /// <summary>As the caller named it.</summary>
    public string Name { get; } = name;

    /// <summary>In the order of the file; the first one says from which second on nothing can be relied on. That may be in a file before this one.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>All of them, those that are not kept, too.</summary>
    public int FindingCount { get; private set; }

    public int Fragments { get; private set; }

    /// <summary>Fragments written before there were hashes: nothing can be said about them.</summary>
    public int UnhashedFragments { get; private set; }

    /// <summary>Fragments encrypted with a key that is not there: their order and signatures hold, what they show was not looked at.</summary>
    public int LockedFragments { get; private set; }

    /// <summary>Fragments behind the last good signature: intact, and nobody vouches for them.</summary>
    public int UnanchoredFragments { get; private set; }

    public DateTimeOffset? Start { get; private set; }

    /// <summary>Where the last fragment ends.</summary>
    public DateTimeOffset? End { get; private set; }

    /// <summary>Up to where a good signature vouches; null when there is none.</summary>
    public DateTimeOffset? AnchoredUntil { get; private set; }

    /// <summary>It begins what was fetched from a device at another time than what is before it, and does not follow that: what lay between was deleted, or taken away.</summary>
    public bool IsBehindOtherFetch { get; internal set; }

    /// <summary>What is behind the last signature was signed further on (<see cref="ChainTail"/>).</summary>
    public void Anchor()
    {
        UnanchoredFragments = 0;
        AnchoredUntil = End;
    }

    internal DateTimeOffset? At { get; private set; }

    internal void Begin(in FragmentHeader header)
    {
        At = TimeOf(header.FirstCaptureTimeUs);
        Start ??= At;
        End = TimeOf(header.EndUs);
        Fragments++;
    }

    internal void Unhashed() => UnhashedFragments++;

    internal void Locked() => LockedFragments++;

    /// <param name="head">Null when the fragment is not signed.</param>
    internal void Add(HeadSignature? head)
    {
        UnanchoredFragments++;
        if (head != HeadSignature.Good) return;
        UnanchoredFragments = 0;
        AnchoredUntil = End;
    }

    /// <summary>Puts down one more.</summary>
    public void Find(FindingKind kind, DateTimeOffset? at, string what)
    {
        FindingCount++;
        if (_findings.Count < KeptFindings) _findings.Add(new Finding(kind, at, Name, what));
    }

    /// <summary>A camera, and a forged file, may claim any time.</summary>
    internal static DateTimeOffset TimeOf(long microseconds)
    {
        var ticks = ((Int128)microseconds * TimeSpan.TicksPerMicrosecond) + DateTimeOffset.UnixEpoch.Ticks;
        return new DateTimeOffset((long)Int128.Clamp(ticks, 0, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
    }
}

/// <summary>One thing that is not as it was recorded.</summary>
/// <param name="At">Capture time where it begins; null when not even that is known.</param>
/// <param name="File">The file's name, as the caller gave it.</param>
/// <param name="What">For people, as the rest of "FILE: …".</param>
public sealed record Finding(FindingKind Kind, DateTimeOffset? At, string File, string What);

public enum FindingKind
{
    Altered,
    Missing,
    Inserted,
    Reordered,

    /// <summary>The file ends in half a fragment: cut, still being written, or the power went.</summary>
    Torn,

    /// <summary>Signed, but by none of the keys that were given.</summary>
    UnknownKey,

    /// <summary>Intact by itself, and what follows was changed: whoever changed that may have made this.</summary>
    Unvouched,
}
