using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Vms.Media.Egress.Mse;

/// <summary>Where a viewer's frames go. One write at a time.</summary>
internal abstract class MseOutput
{
    /// <summary>Straight into the socket where nothing (TLS) has to happen to the bytes in between: one system call per frame
    /// instead of two copies and a change of thread.</summary>
    /// <param name="transport">The upgraded connection. The server writes nothing of its own there any more: the viewer has
    /// answered since, so the head of the response is out.</param>
    public static MseOutput For(HttpContext context, Stream transport) =>
        context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && !context.Request.IsHttps
            ? new SocketOutput(socket)
            : new StreamOutput(transport);

    /// <summary>Completes at once when everything could be handed over.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> frame);

    private sealed class StreamOutput(Stream stream) : MseOutput
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> frame)
        {
            await stream.WriteAsync(frame);
            await stream.FlushAsync();
        }
    }

    private sealed class SocketOutput : MseOutput
    {
        private readonly Socket _socket;

        public SocketOutput(Socket socket)
        {
            _socket = socket;
            _socket.Blocking = false;       // for the synchronous sends below; the server uses asynchronous calls only
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> frame)
        {
            int sent = _socket.Send(frame.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success && sent == frame.Length)
                return ValueTask.CompletedTask;
            if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.IOPending))
                return ValueTask.FromException(new IOException($"Sending to an MSE viewer failed: {error}"));
            return SendRestAsync(frame[Math.Max(0, sent)..]);
        }

        private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest)
        {
            while (!rest.IsEmpty)
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
        }
    }
}
