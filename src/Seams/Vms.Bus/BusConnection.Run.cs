using Microsoft.Extensions.Logging;
using Vms.Bus.Wire;

namespace Vms.Bus;

public sealed partial class BusConnection
{
    /// <summary>Subscription of the wildcard inbox that all answers come to.</summary>
    private const long InboxId = 0;

    private static readonly TimeSpan s_sameReasonInterval = TimeSpan.FromMinutes(1);

    private string? _loggedReason;   // these two belong to the loop
    private long _loggedAt;

    /// <summary>
    /// Keeps the bus connected until the token fires (or the connection is disposed), then stops in order: unsubscribes, sends
    /// what is pending, closes. Returns normally after an ordered stop. Called once.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_started) throw new InvalidOperationException("The bus runs already.");
            _started = true;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            var failures = 0;
            for (var attempt = 0; !stop.IsCancellationRequested; attempt++)
            {
                var started = _time.GetTimestamp();
                var reason = await RunSessionAsync(_servers[attempt % _servers.Count], stop.Token);
                if (stop.IsCancellationRequested) break;

                // A session that lasted is no failure; one that dies at once must not be retried in a tight loop.
                failures = _time.GetElapsedTime(started) > _options.ReconnectDelayMax ? 0 : failures + 1;
                var delay = DelayAfter(failures);
                Report(BusState.Disconnected, reason);
                LogNotConnected(reason, delay);
                await Task.Delay(delay, _time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            Close();
            _stopped.TrySetResult();
        }
    }

    private async Task<BusException> RunSessionAsync(NatsServer server, CancellationToken stop)
    {
        Report(BusState.Connecting, null);
        BusSession session;
        try
        {
            session = await BusSession.ConnectAsync(server, _options, _time, stop);
        }
        catch (BusException e)
        {
            return e;
        }
        catch (OperationCanceledException e)
        {
            return new BusException(BusErrorKind.Closed, "The bus was closed.", e);
        }

        using var abort = new CancellationTokenSource();
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = session.RunAsync(Dispatch, text => Log.ServerError(_logger, server, text), abort.Token);
        Attach(session);
        Log.Connected(_logger, server, session.Info.Version);
        var declaring = JetStream.DeclareAllAsync(abort.Token);

        await Task.WhenAny(running, Task.Delay(Timeout.InfiniteTimeSpan, _time, watch.Token));
        if (!running.IsCompleted) await DrainAsync(session);
        await watch.CancelAsync();
        await abort.CancelAsync();

        var reason = await running;
        await declaring;
        Detach(session, reason);
        session.Dispose();
        if (!stop.IsCancellationRequested) BusMetrics.SessionLost(reason.Kind);
        return reason;
    }

    private void Attach(BusSession session)
    {
        lock (_gate)
        {
            session.Output.Append(NatsWriter.Subscribe(_inbox + ".*", null, InboxId));
            foreach (var subscription in _subscriptions.Values)
                session.Output.Append(NatsWriter.Subscribe(subscription.Subject, subscription.QueueGroup, subscription.Id));
            foreach (var replies in _replyStreams.Values)
                session.Output.Append(NatsWriter.Subscribe(replies.Subject, null, replies.Id));
            foreach (var replies in Outstanding()) replies.Session ??= session;
            _pending.MaxPayload = session.Info.MaxPayload;
            _pending.MoveTo(session.Output);
            _session = session;
            _server = new BusServer(session.Server.ToString(), session.Info.ServerId);
        }

        Report(BusState.Connected, null);
    }

    private void Detach(BusSession session, BusException reason)
    {
        List<BusReplies> unanswered = [];
        lock (_gate)
        {
            _session = null;
            foreach (var replies in Outstanding())
                if (replies.Session == session)
                    unanswered.Add(replies);
        }

        foreach (var replies in unanswered)
            replies.Fail(new BusException(BusErrorKind.Disconnected, "The connection was lost before the answer came.", reason));
    }

