using Vms.Hosting;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mse;

/// <summary>A viewer's connection once the stream flows: the reading side, and how either side ends it. Any thread.</summary>
internal sealed class MseConnection : IDisposable
{
    private const int GoingAway = 1001;         // RFC 6455 §7.4.1
    private const int PolicyViolation = 1008;
    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(2);

    private readonly WebSocketReader _reader;
    private readonly CancellationTokenSource _ended;
    private readonly Lock _gate = new();
    private bool _disposed;
    private bool _closing;

    /// <param name="codecs">What the viewer can play, in its words.</param>
    /// <param name="aborted">The connection is gone.</param>
    public MseConnection(WebSocketReader reader, MseOutput output, LiveStream stream, string user, string codecs, DateTimeOffset openedAt, CancellationToken aborted)
    {
        _reader = reader;
        Stream = stream;
        Viewer = new MseViewer(output, user, openedAt, Abort) { Codecs = codecs };
        _ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    }

    public LiveStream Stream { get; }

    public MseViewer Viewer { get; }

    /// <summary>Tells the viewer that there will be no more, and leaves it a moment to answer.</summary>
    public void End() => End(GoingAway, "streamEnded");

    /// <summary>Its viewer may not see it any more.</summary>
    public void EndRevoked() => End(PolicyViolation, TicketGate.RevokedCode);

    private void End(int status, string reason)
    {
        lock (_gate)
        {
            if (_disposed || _closing)
                return;
            _closing = true;
            _ended.CancelAfter(s_closePatience);
        }

        Viewer.Reply(WebSocketOpcode.Close, WebSocketFrame.ClosePayload(status, reason));
    }

    /// <summary>Returns when the viewer has closed, has gone, or has been told to go.</summary>
    public async Task ReadUntilClosedAsync()
    {
        try
        {
            while (true)
            {
                var (opcode, payload) = await _reader.ReadAsync(_ended.Token);
                if (opcode == WebSocketOpcode.Ping)
                    Viewer.Reply(WebSocketOpcode.Pong, payload.Span);
                if (opcode != WebSocketOpcode.Close)
                    continue;
                if (!_closing)
                    Viewer.Reply(WebSocketOpcode.Close, payload.Span);     // the answer repeats the status, §5.5.1
                return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or WebSocketProtocolException)
        {
            // Gone, or told to go.
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _ended.Dispose();
        }
    }

    /// <summary>Nothing can be sent any more.</summary>
    private void Abort()
    {
        lock (_gate)
        {
            if (!_disposed)
                _ended.Cancel();
        }
    }
}
