namespace Vms.Hosting;

/// <summary>Something that a viewer has open: a stream, a body, a WebSocket. It ends when the right to it is taken away. Any thread.</summary>
public sealed class Viewing : IDisposable
{
    private readonly Viewings _all;
    private readonly Lock _gate = new();
    private Action _end;
    private IReadOnlyList<string> _cameraIds;
    private Watching? _watching;
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
        ArgumentNullException.ThrowIfNull(end);
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

    /// <summary>Something is shown from now on, until this is disposed: it goes into the book of who watched.</summary>
    /// <param name="transport">As the audit log names it.</param>
    /// <returns>Null: it has ended already, or the book is full.</returns>
    public Watching? Watch(WatchKind kind, string cameraId, string? stream, string transport)
    {
        lock (_gate)
        {
            if (_disposed)
                return null;
            _all.Log.Leave(_watching);
            return _watching = _all.Log.Enter(Viewer, kind, cameraId, stream, transport, stays: true);
        }
    }

    /// <summary>It has ended by itself. After that its end is not called any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
                _all.Log.Leave(_watching);
            _disposed = true;
        }

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
