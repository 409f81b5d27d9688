using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Vms.Media.Streams;

/// <summary>The streams this plane has a pipeline for. Pipelines add and remove, egress looks up. Any thread.</summary>
internal sealed class StreamRegistry
{
    private readonly ConcurrentDictionary<(string CameraId, string Stream), LiveStream> _streams = new();

    /// <summary>Raised on the thread that applied the pipeline. Handlers must not block.</summary>
    public event Action<LiveStream>? Added;

    /// <summary>As <see cref="Added"/>: the pipeline is gone, nothing more will be appended.</summary>
    public event Action<LiveStream>? Removed;

    /// <summary>A snapshot.</summary>
    public IReadOnlyCollection<LiveStream> All => [.. _streams.Values];

    public bool TryGet(string cameraId, string stream, [NotNullWhen(true)] out LiveStream? live) =>
        _streams.TryGetValue((cameraId, stream), out live);

    internal bool Add(LiveStream stream)
    {
        if (!_streams.TryAdd((stream.CameraId, stream.Name), stream))
            return false;

        Added?.Invoke(stream);
        return true;
    }

    internal bool Remove(LiveStream stream)
    {
        if (!_streams.TryRemove(KeyValuePair.Create((stream.CameraId, stream.Name), stream)))
            return false;

        Removed?.Invoke(stream);
        return true;
    }
}
