using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
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

    /// <summary>Everything on this port is in TLS.</summary>
    public static void UseTls(this ListenOptions listen, ServerCertificate certificate, SslProtocols versions) =>
        listen.UseHttps(Handshake(certificate, versions));

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

    /// <returns>Null: it said nothing in time, or hung up.</returns>
    private static async ValueTask<byte?> FirstByteAsync(ConnectionContext connection, TimeSpan patience, TimeProvider time)
    {
        var input = connection.Transport.Input;
        using var limit = new CancellationTokenSource(patience, time);
        try
        {
            var read = await input.ReadAsync(limit.Token);
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
