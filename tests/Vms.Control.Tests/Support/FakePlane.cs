using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Vms.Hosting;

namespace Vms.Control.Tests.Support;

/// <summary>A plane's two local sockets with whatever a test maps on them: real gRPC, real HTTP.</summary>
internal class FakePlane(PlaneOptions options, string name) : IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>This life of the plane, as its lists tell.</summary>
    public string Instance { get; private set; } = "";

    /// <summary>As if it had been killed and was back before anybody asked.</summary>
    public void StartAnew() => Instance = Guid.NewGuid().ToString("N");

    /// <summary>Starts listening; again after <see cref="StopAsync"/> is a restart of the plane.</summary>
    public async Task StartAsync()
    {
        StartAnew();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var (purpose, protocol) in new[] { ("rpc", HttpProtocols.Http2), ("http", HttpProtocols.Http1) })
            {
                File.Delete(options.SocketOf(name, purpose));
                kestrel.ListenUnixSocket(options.SocketOf(name, purpose), l => l.Protocols = protocol);
            }
        });
        _app = builder.Build();
        _app.UseWebSockets();
        Map(_app);
        await _app.StartAsync();
    }

    /// <summary>Drops its connections at once, as a killed process does.</summary>
    public async Task StopAsync()
    {
        if (_app is null)
            return;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    protected virtual void Map(WebApplication app)
    {
    }
}
