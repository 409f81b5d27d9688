using System.Net.WebSockets;
using Vms.Media.Streams;

namespace Vms.Media.Egress.Mse;

/// <summary>A viewer's connection once the stream flows: the reading side, and how either side ends it. Any thread.</summary>
internal sealed class MseConnection(WebSocket socket, LiveStream stream, CancellationToken aborted) : IDisposable
{
    private const int BufferBytes = 1024;       // nothing is expected but a close
    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly Lock _gate = new();
    private bool _disposed;
    private bool _closing;

    public LiveStream Stream => stream;

    /// <summary>Tells the viewer that there will be no more, and leaves it a moment to answer.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_disposed || _closing)
                return;
            _closing = true;
            _ended.CancelAfter(s_closePatience);
        }

        _ = CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "streamEnded");
    }

    /// <summary>Nothing can be sent any more.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            if (!_disposed)
                _ended.Cancel();
        }
    }

    /// <summary>Returns when the viewer has closed, has gone, or has been told to go.</summary>
    public async Task ReadUntilClosedAsync()
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), _ended.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
            }

            if (socket.State == WebSocketState.CloseReceived)
                await CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
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

    private async Task CloseOutputAsync(WebSocketCloseStatus status, string? reason)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_closePatience);
            await socket.CloseOutputAsync(status, reason, patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It has left already.
        }
    }
}
