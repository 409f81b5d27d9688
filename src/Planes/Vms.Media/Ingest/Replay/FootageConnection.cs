using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Replay;

/// <summary>Connects to a device for a fetch. One at a time per device and not by the hundred as cameras are pulled: ordinary asynchronous sockets do.</summary>
internal static class FootageConnection
{
    private const int MaxAddresses = 4;     // of a name; more are not tried

    /// <returns>The connection, in TLS for rtsps. Owned by the caller, and the socket with it.</returns>
    /// <exception cref="FootageFetchException">There is none.</exception>
    /// <param name="pinned">TLS: SHA-256 of the only certificate that is taken; null: any.</param>
    public static async Task<Stream> OpenAsync(RtspUrl url, ReadOnlyMemory<byte>? pinned, IngestOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var connection = new NetworkStream(await ConnectAsync(url, options, both.Token), ownsSocket: true);
            return url.IsSecure ? await SecureAsync(connection, url, pinned, both.Token) : connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FootageFetchException(FootageFetchException.Timeout, $"{url.Host} port {url.Port} does not answer.");
        }
        catch (SocketException e)
        {
            throw new FootageFetchException(FootageFetchException.Unreachable, $"{url.Host} port {url.Port} cannot be reached ({e.SocketErrorCode}).");
        }
    }

    private static async Task<Socket> ConnectAsync(RtspUrl url, IngestOptions options, CancellationToken cancellationToken)
    {
        var failure = new FootageFetchException(FootageFetchException.Unreachable, $"The name {url.Host} has no address.");
        foreach (var address in (await Dns.GetHostAddressesAsync(url.Host, cancellationToken)).Take(MaxAddresses))
        {
            if (options.Addresses?.Refusal(address, url.Port) is { } refusal)
            {
                failure = new(FootageFetchException.Unreachable, refusal + ".");
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, url.Port), cancellationToken);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                failure = new(FootageFetchException.Unreachable, $"{address} port {url.Port} cannot be reached ({e.SocketErrorCode}).");
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure;
    }

    /// <summary>Devices sign their own certificates: without a pinned one any is taken, as where cameras are pulled.</summary>
    private static async Task<Stream> SecureAsync(Stream connection, RtspUrl url, ReadOnlyMemory<byte>? pinned, CancellationToken cancellationToken)
    {
        var secure = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = url.Host,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null
                        && (pinned is not { } only || only.Span.SequenceEqual(certificate.GetCertHash(HashAlgorithmName.SHA256))),
                },
                cancellationToken);
            return secure;
        }
        catch (Exception e)
        {
            await secure.DisposeAsync();
            if (e is AuthenticationException or IOException)
                throw new FootageFetchException(FootageFetchException.BadCertificate, pinned is null
                    ? $"No TLS with {url.Host} port {url.Port}: {e.Message}"
                    : $"No TLS with {url.Host} port {url.Port}, or another certificate than the pinned one.");
            throw;
        }
    }
}
