using Vms.Hosting;
using Vms.Media.Streams;

namespace Vms.Media.Egress;

/// <summary>The egress threads; a stream goes to the one that its name hashes to.</summary>
internal sealed class EgressThreads : IDisposable
{
    private const int MaxThreads = 4;
    private readonly EgressThread[] _threads;

    public EgressThreads(TimeProvider time, ProgressMonitor progress, ILogger<EgressThread> logger)
    {
        int count = Math.Clamp(Environment.ProcessorCount / 2, 1, MaxThreads);
        _threads = [.. Enumerable.Range(0, count).Select(i => new EgressThread(i, time, progress, logger))];
    }

    public int Count => _threads.Length;

    public void Start()
    {
        foreach (var thread in _threads)
            thread.Start();
    }

    public EgressThread For(LiveStream stream) =>
        _threads[(uint)string.GetHashCode(stream.LogName, StringComparison.Ordinal) % _threads.Length];

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Dispose();
    }
}
