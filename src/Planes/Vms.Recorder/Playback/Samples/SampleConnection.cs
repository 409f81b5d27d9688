using System.Net.WebSockets;
using System.Threading.Channels;
using Vms.Hosting;

namespace Vms.Recorder.Playback.Samples;

/// <summary>When a read has to end before it is through.</summary>
/// <param name="replaced">The client has asked for something else.</param>
/// <param name="token">That, or the connection ends.</param>
internal readonly struct ReadEnding(CancellationToken replaced, CancellationToken token)
{
    public bool IsReplaced => replaced.IsCancellationRequested;

    public CancellationToken Token => token;
}

/// <summary>
/// One WebSocket of a player: one loop takes its reads, one answers them, one after the other. A read that comes ends the one before it, wherever
/// that is. Ends when the client leaves, says something that is no read, has been idle for too long, or the recorder stops.
/// </summary>
internal sealed class SampleConnection : IDisposable
{
    /// <summary>Reads that were replaced before their turn came; each is still told so. Then nothing more is taken from the client.</summary>
    private const int MaxWaiting = 16;

    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(2);

    private static readonly Goodbye s_notUnderstood = new(WebSocketCloseStatus.PolicyViolation, "notUnderstood");
    private static readonly Goodbye s_idle = new(WebSocketCloseStatus.NormalClosure, "idle");
    private static readonly Goodbye s_revoked = new(WebSocketCloseStatus.PolicyViolation, TicketGate.RevokedCode);
    private static readonly Goodbye s_stopping = new(WebSocketCloseStatus.EndpointUnavailable, "stopping");

    private readonly WebSocket _socket;
    private readonly TimeSpan _idleLimit;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _ending = new();   // nothing more is answered
    private readonly CancellationTokenSource _gone;             // nothing more is sent
    private readonly Channel<WaitingRead> _reads = Channel.CreateBounded<WaitingRead>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true, SingleWriter = true });

    private volatile bool _isEnding;
    private Goodbye? _goodbye;

    /// <param name="aborted">The connection is gone.</param>
    public SampleConnection(WebSocket socket, TimeSpan idleLimit, TimeProvider time, CancellationToken aborted)
    {
        _socket = socket;
        _idleLimit = idleLimit;
        _idle = new CancellationTokenSource(idleLimit, time);
        _gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Messages = new SampleMessages(socket, IsAlive, _gone.Token);
    }

    /// <summary>To the client; for the answer that is being given.</summary>
    public SampleMessages Messages { get; }

    private sealed record Goodbye(WebSocketCloseStatus Status, string Reason);

    private readonly record struct WaitingRead(SampleRead Read, CancellationToken Replaced);

    /// <summary>Returns when the connection is over, however it ended.</summary>
    /// <param name="answer">Answers one read.</param>
    /// <param name="stopping">The recorder stops.</param>
    public async Task RunAsync(Func<SampleRead, ReadEnding, Task> answer, CancellationToken stopping)
    {
        await using var atStop = stopping.Register(() => End(s_stopping));
        await using var whenIdle = _idle.Token.Register(() => End(s_idle));
        await Task.WhenAll(TakeReadsAsync(), AnswerAsync(answer));
    }

    /// <summary>The right to it was taken away. Any thread.</summary>
    public void EndRevoked() => End(s_revoked);

    public void Dispose()
    {
        Messages.Dispose();
        _idle.Dispose();
        _ending.Dispose();
        _gone.Dispose();
    }

    /// <summary>The client has asked for something, or taken something.</summary>
    private void IsAlive() => _idle.CancelAfter(_idleLimit);

    /// <summary>The answer that is being given ends, and both sides have a moment to say goodbye. The first reason counts. Any thread.</summary>
    /// <param name="goodbye">Null: there is nobody to say it to.</param>
    private void End(Goodbye? goodbye)
    {
        if (Interlocked.Exchange(ref _isEnding, true)) return;
        _goodbye = goodbye;
        _gone.CancelAfter(s_closePatience);
        _reads.Writer.TryComplete();
        _ending.Cancel();
    }

    /// <summary>Goes on until the client has closed its side, too: what it has said and nobody has read would take our goodbye from it.</summary>
    private async Task TakeReadsAsync()
    {
        CancellationTokenSource? before = null;
        byte[] buffer = new byte[SampleRead.MaxBytes + 1];
        try
        {
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), _gone.Token);
                    length += part.Count;
                }
                while (!part.EndOfMessage && length < buffer.Length);

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    End(new Goodbye(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, _socket.CloseStatusDescription ?? ""));
                    return;
                }

                if (_isEnding) continue;
                IsAlive();
                if (part.MessageType != WebSocketMessageType.Text || length > SampleRead.MaxBytes || SampleRead.TryParse(buffer.AsSpan(0, length)) is not { } read)
                {
                    End(s_notUnderstood);
                    continue;
                }

                if (before is not null) await before.CancelAsync();
                before = new CancellationTokenSource();
                await _reads.Writer.WriteAsync(new WaitingRead(read, before.Token), _ending.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ChannelClosedException)
        {
            End(null);
        }
    }

    private async Task AnswerAsync(Func<SampleRead, ReadEnding, Task> answer)
    {
        try
        {
            await foreach (var (read, replaced) in _reads.Reader.ReadAllAsync(_ending.Token))
            {
                using var ending = CancellationTokenSource.CreateLinkedTokenSource(replaced, _ending.Token);
                await answer(read, new ReadEnding(replaced, ending.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // The connection ends.
        }
        finally
        {
            End(null);      // nobody is to wait for a client that gets no answers any more
        }

        if (_goodbye is not { } goodbye) return;
        try
        {
            await _socket.CloseOutputAsync(goodbye.Status, goodbye.Reason, _gone.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // It has left already.
        }
    }
}
