using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Vms.Media.Streams;

/// <summary>The streams this plane has a pipeline for. Pipelines add and remove, egress looks up. Any thread.</summary>
internal sealed class StreamRegistry
{
    /// <summary>For a pipeline that is on its way: control tells a plane that has just started, and of a new camera, within two seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(string CameraId, string Stream), LiveStream> _streams = new();

    /// <summary>Raised on the thread that applied the pipeline. Handlers must not block.</summary>
    public event Action<LiveStream>? Added;

    /// <summary>As <see cref="Added"/>: the pipeline is gone, nothing more will be appended.</summary>
    public event Action<LiveStream>? Removed;

    /// <summary>A snapshot.</summary>
    public IReadOnlyCollection<LiveStream> All => [.. _streams.Values];

    public bool TryGet(string cameraId, string stream, [NotNullWhen(true)] out LiveStream? live) =>
        _streams.TryGetValue((cameraId, stream), out live);

    /// <summary>As <see cref="TryGet"/> for whoever has shown a right to this camera: waits for <see cref="Patience"/> before it says that
    /// there is no such stream.</summary>
    /// <returns>Null: there is none.</returns>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask<LiveStream?> FindAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        if (TryGet(cameraId, stream, out var live))
            return live;
        if (stream is not ("main" or "sub"))
            return null;

        var arrival = new TaskCompletionSource<LiveStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        Added += OnAdded;
        try
        {
            return TryGet(cameraId, stream, out live) ? live : await arrival.Task.WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            Added -= OnAdded;
        }

        void OnAdded(LiveStream added)
        {
            if (added.CameraId == cameraId && added.Name == stream)
                arrival.TrySetResult(added);
        }
    }

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
