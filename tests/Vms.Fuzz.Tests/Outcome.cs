namespace Vms.Fuzz.Tests;

/// <summary>
/// What an input led to, coarsely: kinds of results, faults, sizes by power of two. Without instrumented code this is what tells an
/// input that reached something new from one that did not.
/// </summary>
internal struct Outcome
{
    private ulong _hash;

    public Outcome() => _hash = 14695981039346656037;

    public readonly ulong Value => _hash;

    public void Add(int what) => _hash = (_hash ^ (uint)what) * 1099511628211;

    public void Add(bool what) => Add(what ? 1 : 0);

    /// <summary>A number that matters only roughly.</summary>
    public void AddSize(long size) => Add(64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)size));
}
