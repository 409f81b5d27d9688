using Vms.StreamLog.Layout;

namespace Vms.StreamLog;

/// <summary>A larger file for a log, made once, by whoever comes to it first: the thread whose turn it is, or the writer that cannot wait for the turn.</summary>
internal sealed class GrowthPreparation(Func<RingFile> make)
{
    private readonly TaskCompletionSource<RingFile> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;

    /// <summary>Fails with what making it failed with.</summary>
    public Task<RingFile> Made => _made.Task;

    /// <summary>Makes it, unless somebody has begun to. Any thread.</summary>
    public void Run()
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
            return;
        try
        {
            _made.SetResult(make());
        }
        catch (Exception e)
        {
            _made.SetException(e);
        }
    }

    /// <summary>Nobody makes it any more. False when somebody has begun to.</summary>
    public bool TryCancel() => Interlocked.Exchange(ref _begun, 1) == 0 && _made.TrySetCanceled();
}
