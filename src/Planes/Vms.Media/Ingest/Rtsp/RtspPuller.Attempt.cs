using System.Net;
using System.Net.Sockets;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

internal sealed partial class RtspPuller
{
    private const int MaxAddresses = 4;     // of a name; more are not tried

    /// <summary>Connects, plays, and stays until it ends. Follows one redirect.</summary>
    private async Task<(PullEnd End, bool Played)> TryOnceAsync(RtspUrl url, bool redirected, CancellationToken cancellationToken)
    {
        UdpPortPair? udp = null;
        Socket? control = null;
        try
        {
            (control, var failure) = await ConnectAsync(url, cancellationToken);
            if (control is null)
                return (failure!, false);

            await WithHeartbeat(_playGate.WaitAsync(cancellationToken));
            using var place = new PlayGatePlace(_playGate);
            if (_transport == RtspTransport.Udp)
                udp = UdpPortPair.Open(((IPEndPoint)control.LocalEndPoint!).Address);

            using var session = new RtspMediaSession(Options(url, redirected, udp), control, udp, _video, _samples, _counters, _options);
            (control, udp) = (null, null);      // the session's now
            var run = _loop.RunAsync(session, cancellationToken);
            await Task.WhenAny(session.Playing, run);
            place.Dispose();
            if (await Task.WhenAny(session.FirstSample, run) == session.FirstSample)
            {
                Enter(PullStateKind.Online, PullReason.None, "", null);
                Log.Playing(_logger, _spec.CameraId, _spec.Stream, _transport);
            }

            await run;
            RefusedAnswers += session.RefusedAnswers;
            var end = session.End!;
            if (end is not { Kind: PullEndKind.Redirected, RedirectTo: { } target })
                return (end, session.HasPlayed);

            return await TryOnceAsync(target, redirected: true, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return (new(PullEndKind.Stopped, "Ended."), false);
        }
        catch (SocketException e)
        {
            return (new(PullEndKind.Unreachable, $"No socket for the camera: {e.SocketErrorCode}."), false);
        }
        finally
        {
            control?.Dispose();
            udp?.Dispose();
        }
    }

    /// <summary>Credentials go to the host they were entered for and to no other, whatever a redirect says.</summary>
    private RtspSessionOptions Options(RtspUrl url, bool redirected, UdpPortPair? udp)
    {
        bool sameHost = url.Host.Equals(_spec.Url.Host, StringComparison.OrdinalIgnoreCase);
        return new()
        {
            Url = url,
            Username = sameHost ? _spec.Username : null,
            Password = sameHost ? _spec.Password : null,
            Transport = _transport,
            ClientRtpPort = udp?.RtpPort ?? 0,
            RequestTimeout = _options.RequestTimeout,
            RedirectFollowed = redirected,
        };
    }

    private async Task<(Socket? Socket, PullEnd? Failure)> ConnectAsync(RtspUrl url, CancellationToken cancellationToken)
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

        PullEnd? failure = null;
        foreach (var address in addresses.Take(MaxAddresses))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var connected = _loop.ConnectAsync(socket, new IPEndPoint(address, url.Port), _options.ConnectTimeout, cancellationToken);
            await WithHeartbeat(connected);
            var error = await connected;
            if (error == SocketError.Success)
                return (socket, null);

            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            failure = error == SocketError.TimedOut
                ? new(PullEndKind.Timeout, $"{address} port {url.Port} does not answer.")
                : new(PullEndKind.Unreachable, $"{address} port {url.Port} cannot be reached ({error}).");
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
