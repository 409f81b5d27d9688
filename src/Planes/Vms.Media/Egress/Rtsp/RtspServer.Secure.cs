using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Vms.Hosting;

namespace Vms.Media.Egress.Rtsp;

/// <summary>RTSP in TLS (<c>rtsps://</c>): a port of its own; after the handshake a connection is as any other, without UDP.</summary>
internal sealed partial class RtspServer
{
    /// <summary>Handshakes at a time; one more ends the oldest: 64 connections that say nothing must not keep everybody out.</summary>
    private const int MaxHandshakes = 64;

    private static readonly TimeSpan s_handshakePatience = TimeSpan.FromSeconds(10);

    private readonly IPEndPoint? _secureBind;
    private readonly ServerCertificate? _certificate;
    private Socket? _secureListener;
    private readonly LinkedList<CancellationTokenSource> _handshakes = new();     // oldest first; its own lock

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
                    if (_connections.Count < _maxConnections)
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
        await Task.Yield();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(s_handshakePatience);
        var place = BeginHandshake(limit);
        var remote = socket.RemoteEndPoint?.ToString() ?? "";
        SslStream? secure = null;
        try
        {
            secure = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: false);
            await secure.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _certificate!.Current,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                },
                limit.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.NoTls(_logger, remote, e.Message);
            if (secure is not null)
                await secure.DisposeAsync();
            socket.Dispose();
            return;
        }
        finally
        {
            EndHandshake(place);
        }

        await ServeAsync(socket, secure);
    }

    private LinkedListNode<CancellationTokenSource> BeginHandshake(CancellationTokenSource limit)
    {
        lock (_handshakes)
        {
            if (_handshakes.Count >= MaxHandshakes)
            {
                // Not cancelled here: what is called back then would run in this lock.
                _handshakes.First!.Value.CancelAfter(TimeSpan.Zero);
                _handshakes.RemoveFirst();
            }

            return _handshakes.AddLast(limit);
        }
    }

    private void EndHandshake(LinkedListNode<CancellationTokenSource> place)
    {
        lock (_handshakes)
        {
            if (place.List is not null)
                _handshakes.Remove(place);
        }
    }
}
