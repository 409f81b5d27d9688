namespace Vms.Fuzz.Tests;

/// <summary>Feeds one input to a parser.</summary>
/// <param name="input">Any bytes.</param>
/// <param name="outcome">What it led to, step by step.</param>
internal delegate void FuzzInput(ReadOnlySpan<byte> input, ref Outcome outcome);

/// <summary>One parser of bytes from outside, as the fuzzer sees it. Whatever the bytes are, <paramref name="Run"/> returns soon, throws
/// nothing and allocates little.</summary>
/// <param name="Name">Also the folder of its corpus.</param>
/// <param name="Run">Any number of times in a process, one after the other.</param>
internal sealed record FuzzTarget(string Name, FuzzInput Run)
{
    /// <summary>Longest input that is tried, bytes.</summary>
    public int MaxInput { get; init; } = 16 << 10;

    /// <summary>Bytes that one input may allocate: the parser's own buffers, and what its ceilings permit for an input of that length.</summary>
    public long MaxAllocated { get; init; } = 8 << 20;

    /// <summary>Mutations a replay tries; fewer where one input is dear.</summary>
    public int ReplayMutations { get; init; } = 2000;

    /// <summary>What the format's authors would write: mutations put them anywhere.</summary>
    public IReadOnlyList<byte[]> Words { get; init; } = [];

    public override string ToString() => Name;
}
