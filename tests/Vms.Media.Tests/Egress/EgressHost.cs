using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Hosting.Decoding;
using Vms.Media.Conversion;
using Vms.Media.Egress;
using Vms.Media.Snapshots;
using Vms.Media.Streams;
using Vms.Rpc;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Viewers;

namespace Vms.Media.Tests.Egress;

/// <summary>Live egress of the media plane on loopback, with its HTTP endpoints and test pages, and nothing else of the plane.</summary>
internal sealed class EgressHost : IAsyncDisposable
{
    private static readonly TimeSpan s_rpcDeadline = TimeSpan.FromSeconds(60);
    private readonly TestDirectory _directory = new();
    private readonly WebApplication _app;
    private readonly StreamLogDirectory _logs;
    private readonly TicketSigner _signer;
    private readonly Channel<JsonElement> _results = Channel.CreateUnbounded<JsonElement>();
    private readonly List<CameraFeed> _cameras = [];
    private int _requests;

    private EgressHost(Func<PlaneOptions, PlaneOptions>? change, TimeProvider time)
    {
        var options = new PlaneOptions
        {
            DataDirectory = _directory.Path,
            RunDirectory = _directory["run"],
            BindAddress = "127.0.0.1",
            HttpPort = 0,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = FreePort.Udp(),      // for UDP and TCP: with 0 the number may be taken for the other one
            RtspPort = 0,
            Transcodes = 1,
        };
        options = change?.Invoke(options) ?? options;
        _logs = new StreamLogDirectory(_directory.Create("rings"));
        _signer = TicketSigner.LoadOrCreate(options);

        var web = WebApplication.CreateSlimBuilder();
        web.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseRpc());
        });
        web.Logging.ClearProviders();
        web.Logging.AddFilter("Microsoft", LogLevel.Warning).SetMinimumLevel(LogLevel.Debug).AddProvider(Log);
        web.Services.AddSingleton(options);
        web.Services.AddSingleton(_logs);
        web.Services.AddSingleton(time);
        web.Services.AddSingleton<StreamRegistry>();
        web.Services.AddSingleton(LogMemory);
        web.Services.AddSingleton<ProgressMonitor>();
        web.Services.AddSingleton<TicketVerifier>();
        web.Services.AddSingleton(new ConversionOptions { Linger = TimeSpan.FromSeconds(1) });
        web.Services.AddConversions();
        web.Services.AddLiveEgress();
        web.Services.AddSnapshots();
        _app = web.Build();
        _app.Use((context, next) =>
        {
            Interlocked.Increment(ref _requests);
            return next(context);
        });
        _app.MapLiveEgress();
        _app.MapSnapshots();
        _app.MapConversions();
        _app.MapGet("/pages/{name}", (string name) => TypedResults.Text(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Egress", "Pages", name)), "text/html"));
        _app.MapGet("/players/{name}", (string name) => TypedResults.PhysicalFile(Players.ScriptOf(name), "text/javascript"));
        _app.MapPost("/result", async (HttpRequest request) =>
        {
            using var document = await JsonDocument.ParseAsync(request.Body);
            _results.Writer.TryWrite(document.RootElement.Clone());
        });
        // Control's part of the WebSocket signalling: calls the plane and passes the descriptions on.
        _app.MapGet("/signal/{camera}", async (string camera, CancellationToken cancellationToken) =>
        {
            using var channel = new RpcChannel(RpcUrl);
            var request = new OfferViewerSessionRequest { CameraId = camera, Stream = "main", User = "tester" };
            var offer = await channel.UnaryAsync(
                "vms.media.v1.MediaPlane/OfferViewerSession", request, ViewerOffer.Parser, s_rpcDeadline, cancellationToken);
            return TypedResults.Ok(new { sessionId = offer.SessionId, sdp = offer.Sdp });
        });
        _app.MapPost("/signal/{session}", async (string session, HttpRequest request, CancellationToken cancellationToken) =>
        {
            using var channel = new RpcChannel(RpcUrl);
            using var reader = new StreamReader(request.Body);
            var answer = new ViewerAnswer { SessionId = session, Sdp = await reader.ReadToEndAsync(cancellationToken) };
            await channel.UnaryAsync(
                "vms.media.v1.MediaPlane/AnswerViewerSession", answer, AnswerViewerSessionReply.Parser, s_rpcDeadline, cancellationToken);
        });
        _app.MapPost("/signal/{session}/restart", async (string session, CancellationToken cancellationToken) =>
        {
            using var channel = new RpcChannel(RpcUrl);
            var offer = await channel.UnaryAsync(
                "vms.media.v1.MediaPlane/RestartViewerSession", new RestartViewerSessionRequest { SessionId = session }, ViewerOffer.Parser, s_rpcDeadline, cancellationToken);
            return TypedResults.Ok(new { sessionId = offer.SessionId, sdp = offer.Sdp });
        });
    }

    /// <summary>Of the converted streams.</summary>
    public LogMemory LogMemory { get; } = new(maxBytes: 64 << 20);

    /// <summary>What the plane has logged.</summary>
    public TestLog Log { get; } = new();

    /// <summary>HTTP requests that have arrived.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public Uri Url { get; private set; } = null!;

    /// <summary>The plane's gRPC listener.</summary>
    public Uri RpcUrl { get; private set; } = null!;

    public HttpClient Http { get; } = new();

    /// <summary>The first one that was added.</summary>
    public CameraFeed Camera => _cameras[0];

    public LiveEgress Egress => _app.Services.GetRequiredService<LiveEgress>();

    public StreamRegistry Streams => _app.Services.GetRequiredService<StreamRegistry>();

    public Conversions Conversions => _app.Services.GetRequiredService<Conversions>();

    /// <param name="change">Other settings than the usual ones.</param>
    /// <param name="time">The plane's clock; the system's when absent.</param>
    public static async Task<EgressHost> StartAsync(Func<PlaneOptions, PlaneOptions>? change = null, TimeProvider? time = null)
    {
        var host = new EgressHost(change, time ?? TimeProvider.System);
        await host._app.StartAsync();
        var addresses = host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        host.Url = new Uri(addresses.Addresses.First());
        host.RpcUrl = new Uri(addresses.Addresses.Last());
        return host;
    }

    /// <summary>What the operator's settings say.</summary>
    public static IceServers IceServersOf(string urls, string turnSecret) => IceServers.From(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["VMS_ICE_SERVERS"] = urls, ["VMS_TURN_SECRET"] = turnSecret }).Build());

    /// <summary>A camera that has sent one and a half GOPs and goes on in real time.</summary>
    public async Task<CameraFeed> AddRunningCameraAsync(FootageSpec spec, string id = "1", CodecKind sound = CodecKind.None)
    {
        var camera = await AddCameraAsync(spec, id, sound);
        camera.Write(spec.GopLength * 3 / 2);
        camera.Run();
        return camera;
    }

    /// <param name="sound">None: no track of it.</param>
    public async Task<CameraFeed> AddCameraAsync(FootageSpec spec, string id = "1", CodecKind sound = CodecKind.None)
    {
        var tone = sound == CodecKind.None ? null : await AudioFootage.LoadAsync(sound);
        var camera = new CameraFeed(_logs, id, await VideoFootage.LoadAsync(spec), tone);
        _cameras.Add(camera);
        Streams.Add(camera.Stream);
        return camera;
    }

    /// <summary>A camera whose samples are the caller's, who disposes it.</summary>
    public RawFeed AddRawCamera(TrackInfo video, string id = "1")
    {
        var camera = new RawFeed(_logs, id, video);
        Streams.Add(camera.Stream);
        return camera;
    }

    /// <summary>An MJPEG camera; the caller disposes it.</summary>
    public JpegFeed AddJpegCamera(string id = "1")
    {
        var camera = new JpegFeed(_logs, id);
        Streams.Add(camera.Stream);
        return camera;
    }

    public PictureDecoding Decoding => _app.Services.GetRequiredService<PictureDecoding>();

    public string Ticket(string cameraId, TicketKind kind = TicketKind.Live, TimeSpan? lifetime = null, Guid? account = null, DateTimeOffset rightsAsOf = default, Guid? signIn = null) => _signer.Sign(
        new Ticket(kind, "tester", [cameraId], TimeProvider.System.GetUtcNow() + (lifetime ?? TimeSpan.FromMinutes(5)), AccountId: account, SignInId: signIn, RightsAsOf: rightsAsOf));

    /// <summary>What control would tell the plane.</summary>
    public RevokedRights Revoked => _app.Services.GetRequiredService<RevokedRights>();

    public Viewings Viewings => _app.Services.GetRequiredService<Viewings>();

    public Uri Whep(string cameraId, string? ticket = null, string stream = "main") =>
        new(Url, $"/webrtc/cam_{cameraId}/whep?stream={stream}&ticket={ticket ?? Ticket(cameraId)}");

    public Uri Snapshot(string cameraId, int width = 640) =>
        new(Url, $"/api/cameras/{cameraId}/snapshot.jpg?width={width}&ticket={Ticket(cameraId, TicketKind.Snapshot)}");

    public Uri Mse(string cameraId, string? ticket = null, string stream = "main") =>
        new($"ws://{Url.Authority}/mse/cam_{cameraId}?stream={stream}&ticket={ticket ?? Ticket(cameraId)}");

    public Uri Mjpeg(string cameraId, string? ticket = null) => new(Url, $"/mjpeg/cam_{cameraId}?ticket={ticket ?? Ticket(cameraId)}");

    public string Rtsp(string cameraId, string? ticket = null, string path = "") =>
        $"rtsp://{Egress.Rtsp!.LocalEndPoint}/cam_{cameraId}{path}?ticket={ticket ?? Ticket(cameraId)}";

    public Uri Hls(string cameraId, string? ticket = null, string stream = "main") =>
        new(Url, $"/hls/cam_{cameraId}/index.m3u8?stream={stream}&ticket={ticket ?? Ticket(cameraId)}");

    public Uri Dash(string cameraId, string? ticket = null, string stream = "main") =>
        new(Url, $"/dash/cam_{cameraId}/index.mpd?stream={stream}&ticket={ticket ?? Ticket(cameraId)}");

    /// <summary>The next thing a page has reported.</summary>
    public async Task<JsonElement> ResultAsync(TimeSpan deadline)
    {
        using var limit = new CancellationTokenSource(deadline);
        return await _results.Reader.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        foreach (var camera in _cameras)
            await camera.DisposeAsync();
        Http.Dispose();
        _signer.Dispose();
        _directory.Dispose();
    }
}
