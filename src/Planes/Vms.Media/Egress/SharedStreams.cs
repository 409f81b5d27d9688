using Vms.Media.Streams;

namespace Vms.Media.Egress;

/// <summary>One <see cref="StreamEgress"/> per stream while somebody wants it: made for the first, closed after the last. Any thread.</summary>
/// <param name="threads">Where the streams are worked on.</param>
/// <param name="create">Makes one; nothing is started.</param>
internal sealed class SharedStreams<T>(EgressThreads threads, Func<LiveStream, EgressThread, T> create)
    where T : StreamEgress
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LiveStream, (T Egress, int Shares)> _streams = [];

    /// <summary>A snapshot.</summary>
    public IReadOnlyList<T> All
    {
        get
        {
            lock (_gate)
                return [.. _streams.Values.Select(s => s.Egress)];
        }
    }

    /// <summary>Takes a share; it goes back with <see cref="Release"/>.</summary>
    /// <param name="prepare">What a new one has to know before it is opened.</param>
    public T Share(LiveStream stream, Action<T>? prepare = null)
    {
        lock (_gate)
        {
            if (_streams.TryGetValue(stream, out var entry))
            {
                _streams[stream] = (entry.Egress, entry.Shares + 1);
                return entry.Egress;
            }

            var thread = threads.For(stream);
            var egress = create(stream, thread);
            prepare?.Invoke(egress);
            _streams.Add(stream, (egress, 1));
            thread.Post(() =>
            {
                thread.Add(egress);
                egress.Open();
            });
            return egress;
        }
    }

    public void Release(T egress)
    {
        lock (_gate)
        {
            var (_, shares) = _streams[egress.Stream];
            if (shares > 1)
            {
                _streams[egress.Stream] = (egress, shares - 1);
                return;
            }

            _streams.Remove(egress.Stream);
            var thread = threads.For(egress.Stream);
            thread.Post(() =>
            {
                egress.Close();
                thread.Remove(egress);
            });
        }
    }
}
