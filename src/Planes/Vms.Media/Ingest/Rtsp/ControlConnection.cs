using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>The connection that carries RTSP to a camera: plain or in TLS, and with a second one beside it for the way up when it is
/// tunnelled over HTTP. Owns its sockets; one caller at a time.</summary>
internal sealed class ControlConnection : IDisposable
{
    private const int MaxWaiting = 64;      // requests that TLS has not taken yet

    private readonly Channel<byte[]>? _waiting;
    private readonly ControlConnection? _upstream;

    /// <param name="socket">Connected.</param>
    /// <param name="secure">TLS on it, after its handshake; null: plain.</param>
    /// <param name="upstream">HTTP tunnel: what requests are sent on.</param>
    public ControlConnection(Socket socket, SslStream? secure, ControlConnection? upstream)
    {
        Socket = socket;
        Secure = secure;
        _upstream = upstream;
        Peer = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        Local = ((IPEndPoint)socket.LocalEndPoint!).Address;
        if (secure is not null)
            _waiting = Channel.CreateBounded<byte[]>(MaxWaiting);
    }

    public Socket Socket { get; }

    public SslStream? Secure { get; }

    public bool IsTunnel => _upstream is not null;

    public IPAddress Peer { get; }

    public IPAddress Local { get; }

    /// <summary>Never waits. What does not fit at once is an error: requests are small.</summary>
    public SocketError Send(ReadOnlySpan<byte> bytes)
    {
        if (_waiting is not null)
            return _waiting.Writer.TryWrite(bytes.ToArray()) ? SocketError.Success : SocketError.WouldBlock;

        int sent = Socket.Send(bytes, SocketFlags.None, out var error);
        return error != SocketError.Success ? error : sent < bytes.Length ? SocketError.WouldBlock : SocketError.Success;
    }

    /// <summary>As <see cref="Send"/>, on the tunnel's way up.</summary>
    public SocketError SendUpstream(ReadOnlySpan<byte> bytes) => _upstream!.Send(bytes);

    /// <summary>TLS: writes what was sent, until the token ends it or the camera takes no more.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var upstream = _upstream?.WriteAsync(cancellationToken) ?? Task.CompletedTask;
        try
        {
            if (_waiting is not null)
            {
                await foreach (byte[] bytes in _waiting.Reader.ReadAllAsync(cancellationToken))
                    await Secure!.WriteAsync(bytes, cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The reading side says how it ended.
        }

        await upstream;
    }

    public void Dispose()
    {
        Secure?.Dispose();
        Socket.Dispose();
        _upstream?.Dispose();
    }
}
