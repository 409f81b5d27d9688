using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Vms.Bus.Wire;

namespace Vms.Bus;

/// <summary>
/// The process's connection to NATS. <see cref="RunAsync"/> keeps one session alive: connects, subscribes again, sends what
/// waited; everything else may be called by any thread, before the first connection and between connections too.
/// </summary>
/// <remarks>
/// Core publishes are sent at most once: what was handed to a connection that dies is lost. JetStream publishes are repeated
/// until acknowledged. Ceilings are in <see cref="BusOptions"/>. No lock is held while foreign code runs.
/// </remarks>
public sealed partial class BusConnection : IAsyncDisposable
{
    /// <summary>Requests waiting for an answer; more fail with ResourceExhausted.</summary>
    private const int MaxOutstandingRequests = 16_384;

    private readonly BusOptions _options;
    private readonly ILogger<BusConnection> _logger;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<NatsServer> _servers;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ConcurrentDictionary<long, BusSubscription> _subscriptions = new();
    private readonly ConcurrentDictionary<string, SingleReply> _replies = new();      // by reply subject
    private readonly ConcurrentDictionary<long, ReplyStream> _replyStreams = new();   // by subscription
    private readonly string _inbox = "_INBOX." + Guid.NewGuid().ToString("N");

    // Guards what follows, and the order of "subscribe" against "publish" on a session.
    private readonly Lock _gate = new();
    private readonly PendingPublishes _pending;
    private BusSession? _session;
    private BusServer? _server;
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BusState _state;
    private BusException? _lastError;
    private long _lastId;
    private bool _started;

    /// <exception cref="ArgumentException">The URL is not one.</exception>
    public BusConnection(BusOptions options, ILogger<BusConnection> logger, TimeProvider time)
    {
        _options = options;
        _logger = logger;
        _time = time;
        _servers = NatsServer.ParseList(options.Url);
        _pending = new PendingPublishes(options.PendingBytesMax);
        JetStream = new JetStream(this, options, logger, time);
    }

    /// <summary>Raised after the state changed, by the connection's own loop: return quickly.</summary>
    public event Action<BusState>? StateChanged;

    public BusState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    /// <summary>Why the bus is not connected; null while it is.</summary>
    public BusException? LastError
    {
        get
        {
            lock (_gate) return _lastError;
        }
    }

    /// <summary>The server that it is connected to, or was last; null: none yet.</summary>
    public BusServer? Server
    {
        get
        {
            lock (_gate) return _server;
        }
    }

    public JetStream JetStream { get; }

    /// <summary>Completes at once while connected.</summary>
    /// <exception cref="BusException">Closed.</exception>
    public Task WaitUntilConnectedAsync(CancellationToken cancellationToken)
    {
        Task connected;
        lock (_gate) connected = _connected.Task;
        return connected.WaitAsync(cancellationToken);
    }

    /// <summary>Sends a message to whoever listens now. While disconnected it waits in a bounded buffer.</summary>
    /// <exception cref="BusException">ResourceExhausted: the buffer is full. TooLarge. Closed.</exception>
    public ValueTask PublishAsync(
        string subject, ReadOnlyMemory<byte> payload, BusHeaders? headers, string? replyTo, CancellationToken cancellationToken)
    {
        BusSubject.CheckForPublish(subject);
        if (replyTo is not null) BusSubject.CheckForPublish(replyTo);

        return PublishCheckedAsync(subject, payload, headers?.ToBlock(), replyTo, null, cancellationToken);
    }

    /// <summary>Sends a message and waits for one answer.</summary>
    /// <exception cref="BusException">Timeout, NoResponders, Disconnected, or as <see cref="PublishAsync"/>.</exception>
    public async Task<BusMessage> RequestAsync(
        string subject, ReadOnlyMemory<byte> payload, BusHeaders? headers, TimeSpan timeout, CancellationToken cancellationToken)
    {
        BusSubject.CheckForPublish(subject);
        var reply = AddReply();
        try
        {
            await PublishCheckedAsync(subject, payload, headers?.ToBlock(), reply.Subject, reply, cancellationToken);
            var answer = await reply.Answer.WaitAsync(timeout, _time, cancellationToken);
            return answer.Status == 503 ? throw new BusException(BusErrorKind.NoResponders, $"Nobody answers on '{subject}'.") : answer;
        }
        catch (TimeoutException e)
        {
            throw new BusException(BusErrorKind.Timeout, $"No answer on '{subject}' in {timeout}.", e);
        }
        finally
        {
            _replies.TryRemove(reply.Subject, out _);
        }
    }

