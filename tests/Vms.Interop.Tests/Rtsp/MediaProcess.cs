using System.Globalization;
using System.Text.RegularExpressions;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>The real <c>vms-media</c> as a process of its own, told by gRPC what to do, with its RTSP ports.</summary>
internal sealed partial class MediaProcess : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TestDirectory _directory = new();
    private ChildProcess? _process;
    private TicketSigner? _signer;
    private RpcChannel? _rpc;
    private readonly int _httpPort = FreePort.Tcp();
    private int _port;
    private int _securePort;

    public string Output => _process!.Output;

    /// <summary>Where it is at home; another plane with the same belongs to it.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["VMS_DATA"] = _directory["data"],
        ["VMS_RUN_DIR"] = _directory["run"],
        ["VMS_RING_DIR"] = _directory.Create("rings"),
    };

    public string SocketOf(string plane) => Path.Combine(_directory["run"], "planes", $"{plane}.rpc.sock");

    public string PlaybackTicket(string cameraId, DateTimeOffset from, DateTimeOffset to) =>
        _signer!.Sign(new Ticket(TicketKind.Playback, "interop", [cameraId], TimeProvider.System.GetUtcNow().AddMinutes(10), from, to));

    public static async Task<MediaProcess> StartAsync()
    {
        var media = new MediaProcess();
        try
        {
            await media.StartProcessAsync();
            return media;
        }
        catch
        {
            await media.DisposeAsync();
            throw;
        }
    }

    public string UrlWithoutTicket(string cameraId) => $"rtsp://127.0.0.1:{_port}/cam_{cameraId}";

    public string Url(string cameraId, TicketKind kind) => $"{UrlWithoutTicket(cameraId)}?ticket={Ticket(cameraId, kind)}";

    public string SecureUrl(string cameraId, TicketKind kind) => $"rtsps://127.0.0.1:{_securePort}/cam_{cameraId}?ticket={Ticket(cameraId, kind)}";

    public string WhepUrl(string cameraId) => $"http://127.0.0.1:{_httpPort}/webrtc/cam_{cameraId}/whep?ticket={Ticket(cameraId, TicketKind.Live)}";

    /// <summary>Control's word.</summary>
    /// <param name="url">Of a camera, or <c>push:</c>.</param>
    public async Task ApplyAsync(string cameraId, string url)
    {
        var spec = new PipelineSpec { CameraId = cameraId, Stream = "main", Url = url, Transport = Transport.Tcp, Generation = 1, SiteId = "site" };
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await _rpc!.UnaryAsync("vms.media.v1.MediaPlane/StartPipeline", spec, StartPipelineReply.Parser, Deadline, CancellationToken.None);
                return true;
            }
            catch (RpcException e) when (e.Status == RpcStatus.Unavailable)
            {
                return false;       // it is still starting
            }
        }, Deadline);
    }

    public async Task<PipelineStatus> StatusAsync(string cameraId)
    {
        var list = await _rpc!.UnaryAsync(
            "vms.media.v1.MediaPlane/ListPipelines", new ListPipelinesRequest(), PipelineList.Parser, Deadline, CancellationToken.None);
        return list.Pipelines.Single(p => p.CameraId == cameraId);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _rpc?.Dispose();
        _signer?.Dispose();
        _directory.Dispose();
    }

    private async Task StartProcessAsync()
    {
        var settings = new Dictionary<string, string?>(Settings)
        {
            ["VMS_MEDIA_PORT"] = $"{_httpPort}",
            ["VMS_WEBRTC_PORT"] = "0",
            ["VMS_RTSP_PORT"] = "0",
            ["VMS_RTSPS_PORT"] = "0",
        };
        _process = await ChildProcess.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "vms-media.dll")], settings);
        await _process.WaitForOutputAsync(output => Listening().IsMatch(output) && ListeningSecure().IsMatch(output), Deadline);
        _port = PortOf(Listening());
        _securePort = PortOf(ListeningSecure());
        _rpc = new RpcChannel(new Uri("unix://" + SocketOf("media")));
        _signer = TicketSigner.LoadOrCreate(new PlaneOptions
        {
            DataDirectory = _directory["data"],
            RunDirectory = _directory["run"],
            BindAddress = "127.0.0.1",
            HttpPort = 0,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = 0,
        });
    }

    private string Ticket(string cameraId, TicketKind kind) =>
        _signer!.Sign(new Ticket(kind, "interop", [cameraId], TimeProvider.System.GetUtcNow().AddMinutes(10)));

    private int PortOf(Regex line) => int.Parse(line.Match(_process!.Output).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"RTSP viewers on 127\.0\.0\.1:([0-9]+) ")]
    private static partial Regex Listening();

    [GeneratedRegex(@"RTSP viewers with TLS on 127\.0\.0\.1:([0-9]+)")]
    private static partial Regex ListeningSecure();
}
