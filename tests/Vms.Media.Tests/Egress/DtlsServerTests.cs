using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Vms.Native.OpenSsl;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress;

/// <summary>The DTLS server against OpenSSL's own client program.</summary>
public sealed partial class DtlsServerTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", 7, 0)]
    [InlineData("SRTP_AES128_CM_SHA1_80", 1, 0)]
    [InlineData("SRTP_AEAD_AES_128_GCM", 7, 1)]
    public async Task Both_ends_export_the_same_keys(string clientProfiles, int expectedProfile, int flightsLost)
    {
        using var directory = new TestDirectory();
        var certificate = WriteIdentity(directory);
        using var context = new DtlsServerContext(TimeProvider.System);
        using var server = new DtlsServer(context);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        await using var client = await ChildProcess.StartAsync("openssl",
        [
            "s_client", "-dtls1_2", "-connect", $"127.0.0.1:{port}", "-use_srtp", clientProfiles, "-ign_eof",
            "-cert", directory["c.crt"], "-key", directory["c.key"], "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", "60",
        ]);

        await HandshakeAsync(server, socket, flightsLost);
        Assert.Equal(expectedProfile, server.SrtpProfile());
        Assert.Equal(certificate, server.PeerCertificate());
        var keys = new byte[60];
        server.ExportSrtpKeys(keys);
        await client.WaitForOutputAsync(text => KeyingMaterial().IsMatch(text), s_deadline);
        Assert.Equal(Convert.ToHexString(keys), KeyingMaterial().Match(client.Output).Groups[1].Value);

        server.Close();
        Assert.True(server.TryTake(out _));     // close_notify
    }

    [Fact]
    public async Task A_peer_without_a_certificate_is_refused()
    {
        using var context = new DtlsServerContext(TimeProvider.System);
        using var server = new DtlsServer(context);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        await using var client = await ChildProcess.StartAsync(
            "openssl", ["s_client", "-dtls1_2", "-connect", $"127.0.0.1:{port}", "-use_srtp", "SRTP_AEAD_AES_128_GCM", "-ign_eof"]);

        await HandshakeAsync(server, socket, flightsLost: 0, until: DtlsState.Failed);
        Assert.Contains("certificate", server.Failure, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Noise_neither_throws_nor_ends_the_handshake()
    {
        using var context = new DtlsServerContext(TimeProvider.System);
        using var server = new DtlsServer(context);
        var random = new Random(2);
        for (int i = 0; i < 2000; i++)
        {
            var noise = new byte[random.Next(1, 300)];
            random.NextBytes(noise);
            server.Receive(noise);
        }

        Assert.Equal(DtlsState.Handshaking, server.State);
    }

    [Fact]
    public void The_certificate_says_little_and_lasts()
    {
        using var context = new DtlsServerContext(TimeProvider.System);
        using var certificate = X509CertificateLoader.LoadCertificate(context.CertificateDer.Span);
        Assert.Equal("CN=vms", certificate.Subject);
        Assert.True(certificate.NotAfter > TimeProvider.System.GetUtcNow().AddDays(300));
        Assert.StartsWith("OpenSSL 3", DtlsServerContext.Version(), StringComparison.Ordinal);
    }

    private static async Task HandshakeAsync(DtlsServer server, Socket socket, int flightsLost, DtlsState until = DtlsState.Connected)
    {
        var buffer = new byte[2048];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        EndPoint? peer = null;
        using var deadline = new CancellationTokenSource(s_deadline);
        while (server.State != until)
        {
            // Our own timer first: a lost flight of ours comes again after a second.
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
            timeout.CancelAfter(server.NextTimeout() ?? TimeSpan.FromSeconds(1));
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, timeout.Token);
                peer = received.RemoteEndPoint;
                server.Receive(buffer.AsSpan(0, received.ReceivedBytes));
            }
            catch (OperationCanceledException) when (!deadline.IsCancellationRequested)
            {
                server.HandleTimeout();
            }

            bool lose = flightsLost > 0;
            bool any = false;
            while (server.TryTake(out var datagram))
            {
                any = true;
                Assert.InRange(datagram.Length, 1, DtlsServer.Mtu);
                if (!lose)
                    socket.SendTo(datagram, peer!);
            }

            flightsLost -= any && lose ? 1 : 0;
        }
    }

    private static byte[] WriteIdentity(TestDirectory directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(directory["c.crt"], certificate.ExportCertificatePem());
        File.WriteAllText(directory["c.key"], key.ExportPkcs8PrivateKeyPem());
        return certificate.RawData;
    }

    [GeneratedRegex("Keying material: ([0-9A-F]+)")]
    private static partial Regex KeyingMaterial();
}