    /// <summary>Runs on the session's read loop: finds the receiver, never waits.</summary>
    private void Dispatch(NatsOp operation)
    {
        var headers = default(BusHeaders);
        var status = 0;
        var statusText = "";
        if (operation.HeaderLength > 0
            && !BusHeaders.TryParse(operation.Bytes.Span[..operation.HeaderLength], out headers, out status, out statusText))
        {
            BusMetrics.Dropped("malformed");
            return;
        }

        var message = new BusMessage(operation.Subject, operation.ReplyTo, operation.Bytes[operation.HeaderLength..])
        {
            Headers = headers,
            Status = status,
            StatusText = statusText,
        };
        if (operation.SubscriptionId == InboxId)
        {
            if (_replies.TryGetValue(message.Subject, out var replies)) replies.Deliver(message);
        }
        else if (_subscriptions.TryGetValue(operation.SubscriptionId, out var subscription))
        {
            subscription.Deliver(message);
        }
        else if (_replyStreams.TryGetValue(operation.SubscriptionId, out var stream))
        {
            stream.Deliver(message);
        }
    }

    private IEnumerable<BusReplies> Outstanding() => _replies.Values.Concat<BusReplies>(_replyStreams.Values);

    private async Task DrainAsync(BusSession session)
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions.Values) session.Output.Append(NatsWriter.Unsubscribe(subscription.Id));
        }

        try
        {
            await session.PingPongAsync().WaitAsync(_options.DrainTimeout, _time);
        }
        catch (Exception e) when (e is TimeoutException or BusException)
        {
            Log.DrainFailed(_logger, e.Message);
        }
    }

    private void Close()
    {
        int lost;
        lock (_gate)
        {
            if (_state is BusState.Closed) return;
            _state = BusState.Closed;
            lost = _pending.Drop();
            if (_connected.Task.IsCompleted) _connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connected.TrySetException(new BusException(BusErrorKind.Closed, "The bus was closed."));
            _ = _connected.Task.Exception;   // nobody needs to wait for it
        }

        if (lost > 0) BusMetrics.Dropped("closed", lost);
        foreach (var subscription in _subscriptions.Values) subscription.Complete();
        foreach (var replies in Outstanding()) replies.Fail(new BusException(BusErrorKind.Closed, "The bus was closed."));
        StateChanged?.Invoke(BusState.Closed);
    }

    private void Report(BusState state, BusException? reason)
    {
        lock (_gate)
        {
            if (_state == state) return;
            if (state is BusState.Connected)
            {
                _lastError = null;
                _connected.TrySetResult();
            }
            else
            {
                _lastError = reason ?? _lastError;
                if (_connected.Task.IsCompleted) _connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            _state = state;
        }

        StateChanged?.Invoke(state);
    }

    private TimeSpan DelayAfter(int failures)
    {
        if (failures == 0) return TimeSpan.Zero;   // the first reconnect is immediate
        var doubled = _options.ReconnectDelayMin * Math.Pow(2, Math.Min(failures - 1, 20));
        var whole = doubled < _options.ReconnectDelayMax ? doubled : _options.ReconnectDelayMax;
        return whole * (0.5 + Random.Shared.NextDouble() / 2);
    }

    /// <summary>A server that is away for hours is one line in a while, not one line per attempt.</summary>
    private void LogNotConnected(BusException reason, TimeSpan delay)
    {
        var now = _time.GetTimestamp();
        if (reason.Message == _loggedReason && _time.GetElapsedTime(_loggedAt, now) < s_sameReasonInterval) return;

        _loggedReason = reason.Message;
        _loggedAt = now;
        Log.NotConnected(_logger, reason.Message, delay);
    }

    private static partial class Log
    {
        [LoggerMessage(6100, LogLevel.Information, "Bus: connected to {Server} (nats-server {Version})")]
        public static partial void Connected(ILogger logger, NatsServer server, string version);

        [LoggerMessage(6101, LogLevel.Warning, "Bus: not connected ({Reason}), next attempt in {Delay}")]
        public static partial void NotConnected(ILogger logger, string reason, TimeSpan delay);

        [LoggerMessage(6102, LogLevel.Warning, "Bus: {Server} says {Text}")]
        public static partial void ServerError(ILogger logger, NatsServer server, string text);

        [LoggerMessage(6103, LogLevel.Warning, "Bus: stopped without having sent everything ({Reason})")]
        public static partial void DrainFailed(ILogger logger, string reason);
    }
}
