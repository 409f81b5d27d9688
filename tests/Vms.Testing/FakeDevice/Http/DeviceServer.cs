using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Vms.Testing.FakeDevice.Http;

/// <summary>The HTTP side of a device on a port of its own. Every request is written down; the gate decides who comes in.</summary>
public sealed class DeviceServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _silent;

    private DeviceServer(WebApplication app, X509Certificate2? certificate)
    {
        _app = app;
        Certificate = certificate;
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Its own, signed by nobody; null without TLS.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Path and query of every request, in their order.</summary>
    public ConcurrentQueue<string> Targets { get; } = new();

    /// <summary>Ends when the server does, for answers that go on.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Requests are read and not answered.</summary>
    public bool Silent { get => _silent; set => _silent = value; }

    /// <param name="server">The Server header; null: none.</param>
    /// <param name="answer">Of those that are let in.</param>
    public static async Task<DeviceServer> StartAsync(DeviceGate gate, string? server, Func<HttpContext, Task> answer, bool tls = false)
    {
        var certificate = tls ? NewCertificate() : null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
        });
        var device = new DeviceServer(builder.Build(), certificate);
        device._app.Run(async context =>
        {
            device.Targets.Enqueue(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
            if (server is not null)
                context.Response.Headers.Server = server;
            if (device.Silent)
                await WaitAsync(context.RequestAborted, device.Stopping);
            else if (gate.Admit(context))
                await answer(context);
        });
        await device._app.StartAsync();
        device.Address = new Uri(device._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return device;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        Certificate?.Dispose();
        _stopping.Dispose();
    }

    private static async Task WaitAsync(params CancellationToken[] ends)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ends);
        try
        {
            await Task.Delay(Timeout.Infinite, either.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
