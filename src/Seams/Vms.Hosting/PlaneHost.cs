using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>Start, listeners, logging, health, metrics and ordered stop of any plane, the same for all of them.</summary>
/// <remarks>
/// Listeners: <c>plane.rpc.sock</c> (gRPC, HTTP/2 without TLS), <c>plane.http.sock</c> (health, metrics, what control's front
/// door forwards) and, when the plane has viewers of its own, a TCP port that speaks TLS, too. Stop: SIGTERM, or end of file on stdin when the
/// supervisor started it (<c>--lifeline</c>).
/// </remarks>
public sealed partial class PlaneHost
{
    /// <summary>Longest an ordered stop takes before the host gives up on it.</summary>
    private static readonly TimeSpan s_stopDeadline = TimeSpan.FromSeconds(9);

    private readonly ExclusiveLock? _lock;
    private readonly bool _servesPages;
    private readonly int? _takenPort;

    private PlaneHost(string name, WebApplicationBuilder web, PlaneOptions options, ExclusiveLock? exclusive, bool servesPages, int? takenPort)
    {
        _servesPages = servesPages;
        _takenPort = takenPort;
        Name = name;
        Web = web;
        Options = options;
        _lock = exclusive;
    }

    public string Name { get; }

    public WebApplicationBuilder Web { get; }

    public PlaneOptions Options { get; }

    public IServiceCollection Services => Web.Services;

    /// <summary>Prepares a plane. Settings come from the environment and from <c>--VMS_KEY=value</c> arguments.</summary>
    /// <param name="name">control, media, recorder or ai.</param>
    /// <param name="publicPort">The plane's TCP port; null for none.</param>
    /// <param name="securePort">One in TLS alone; null for none.</param>
    /// <exception cref="PlaneLockTakenException">The same plane of the same data directory already runs.</exception>
    public static PlaneHost CreateBuilder(
        string name, string[] args, Func<PlaneOptions, int>? publicPort = null, Func<PlaneOptions, int?>? securePort = null)
    {
        var web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var options = PlaneOptions.From(web.Configuration);
        DataDirectories.Create(options);
        RunDirectories.Create(options.RunDirectory);
        var exclusive = ExclusiveLock.TryTake(Path.Combine(options.DataDirectory, "locks"), name)
            ?? throw new PlaneLockTakenException(name, options.DataDirectory);

        // A port that nobody chose may be another program's, and recording does not depend on it.
        int? taken = null;
        if (securePort?.Invoke(options) is > 0 and { } beside && !options.Door.IsHttpsPortChosen && !CanListen(options.BindAddress, beside))
        {
            taken = beside;
            options = options with { Door = options.Door with { HttpsPort = null } };
        }

        web.WebHost.UseUrls();
        web.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Set(kestrel.Limits);
            ListenLocal(kestrel, options.SocketOf(name, "rpc"), HttpProtocols.Http2);
            ListenLocal(kestrel, options.SocketOf(name, "http"), HttpProtocols.Http1);
            if (publicPort is not null)
                ListenPublic(kestrel, options, publicPort(options), isSecure: false);
            if (securePort?.Invoke(options) is { } port)
                ListenPublic(kestrel, options, port, isSecure: true);
        });

        web.Logging.ClearProviders();
        web.Logging.AddFilter("Microsoft", LogLevel.Warning);
        web.Logging.AddFilter("System", LogLevel.Warning);
        // A failed start is said once, by PlaneMain or the runtime; a background loop that died is said here alone (critical).
        web.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        web.Logging.SetMinimumLevel(Enum.TryParse<LogLevel>(web.Configuration["VMS_LOG_LEVEL"], ignoreCase: true, out var level) ? level : LogLevel.Information);
        web.Services.AddSingleton(s => new BoundedLineWriter(name, s.GetRequiredService<TimeProvider>(), Console.OpenStandardOutput()));
        web.Services.AddSingleton<ILoggerProvider>(s => new LineLoggerProvider(name, s.GetRequiredService<BoundedLineWriter>()));

        web.Services.TryAddSingleton(TimeProvider.System);
        web.Services.AddSingleton(options);
        web.Services.AddSingleton<ProgressMonitor>();
        web.Services.AddSingleton<PlaneReadiness>();
        web.Services.AddSingleton<PrometheusMetrics>();
        web.Services.AddSingleton<ProcessMetrics>();
        web.Services.AddSingleton<TicketVerifier>();
        web.Services.AddSingleton(_ => NodeKey.LoadOrCreate(options));
        web.Services.AddSingleton(s => ServerCertificate.LoadOrCreate(options, s.GetRequiredService<TimeProvider>()));
        web.Services.Configure<HostOptions>(o =>
        {
            o.ShutdownTimeout = s_stopDeadline;
            o.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        if (args.Contains("--lifeline"))
            web.Services.AddHostedService<StdinLifeline>();
        return new PlaneHost(name, web, options, exclusive, servesPages: securePort is not null, taken);
    }

    /// <summary>Builds the application with health and metrics mapped. The caller maps the rest and runs it.</summary>
    public WebApplication Build()
    {
        var app = Web.Build();
        // Made now, so that instruments created from here on are seen.
        app.Services.GetRequiredService<PrometheusMetrics>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.Lifetime.ApplicationStopped.Register(() => _lock?.Dispose());
        WebSocketOrigins.Use(app, Options.Door, exact: _servesPages);
        HealthEndpoints.Map(app, Name);
        if (_takenPort is { } port)
            Log.PortTaken(app.Services.GetRequiredService<ILogger<PlaneHost>>(), Name, port);
        return app;
    }

    private static bool CanListen(string address, int port)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
        using var probe = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(endpoint);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;       // whatever else is wrong with the address is said when the plain port is opened
        }
    }

    /// <summary>With TLS switched on, the plain port speaks it, too: a browser that has once been told to use TLS alone does so on every port.</summary>
    private static void ListenPublic(KestrelServerOptions kestrel, PlaneOptions options, int port, bool isSecure) =>
        kestrel.Listen(IPAddress.Parse(options.BindAddress), port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (!options.Door.HasTls)
                return;
            var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
            if (isSecure)
                listen.UseTls(certificate, options.Door.TlsVersions);
            else
                listen.UseTlsOrPlain(certificate, options.Door.TlsVersions, kestrel.ApplicationServices.GetRequiredService<TimeProvider>());
        });

    private static void ListenLocal(KestrelServerOptions kestrel, string path, HttpProtocols protocols)
    {
        // A killed process leaves its socket file behind. The plane's lock is held, so nobody else listens on it.
        File.Delete(path);
        kestrel.ListenUnixSocket(path, listen =>
        {
            listen.Protocols = protocols;
            listen.MarkLocal();
        });
    }

    private static partial class Log
    {
        [LoggerMessage(6060, LogLevel.Warning,
            "Port {Port} cannot be opened: vms-{Plane} runs without TLS, as with VMS_HTTPS_PORT=off. Set VMS_HTTPS_PORT to a free port, or to off if that is wanted")]
        public static partial void PortTaken(ILogger logger, string plane, int port);
    }
}

/// <summary>The plane runs already; <see cref="ExclusiveLock.TakenExitCode"/> is the exit code to use.</summary>
public sealed class PlaneLockTakenException(string plane, string dataDirectory)
    : Exception($"vms-{plane} already runs on {dataDirectory}; stop it first or use another data directory");
