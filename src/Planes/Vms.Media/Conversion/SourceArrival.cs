using Vms.Media.Streams;

namespace Vms.Media.Conversion;

/// <summary>Wakes one waiter when the source's log has grown.</summary>
internal sealed class SourceArrival : ISampleSignal, IDisposable
{
    private readonly LiveStream _source;
    private readonly SemaphoreSlim _arrived = new(0, 1);

    public SourceArrival(LiveStream source)
    {
        _source = source;
        source.Subscribe(this);
    }

    /// <inheritdoc/>
    public bool IsUrgent => true;

    /// <inheritdoc/>
    public void Signal()
    {
        try
        {
            if (_arrived.CurrentCount == 0)
                _arrived.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Two threads at once, or the waiter has just gone: there is nobody to wake.
        }
    }

    /// <summary>Returns after <paramref name="longest"/> at the latest: the log may have been opened anew.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _arrived.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time is over; the caller looks itself.
        }
    }

    public void Dispose()
    {
        _source.Unsubscribe(this);
        _arrived.Dispose();
    }
}
