using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

internal sealed partial class RtspPuller
{
    private const int MaxAddresses = 4;     // of a name; more are not tried
    private const int MaxNamed = 6;         // tracks that are not pulled; an operator reads it
    private const int HttpPort = 80;        // of a tunnel whose URL names no other port
    private const int HttpsPort = 443;

    /// <summary>Connects, plays, and stays until it ends. Follows one redirect, with the first connection closed.</summary>
    private async Task<(PullEnd End, bool Played)> TryOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var tried = await PlayAsync(_spec.Url, redirected: false, cancellationToken);
            return tried.End is { Kind: PullEndKind.Redirected, RedirectTo: { } target }
                ? await PlayAsync(target, redirected: true, cancellationToken)
                : tried;
        }
        catch (OperationCanceledException)
        {
            return (new(PullEndKind.Stopped, "Ended."), false);
        }
        catch (SocketException e)
        {
            return (new(PullEndKind.Unreachable, $"No socket for the camera: {e.SocketErrorCode}."), false);
        }
        catch (Exception e)
        {
            // Whatever it is, this camera is tried again: nobody else starts its pulling anew.
            return (new(PullEndKind.Internal, $"The camera could not be pulled: {e.Message}") { Error = e }, false);
        }
    }

    private async Task<(PullEnd End, bool Played)> PlayAsync(RtspUrl url, bool redirected, CancellationToken cancellationToken)
    {
        ControlConnection? control = null;
        try
        {
            (control, var failure) = await OpenAsync(url, cancellationToken);
            if (control is null)
                return (failure!, false);

            await WithHeartbeat(_playGate.WaitAsync(cancellationToken));
            using var place = new PlayGatePlace(_playGate);
            using var session = new RtspMediaSession(Options(url, redirected), control, _tracks, _samples, _counters, _options);
            control = null;         // the session's now
            using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var run = (url.IsSecure ? _loop.ForTls : _loop).RunAsync(session, life.Token);
            try
            {
                await Task.WhenAny(session.Playing, run);
                place.Dispose();
                if (await Task.WhenAny(session.FirstSample, run) == session.FirstSample)
                {
                    Enter(PullStateKind.Online, PullReason.None, LeftOut(session), null);
                    Log.Playing(_logger, _spec.CameraId, _spec.Stream, _transport);
                }

                await run;
            }
            finally
            {
                // Whatever happened here: the loop lets go of the session before it is disposed and another one begins.
                await life.CancelAsync();
                await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            RefusedAnswers += session.RefusedAnswers;
            return (session.End!, session.HasPlayed);
        }
        finally
        {
            control?.Dispose();
        }
    }

    /// <summary>What the operator reads at a stream that plays.</summary>
    private static string LeftOut(RtspMediaSession session) =>
        session.LeftOut.Count == 0 ? "" : $"Not pulled: {string.Join(", ", session.LeftOut.Take(MaxNamed))}.";

    /// <summary>Credentials go to the host they were entered for and to no other, whatever a redirect says, and not out of TLS.</summary>
    private RtspSessionOptions Options(RtspUrl url, bool redirected)
    {
        bool sameHost = url.Host.Equals(_spec.Url.Host, StringComparison.OrdinalIgnoreCase) && (url.IsSecure || !_spec.Url.IsSecure);
        return new()
        {
            Url = url,
            Username = sameHost ? _spec.Username : null,
            Password = sameHost ? _spec.Password : null,
            Transport = TransportOf(url),
            IsSecure = url.IsSecure,
            AllowBasicInClear = _spec.AllowBasicInClear,
            VideoEncodings = VideoFormats.Encodings,
            AlsoPulled = TrackFormat.IsSupported,
            RequestTimeout = _options.RequestTimeout,
            RedirectFollowed = redirected,
        };
    }

    /// <summary>In TLS the packets come on the connection, too: outside of it they would be for everybody.</summary>
    private RtspTransport TransportOf(RtspUrl url) =>
        url.IsSecure && _transport is RtspTransport.Udp or RtspTransport.Multicast ? RtspTransport.Tcp : _transport;

    /// <summary>Everything that must stand before the first request.</summary>
    private async Task<(ControlConnection? Connection, PullEnd? Failure)> OpenAsync(RtspUrl url, CancellationToken cancellationToken)
    {
        bool tunnel = _transport == RtspTransport.Http;
        int port = !tunnel ? url.Port
            : url.IsSecure ? (url.Port == RtspUrl.DefaultSecurePort ? HttpsPort : url.Port)
            : url.Port == RtspUrl.DefaultPort ? HttpPort : url.Port;
        ControlConnection? upstream = null;
        if (tunnel)
        {
            (upstream, var failure) = await OpenOneAsync(url, port, null, cancellationToken);
            if (upstream is null)
                return (null, failure);
        }

        ControlConnection? down = null;
        try
        {
            (down, var why) = await OpenOneAsync(url, port, upstream, cancellationToken);
            return (down, why);
        }
        finally
        {
            if (down is null)
                upstream?.Dispose();
        }
    }

    private async Task<(ControlConnection? Connection, PullEnd? Failure)> OpenOneAsync(
        RtspUrl url, int port, ControlConnection? upstream, CancellationToken cancellationToken)
    {
        var (socket, failure) = await ConnectAsync(url, port, cancellationToken);
        if (socket is null)
            return (null, failure);
        if (!url.IsSecure)
            return (Connection(socket, null, upstream), null);

        var secure = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: false);
        try
        {
            using var limit = new CancellationTokenSource(_options.ConnectTimeout, _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await WithHeartbeat(secure.AuthenticateAsClientAsync(TlsOptions(url), both.Token));
            return (Connection(socket, secure, upstream), null);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            await secure.DisposeAsync();
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return (null, e is OperationCanceledException
                ? new(PullEndKind.Timeout, $"{url.Host} port {port} does not finish the TLS handshake.")
                : new(PullEndKind.TlsRefused, _spec.CertificateSha256 is null
                    ? $"No TLS with {url.Host} port {port}: {e.Message}"
                    : $"No TLS with {url.Host} port {port}, or another certificate than the pinned one."));
        }
    }

    /// <summary>The socket is its from then on, or closed: a camera may have reset it by now, and then it has no address.</summary>
    private static ControlConnection Connection(Socket socket, SslStream? secure, ControlConnection? upstream)
    {
        try
        {
            return new ControlConnection(socket, secure, upstream);
        }
        catch
        {
            secure?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Cameras sign their own certificates: without a pinned one any is taken, which keeps listeners out and no impostor.</summary>
    private SslClientAuthenticationOptions TlsOptions(RtspUrl url) => new()
    {
        TargetHost = url.Host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null
            && (_spec.CertificateSha256 is not { } pinned || pinned.Span.SequenceEqual(certificate.GetCertHash(HashAlgorithmName.SHA256))),
    };

    private async Task<(Socket? Socket, PullEnd? Failure)> ConnectAsync(RtspUrl url, int port, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            using var limit = new CancellationTokenSource(_options.ConnectTimeout, _clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            addresses = await Dns.GetHostAddressesAsync(url.Host, both.Token);
        }
        catch (SocketException e)
        {
            return (null, new(PullEndKind.Unreachable, $"The name {url.Host} cannot be resolved ({e.SocketErrorCode})."));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, new(PullEndKind.Unreachable, $"The name {url.Host} cannot be resolved in time."));
        }
        catch (ArgumentException)
        {
            return (null, new(PullEndKind.Unreachable, $"{url.Host} is no address of a camera."));     // 0.0.0.0, ::, a name of 300 characters
        }

        PullEnd? failure = null;
        foreach (var address in addresses.Take(MaxAddresses))
        {
            if (_options.Addresses?.Refusal(address, port) is { } refusal)
            {
                failure = new(PullEndKind.Unreachable, refusal + ".");
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var connected = (url.IsSecure ? _loop.ForTls : _loop).ConnectAsync(socket, new IPEndPoint(address, port), _options.ConnectTimeout, cancellationToken);
            await WithHeartbeat(connected);
            var error = await connected;
            if (error == SocketError.Success)
                return (socket, null);

            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            failure = error == SocketError.TimedOut
                ? new(PullEndKind.Timeout, $"{address} port {port} does not answer.")
                : new(PullEndKind.Unreachable, $"{address} port {port} cannot be reached ({error}).");
        }

        return (null, failure ?? new(PullEndKind.Unreachable, $"The name {url.Host} has no address."));
    }

    /// <summary>A place between DESCRIBE and PLAY. May be given back early.</summary>
    private sealed class PlayGatePlace(SemaphoreSlim gate) : IDisposable
    {
        private SemaphoreSlim? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Release();
    }
}
