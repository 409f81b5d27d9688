namespace Vms.Hosting;

/// <summary>Something that a viewer has open: a stream, a body, a WebSocket. It ends when the right to it is taken away. Any thread.</summary>
public sealed class Viewing : IDisposable
{
    private readonly Viewings _all;
    private readonly Lock _gate = new();
    private Action _end;
    private IReadOnlyList<string> _cameraIds;
    private bool _disposed;
    private volatile bool _isRevoked;

    internal Viewing(Viewings all, Viewer viewer, ViewingRight right, IReadOnlyList<string> cameraIds, Action end)
    {
        (_all, Viewer, Right, _cameraIds, _end) = (all, viewer, right, cameraIds, end);
    }

    public Viewer Viewer { get; }

    public ViewingRight Right { get; }

    /// <summary>It was ended, or is about to be.</summary>
    public bool IsRevoked => _isRevoked;

    /// <summary>Ends it in a kinder way than the one it was opened with.</summary>
    public void EndBy(Action end)
    {
        lock (_gate)
        {
            _end = end;
            if (_isRevoked && !_disposed)
                end();
        }
    }

    /// <summary>Which cameras it shows, where that is known only now.</summary>
    /// <returns>False: the right to one of them was taken away.</returns>
    public bool TryName(IReadOnlyList<string> cameraIds)
    {
        _cameraIds = cameraIds;
        return !IsTaken();
    }

    /// <summary>It has ended by itself. After that its end is not called any more.</summary>
    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _all.Forget(this);
    }

    internal bool IsTaken() => _cameraIds.Count == 0 ? _all.Takes(this, null) : _cameraIds.Any(id => _all.Takes(this, id));

    internal void Revoke()
    {
        lock (_gate)
        {
            if (_disposed || _isRevoked)
                return;
            _isRevoked = true;
            _end();
        }
    }
}
