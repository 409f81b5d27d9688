using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Vms.Hosting;

namespace Vms.Media.Egress.Rtsp;

/// <summary>RTSP in TLS (<c>rtsps://</c>): a port of its own; after the handshake a connection is as any other, without UDP.</summary>
internal sealed partial class RtspServer
{
    /// <summary>Handshakes at a time; one more connection is closed.</summary>
    private const int MaxHandshakes = 64;

    private static readonly TimeSpan s_handshakePatience = TimeSpan.FromSeconds(10);

    private readonly IPEndPoint? _secureBind;
    private readonly ServerCertificate? _certificate;
    private Socket? _secureListener;
    private int _handshakes;

    /// <summary>Null until the port could be opened, or when there is none.</summary>
    public IPEndPoint? SecureEndPoint => (IPEndPoint?)_secureListener?.LocalEndPoint;

    private async Task AcceptSecureAsync(IPEndPoint bind)
    {
        try
        {
            while ((_secureListener = OpenListener(bind, "VMS_RTSPS_PORT")) is null)
                await Task.Delay(s_bindRetry, Time, _stop.Token);
            Log.ListeningSecure(_logger, SecureEndPoint!);
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    var socket = await _secureListener.AcceptAsync(_stop.Token);
                    if (_connections.Count + Volatile.Read(ref _handshakes) < _maxConnections && Volatile.Read(ref _handshakes) < MaxHandshakes)
                        _ = ServeSecureAsync(socket);
                    else
                        socket.Dispose();
                }
                catch (SocketException e)
                {
                    Log.AcceptFailed(_logger, e.SocketErrorCode);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), Time, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;     // stopped
        }
    }

    private async Task ServeSecureAsync(Socket socket)
    {
        Interlocked.Increment(ref _handshakes);
        SslStream? secure = null;
        try
        {
            secure = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(s_handshakePatience);
            await secure.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _certificate!.Current,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                },
                limit.Token);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Log.NoTls(_logger, socket.RemoteEndPoint?.ToString() ?? "", e.Message);
            if (secure is not null)
                await secure.DisposeAsync();
            socket.Dispose();
            return;
        }
        finally
        {
            Interlocked.Decrement(ref _handshakes);
        }

        await ServeAsync(socket, secure);
    }
}
