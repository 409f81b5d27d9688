namespace Vms.Fuzz.Tests;

/// <summary>
/// Feeds a target with mutations of its corpus on a thread of its own. Inputs with an outcome not seen before join the pool that further
/// ones are made from. An exception, an input that takes seconds and one that allocates beyond the ceiling are findings.
/// </summary>
internal sealed class FuzzRun
{
    /// <summary>An input that takes this long hangs; generous, because the machine may be busy.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private const int MaxPool = 4096;

    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _pool;
    private readonly HashSet<ulong> _outcomes = [];
    private readonly bool _keep;
    private byte[] _current = [];
    private long _tried;
    private FuzzFinding? _finding;

    /// <param name="target">Its corpus must not be empty.</param>
    /// <param name="seed">Of the random numbers.</param>
    /// <param name="keep">Store what is new in the corpus.</param>
    public FuzzRun(FuzzTarget target, int seed, bool keep = false)
    {
        _target = target;
        _random = new Random(seed);
        _mutator = new Mutator(_random, target);
        _pool = Corpus.Load(target);
        _keep = keep;
    }

    /// <summary>Inputs tried so far.</summary>
    public long Tried => Volatile.Read(ref _tried);

    /// <summary>Outcomes told apart so far.</summary>
    public int Outcomes => _outcomes.Count;

    /// <summary>The corpus as it is, then mutations until there were enough.</summary>
    /// <exception cref="FuzzFinding">With the input, in base 64.</exception>
    public void Run(Func<long, bool> enough)
    {
        var thread = new Thread(() => Loop(enough)) { IsBackground = true, Name = "fuzz " + _target.Name };
        thread.Start();
        long seen = -1;
        while (!thread.Join(s_patience))
        {
            if (Tried == seen)
                throw new FuzzFinding(_target, "takes longer than " + s_patience, Volatile.Read(ref _current), null);
            seen = Tried;
        }

        if (_finding is not null)
            throw _finding;
    }

    private void Loop(Func<long, bool> enough)
    {
        try
        {
            foreach (byte[] input in _pool.ToArray())
                Try(input, stored: true);
            while (!enough(_tried))
                Try(_mutator.Mutate(_pool[_random.Next(_pool.Count)], _pool), stored: false);
        }
        catch (FuzzFinding finding)
        {
            _finding = finding;
        }
    }

    private void Try(byte[] input, bool stored)
    {
        Volatile.Write(ref _current, input);
        var outcome = new Outcome();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target.Run(input, ref outcome);
        }
        catch (Exception e)
        {
            throw new FuzzFinding(_target, $"threw {e.GetType().Name}: {e.Message}", input, e);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > _target.MaxAllocated)
            throw new FuzzFinding(_target, $"allocated {allocated} bytes, where {_target.MaxAllocated} are permitted,", input, null);

        Volatile.Write(ref _tried, _tried + 1);
        if (!_outcomes.Add(outcome.Value) || stored)
            return;
        if (_pool.Count < MaxPool)
            _pool.Add(input);
        else
            _pool[_random.Next(MaxPool)] = input;
        if (_keep)
            Corpus.Keep(_target, input, outcome.Value);
    }
}

/// <summary>An input that a parser does not bear. Store it in the corpus with the repair.</summary>
internal sealed class FuzzFinding(FuzzTarget target, string what, byte[] input, Exception? inner)
    : Exception($"{target.Name} {what} for the input {Convert.ToBase64String(input)}", inner);
