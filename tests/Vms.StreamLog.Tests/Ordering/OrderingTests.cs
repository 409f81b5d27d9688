namespace Vms.StreamLog.Tests.Ordering;

/// <summary>
/// The order of stores and loads in StreamLogWriter.Write and StreamLogReader.Advance/Commit, on a ring of one record of two words.
/// With all of it no execution that ARM64 allows accepts a torn record; without any one part of it some execution does,
/// so each part is needed and the test can fail.
/// </summary>
public sealed class OrderingTests
{
    private const int WritePosition = 0, Oldest = 1, FirstWord = 2, SecondWord = 3, Locations = 4;
    private const int Records = 3;

    [Flags]
    public enum Parts
    {
        None = 0,
        BarrierAfterOldest = 1,
        ReleaseOfWritePosition = 2,
        AcquireOfWritePosition = 4,
        BarrierBeforeOldest = 8,
        OldestBeforeRecord = 16,
        OldestIsReadAgain = 32,
        All = 63,
    }

    [Fact]
    public void With_the_whole_protocol_no_execution_accepts_a_torn_record()
    {
        (int accepted, int corrupt) = Explore(Parts.All);
        Assert.Equal(0, corrupt);
        Assert.True(accepted > 0, "The model never accepts anything: it proves nothing.");
    }

    [Theory]
    [InlineData(Parts.BarrierAfterOldest)]
    [InlineData(Parts.ReleaseOfWritePosition)]
    [InlineData(Parts.AcquireOfWritePosition)]
    [InlineData(Parts.BarrierBeforeOldest)]
    [InlineData(Parts.OldestBeforeRecord)]
    [InlineData(Parts.OldestIsReadAgain)]
    public void Without_any_one_part_some_execution_accepts_a_torn_record(Parts missing) => Assert.True(Explore(Parts.All & ~missing).Corrupt > 0);

    /// <summary>Outcomes over all executions, for a reader that stands at each of the records.</summary>
    private static (int Accepted, int Corrupt) Explore(Parts parts)
    {
        int accepted = 0, corrupt = 0;
        List<Operation> writer = Writer(parts);
        List<Operation> reader = Reader(parts);
        foreach (string outcome in MemoryModel.Explore(writer, reader, Locations, registers: 4))
        {
            if (outcome.Split(' ').Select(int.Parse).ToArray() is not [int end, int first, int second, int oldest])
                throw new InvalidOperationException(outcome);
            for (int position = 0; position < Records; position++)
            {
                bool published = end > position;
                bool held = !parts.HasFlag(Parts.OldestIsReadAgain) || position >= oldest;
                bool lappedFromTheStart = end - position > 1;   // the reader's first check, made with the end alone
                if (!published || !held || lappedFromTheStart)
                    continue;
                accepted++;
                if (first != position + 1 || second != position + 1)
                    corrupt++;
            }
        }

        return (accepted, corrupt);
    }

    /// <summary>Record n, at position n, consists of the words n + 1.</summary>
    private static List<Operation> Writer(Parts parts)
    {
        var program = new List<Operation>();
        for (int position = 0; position < Records; position++)
        {
            if (parts.HasFlag(Parts.OldestBeforeRecord))
                program.Add(Operation.Store(Oldest, position));
            if (parts.HasFlag(Parts.BarrierAfterOldest))
                program.Add(Operation.WriteBarrier);
            program.Add(Operation.Store(FirstWord, position + 1));
            program.Add(Operation.Store(SecondWord, position + 1));
            if (!parts.HasFlag(Parts.OldestBeforeRecord))
                program.Add(Operation.StoreRelease(Oldest, position));
            program.Add(parts.HasFlag(Parts.ReleaseOfWritePosition)
                ? Operation.StoreRelease(WritePosition, position + 1)
                : Operation.Store(WritePosition, position + 1));
        }

        return program;
    }

    private static List<Operation> Reader(Parts parts)
    {
        List<Operation> program =
        [
            parts.HasFlag(Parts.AcquireOfWritePosition) ? Operation.LoadAcquire(WritePosition, 0) : Operation.Load(WritePosition, 0),
            Operation.Load(FirstWord, 1),
            Operation.Load(SecondWord, 2),
        ];
        if (parts.HasFlag(Parts.BarrierBeforeOldest))
            program.Add(Operation.ReadBarrier);
        program.Add(Operation.Load(Oldest, 3));
        return program;
    }
}
