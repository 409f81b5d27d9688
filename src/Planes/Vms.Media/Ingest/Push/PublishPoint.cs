namespace Vms.Media.Ingest.Push;

/// <summary>Where a publisher of one push stream comes in: holds the one that sends now. Any thread.</summary>
/// <remarks>A second publisher is refused as long as the first sends. One that has brought nothing for <see cref="Silence"/> is replaced: its
/// network has gone, and it, or its stand-in, is back before anybody has noticed that.</remarks>
internal sealed class PublishPoint(TimeProvider clock)
{
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PublishSession? _present;
    private PublishSession? _waiting;
    private bool _closed;

    /// <summary>Somebody offered what is not supported; one sentence for the operator.</summary>
    public event Action<string>? Unsupported;

    /// <summary>Somebody sends, and is heard.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_gate)
                return _present is { } present && !present.Ended.IsCompleted && !present.IsSilent(Now, Silence);
        }
    }

    private TimeSpan Now => IngestTime.Now(clock).Monotonic;

    public void Refuse(string detail) => Unsupported?.Invoke(detail);

    /// <summary>Takes the place. What the session brings counts once the receiver has attached it.</summary>
    /// <returns>False when another one sends, or the stream is gone.</returns>
    public bool TryTake(PublishSession session)
    {
        lock (_gate)
        {
            if (_closed || _waiting is not null)
                return false;
            if (_present is { } present && !present.Ended.IsCompleted)
            {
                if (!present.IsSilent(Now, Silence))
                    return false;
                present.Finish(new(Rtsp.PullEndKind.PeerClosed, "Another publisher has taken the place of one that was silent."));
            }

            (_present, _waiting) = (session, session);
            _arrived.TrySetResult();
            return true;
        }
    }

    /// <summary>The receiver's side: the next publisher.</summary>
    public async Task<PublishSession> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task arrived;
            lock (_gate)
            {
                if (_waiting is { } session)
                {
                    _waiting = null;
                    _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return session;
                }

                arrived = _arrived.Task;
            }

            await arrived.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The stream is wanted no more, or wanted otherwise.</summary>
    public void Close()
    {
        PublishSession? present;
        lock (_gate)
        {
            _closed = true;
            present = _present;
        }

        present?.Finish(new(Rtsp.PullEndKind.Stopped, "The stream was changed or removed."));
    }
}
