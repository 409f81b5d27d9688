using System.Threading.Tasks.Sources;

namespace Vms.Ai.Detectors;

/// <summary>
/// A picture that waits for a detector. It is used again when its answer was fetched. States: waiting → taken → answered, or waiting → withdrawn:
/// the picture is its owner's again when the task is done, so a picture that a detector is looking at cannot be withdrawn.
/// </summary>
internal sealed class DetectorRequest(Action<DetectorRequest> giveBack) : IValueTaskSource<IReadOnlyList<Detection>?>
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private ManualResetValueTaskSourceCore<IReadOnlyList<Detection>?> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private int _state;

    internal Picture? Picture { get; private set; }

    internal Box Region { get; private set; }

    internal float MinScore { get; private set; }

    internal void Begin(Picture picture, in Box region, float minScore)
    {
        (Picture, Region, MinScore) = (picture, region, minScore);
        Volatile.Write(ref _state, Waiting);
    }

    /// <summary>The answer to come. A withdrawal counts from here on.</summary>
    internal ValueTask<IReadOnlyList<Detection>?> Answer(CancellationToken cancellationToken)
    {
        short version = _core.Version;
        _cancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static request => ((DetectorRequest)request!).Withdraw(), this);
        return new ValueTask<IReadOnlyList<Detection>?>(this, version);
    }

    /// <summary>False when it was withdrawn: nobody waits for it.</summary>
    internal bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    internal void Complete(IReadOnlyList<Detection> found) => _core.SetResult(found);

    internal void Fail(Exception problem) => _core.SetException(problem);

    private void Withdraw()
    {
        if (Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) == Waiting)
            _core.SetException(new OperationCanceledException(_cancellationToken));
    }

    public IReadOnlyList<Detection>? GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            // A withdrawn one still stands in the queue: it is left to the collector.
            bool again = Volatile.Read(ref _state) == Taken;
            _registration.Dispose();
            Picture = null;
            _core.Reset();
            if (again)
                giveBack(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
