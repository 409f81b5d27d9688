namespace Vms.StreamLog.Tests.Ordering;

internal enum OperationKind
{
    Store,
    Load,
}

/// <summary>One access to shared memory, or a barrier between accesses.</summary>
/// <param name="Kind">Store or load; ignored for a barrier.</param>
/// <param name="Location">Address of the access.</param>
/// <param name="Value">Stored value; for a load, the register it goes to.</param>
/// <param name="Acquire">A load that precedes everything after it (ldar).</param>
/// <param name="Release">A store that everything before it precedes (stlr).</param>
/// <param name="StoreBarrier">Not an access: stores before precede stores after (dmb ishst).</param>
/// <param name="LoadBarrier">Not an access: loads before precede everything after (dmb ishld).</param>
internal sealed record Operation(
    OperationKind Kind, int Location, int Value, bool Acquire = false, bool Release = false, bool StoreBarrier = false, bool LoadBarrier = false)
{
    internal static Operation Store(int location, int value) => new(OperationKind.Store, location, value);

    internal static Operation StoreRelease(int location, int value) => new(OperationKind.Store, location, value, Release: true);

    internal static Operation Load(int location, int register) => new(OperationKind.Load, location, register);

    internal static Operation LoadAcquire(int location, int register) => new(OperationKind.Load, location, register, Acquire: true);

    internal static readonly Operation WriteBarrier = new(OperationKind.Store, -1, 0, StoreBarrier: true);

    internal static readonly Operation ReadBarrier = new(OperationKind.Load, -1, 0, LoadBarrier: true);

    internal bool IsBarrier => StoreBarrier || LoadBarrier;
}

/// <summary>
/// Explores every order in which two threads' accesses can take effect under the rules of ARM64 (other-multi-copy atomic): accesses of a
/// thread may pass one another unless they touch the same location or an acquire, a release or a barrier between them forbids
/// it. Control and address dependencies are taken to order nothing, which allows more than the hardware does.
/// </summary>
internal static class MemoryModel
{
    /// <summary>The final registers of the second thread in every reachable execution, each once.</summary>
    internal static HashSet<string> Explore(IReadOnlyList<Operation> writer, IReadOnlyList<Operation> reader, int locations, int registers)
    {
        var results = new HashSet<string>();
        var seen = new HashSet<string>();
        Operation[][] threads = [Accesses(writer), Accesses(reader)];
        ulong[][] before = [Predecessors(writer), Predecessors(reader)];
        Step(0, 0, new int[locations], new int[registers]);
        return results;

        void Step(ulong writerDone, ulong readerDone, int[] memory, int[] registerValues)
        {
            string key = $"{writerDone}/{readerDone}/{string.Join(',', memory)}/{string.Join(',', registerValues)}";
            if (!seen.Add(key))
                return;
            if (readerDone == (1UL << threads[1].Length) - 1)
            {
                results.Add(string.Join(' ', registerValues));
                return;   // what the writer still does changes nothing for this reader
            }

            for (int i = 0; i < threads[0].Length; i++)
            {
                if (!CanRun(i, writerDone, before[0]))
                    continue;
                int[] changed = (int[])memory.Clone();
                changed[threads[0][i].Location] = threads[0][i].Value;
                Step(writerDone | 1UL << i, readerDone, changed, registerValues);
            }

            for (int i = 0; i < threads[1].Length; i++)
            {
                if (!CanRun(i, readerDone, before[1]))
                    continue;
                int[] loaded = (int[])registerValues.Clone();
                loaded[threads[1][i].Value] = memory[threads[1][i].Location];
                Step(writerDone, readerDone | 1UL << i, memory, loaded);
            }
        }
    }

    private static bool CanRun(int operation, ulong done, ulong[] before) =>
        (done & 1UL << operation) == 0 && (before[operation] & ~done) == 0;

    private static Operation[] Accesses(IReadOnlyList<Operation> program) => [.. program.Where(operation => !operation.IsBarrier)];

    /// <summary>Per access the set of earlier ones that must have taken effect.</summary>
    private static ulong[] Predecessors(IReadOnlyList<Operation> program)
    {
        var order = new List<ulong>();
        var accesses = new List<(Operation Operation, int Place)>();
        for (int place = 0; place < program.Count; place++)
        {
            Operation later = program[place];
            if (later.IsBarrier)
                continue;
            ulong set = 0;
            for (int i = 0; i < accesses.Count; i++)
            {
                (Operation earlier, int earlierPlace) = accesses[i];
                bool ordered = earlier.Location == later.Location || earlier.Acquire || later.Release
                    || program.Skip(earlierPlace).Take(place - earlierPlace).Any(between => Orders(between, earlier, later));
                if (ordered)
                    set |= 1UL << i;
            }

            order.Add(set);
            accesses.Add((later, place));
        }

        return [.. order];
    }

    private static bool Orders(Operation barrier, Operation earlier, Operation later) =>
        barrier.StoreBarrier && earlier.Kind == OperationKind.Store && later.Kind == OperationKind.Store
        || barrier.LoadBarrier && earlier.Kind == OperationKind.Load;
}
