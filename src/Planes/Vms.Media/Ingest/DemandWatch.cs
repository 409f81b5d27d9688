using System.Threading.Channels;
using Vms.Media.Streams;

namespace Vms.Media.Ingest;

/// <summary>Waits for somebody to want an on-demand stream, and for the last one to have left for a while. One caller at a time.</summary>
internal sealed class DemandWatch : IDisposable
{
    private readonly LiveStream _live;
    private readonly TimeProvider _clock;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public DemandWatch(LiveStream live, TimeProvider clock)
    {
        _live = live;
        _clock = clock;
        live.DemandChanged += OnChanged;
    }

    public async Task WaitForDemandAsync(CancellationToken cancellationToken)
    {
        while (_live.DemandCount == 0)
            await _changes.Reader.ReadAsync(cancellationToken);
    }

    /// <summary>Returns once nobody has wanted the stream for <paramref name="linger"/>.</summary>
    public async Task WaitForNoDemandAsync(TimeSpan linger, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_live.DemandCount > 0)
                await _changes.Reader.ReadAsync(cancellationToken);

            await Task.Delay(linger, _clock, cancellationToken);
            if (_live.DemandCount == 0)
                return;
        }
    }

    public void Dispose() => _live.DemandChanged -= OnChanged;

    private void OnChanged(LiveStream live) => _changes.Writer.TryWrite(true);
}