    /// <summary>Subscribes now and after every reconnect, until disposed. The caller owns it.</summary>
    public BusSubscription Subscribe(string subject, string? queueGroup)
    {
        BusSubject.Check(subject);
        if (queueGroup is not null) BusSubject.Check(queueGroup);

        lock (_gate)
        {
            ThrowIfClosed();
            var subscription = new BusSubscription(this, ++_lastId, subject, queueGroup, _options);
            _subscriptions[subscription.Id] = subscription;
            _session?.Output.Append(NatsWriter.Subscribe(subject, queueGroup, subscription.Id));
            return subscription;
        }
    }

    /// <summary>Completes when the server has seen everything that was published before.</summary>
    /// <exception cref="BusException">Disconnected, or lost meanwhile.</exception>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _session is { } session
                ? session.PingPongAsync().WaitAsync(cancellationToken)
                : Task.FromException(new BusException(BusErrorKind.Disconnected, "The bus is not connected."));
        }
    }

    /// <summary>Ends <see cref="RunAsync"/> in order and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        bool started;
        lock (_gate) started = _started;
        if (started) await _stopped.Task;
        else Close();
        _stop.Dispose();
    }

    /// <summary>Prepares for the answers of a pull request. The caller closes it with <see cref="CloseReplies"/>.</summary>
    internal ReplyStream OpenReplies(int capacity)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            ThrowIfTooMany();
            var id = ++_lastId;
            var replies = new ReplyStream(id, $"{_inbox}.pull.{id:x}", capacity);
            _replyStreams[id] = replies;
            _session?.Output.Append(NatsWriter.Subscribe(replies.Subject, null, id));
            return replies;
        }
    }

    internal void CloseReplies(ReplyStream replies)
    {
        lock (_gate)
        {
            if (_replyStreams.TryRemove(replies.Id, out _)) _session?.Output.Append(NatsWriter.Unsubscribe(replies.Id));
        }
    }

    /// <summary>Publishes a request whose answers go to <paramref name="replies"/>.</summary>
    internal ValueTask PublishRequestAsync(
        string subject, ReadOnlyMemory<byte> payload, ReplyStream replies, CancellationToken cancellationToken) =>
        PublishCheckedAsync(subject, payload, null, replies.Subject, replies, cancellationToken);

    internal void Unsubscribe(BusSubscription subscription)
    {
        lock (_gate)
        {
            if (_subscriptions.TryRemove(subscription.Id, out _)) _session?.Output.Append(NatsWriter.Unsubscribe(subscription.Id));
        }
    }

    private SingleReply AddReply()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            ThrowIfTooMany();
            var reply = new SingleReply($"{_inbox}.{++_lastId:x}");
            _replies[reply.Subject] = reply;
            return reply;
        }
    }

    private async ValueTask PublishCheckedAsync(
        string subject, ReadOnlyMemory<byte> payload, byte[]? headers, string? replyTo, BusReplies? replies,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task room;
            lock (_gate)
            {
                ThrowIfClosed();
                CheckSize(payload.Length + (headers?.Length ?? 0));
                if (_session is not { } session || session.Output.IsClosed)
                {
                    _pending.Add(subject, replyTo, headers, payload.Span);
                    return;
                }

                if (session.Output.TryPublish(subject, replyTo, headers, payload.Span))
                {
                    if (replies is not null) replies.Session = session;
                    return;
                }

                room = session.Output.RoomAsync();
            }

            await room.WaitAsync(cancellationToken);   // back-pressure; a dying session ends it too
        }
    }

    private void CheckSize(int bytes)
    {
        var ceiling = _session?.Info.MaxPayload ?? _pending.MaxPayload;
        if (bytes > ceiling) throw new BusException(BusErrorKind.TooLarge, $"A message of {bytes} bytes is larger than {ceiling}.");
    }

    private void ThrowIfTooMany()
    {
        if (_replies.Count + _replyStreams.Count >= MaxOutstandingRequests)
            throw new BusException(BusErrorKind.ResourceExhausted, $"{MaxOutstandingRequests} requests are waiting for an answer.");
    }

    private void ThrowIfClosed()
    {
        if (_state is BusState.Closed) throw new BusException(BusErrorKind.Closed, "The bus was closed.");
    }
}
