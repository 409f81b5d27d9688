using Vms.Media.Streams;

namespace Vms.Media.Egress;

/// <summary>Lets a task wait for a stream's next samples. One waiter.</summary>
internal sealed class SampleArrival : ISampleSignal
{
    private TaskCompletionSource _next = New();

    public bool IsUrgent => true;

    public void Signal() => Volatile.Read(ref _next).TrySetResult();

    /// <summary>Completes with the first samples since the last call.</summary>
    /// <returns>False when the token ended it.</returns>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Volatile.Read(ref _next).Task.WaitAsync(cancellationToken);
            Volatile.Write(ref _next, New());
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
