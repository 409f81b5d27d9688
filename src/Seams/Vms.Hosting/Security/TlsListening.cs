using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Vms.Hosting;

/// <summary>TLS on Kestrel's ports: a port in TLS alone, and ports that speak both, where the first byte says which.</summary>
internal static class TlsListening
{
    /// <summary>RFC 8446 §5.1: content type handshake. No HTTP method begins with it.</summary>
    public const byte HandshakeRecord = 0x16;

    private static readonly TimeSpan s_handshakePatience = TimeSpan.FromSeconds(10);

    private static readonly object s_untilHandshake = new();

    /// <summary>Everything on this port is in TLS.</summary>
    /// <remarks>Kestrel's handshake runs out its patience while the server stops: until there is a request, nothing is lost by hanging up.</remarks>
    public static void UseTls(this ListenOptions listen, ServerCertificate certificate, SslProtocols versions)
    {
        listen.Use(next => async connection =>
        {
            await using var registration = CloseRequested(connection).UnsafeRegister(static state => ((ConnectionContext)state!).Abort(), connection);
            connection.Items[s_untilHandshake] = registration;
            await next(connection);
        });
        listen.UseHttps(Handshake(certificate, versions));
        listen.Use(next => async connection =>
        {
            await ((CancellationTokenRegistration)connection.Items[s_untilHandshake]!).DisposeAsync();
            await next(connection);
        });
    }

    /// <summary>Browsers come in TLS when their page did, other programs as they like: one port, because its number stands in firewalls and
    /// players. What is plain costs one look at bytes that are there.</summary>
    public static void UseTlsOrPlain(this ListenOptions listen, ServerCertificate certificate, SslProtocols versions, TimeProvider time)
    {
        var services = listen.ApplicationServices;
        listen.Use(plain =>
        {
            var secure = Secure(services, certificate, versions, plain);
            var patience = listen.KestrelServerOptions.Limits.KeepAliveTimeout;
            return async connection =>
            {
                if (await FirstByteAsync(connection, patience, time) is { } first)
                    await (first == HandshakeRecord ? secure : plain)(connection);
            };
        });
    }

    /// <summary>Kestrel's own TLS in front of <paramref name="next"/>. Made on options that nobody listens on: on the port's own it would make the
    /// whole port one in TLS.</summary>
    private static ConnectionDelegate Secure(IServiceProvider services, ServerCertificate certificate, SslProtocols versions, ConnectionDelegate next)
    {
        ConnectionDelegate? secure = null;
        new KestrelServerOptions { ApplicationServices = services }.Listen(IPAddress.Loopback, 0, aside =>
        {
            aside.UseTls(certificate, versions);
            aside.Run(connection => next(connection));
            secure = ((IConnectionBuilder)aside).Build();
        });
        return secure!;
    }

    /// <summary>The server stops, and asks its connections to end. Kestrel waits for each that does not.</summary>
    private static CancellationToken CloseRequested(ConnectionContext connection) =>
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;

    /// <returns>Null: it said nothing in time or before the server stopped, or hung up.</returns>
    private static async ValueTask<byte?> FirstByteAsync(ConnectionContext connection, TimeSpan patience, TimeProvider time)
    {
        var input = connection.Transport.Input;
        using var limit = new CancellationTokenSource(patience, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, CloseRequested(connection));
        try
        {
            var read = await input.ReadAsync(end.Token);
            byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
            input.AdvanceTo(read.Buffer.Start);     // looked at, not taken
            return first;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private static TlsHandshakeCallbackOptions Handshake(ServerCertificate certificate, SslProtocols versions) => new()
    {
        HandshakeTimeout = s_handshakePatience,
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Current,
            EnabledSslProtocols = versions,
            ApplicationProtocols = [SslApplicationProtocol.Http11],     // WebSockets and the forwarder upgrade connections
        }),
    };
}
