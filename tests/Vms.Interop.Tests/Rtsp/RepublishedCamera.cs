using System.Text.RegularExpressions;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>A simulated camera, the real <c>vms-media</c> that pulls it as a process of its own, and its RTSP port.</summary>
public sealed partial class RepublishedCamera : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    private readonly TestDirectory _directory = new();
    private FakeCameraServer? _camera;
    private ChildProcess? _media;
    private TicketSigner? _signer;
    private int _port;

    /// <summary>Pictures of the footage; their <see cref="FrameCounter"/> begins again after so many.</summary>
    public int FootageFrames { get; private set; }

    public string Url => $"rtsp://127.0.0.1:{_port}/cam_1?ticket={Ticket()}";

    public string UrlWithoutTicket => $"rtsp://127.0.0.1:{_port}/cam_1";

    public async ValueTask InitializeAsync()
    {
        _camera = await FakeCameraServer.StartSmallAsync();
        FootageFrames = _camera.Camera(1).Footage.Frames.Count;
        var settings = new Dictionary<string, string?>
        {
            ["VMS_DATA"] = _directory["data"],
            ["VMS_RUN_DIR"] = _directory["run"],
            ["VMS_RING_DIR"] = _directory.Create("rings"),
            ["VMS_MEDIA_PORT"] = "0",
            ["VMS_WEBRTC_PORT"] = "0",
            ["VMS_RTSP_PORT"] = "0",
        };
        _media = await ChildProcess.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "vms-media.dll")], settings);
        await _media.WaitForOutputAsync(output => Listening().IsMatch(output), s_deadline);
        _port = int.Parse(Listening().Match(_media.Output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
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
        await PullAsync(_camera.UrlOf(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_media is not null)
            await _media.DisposeAsync();
        if (_camera is not null)
            await _camera.DisposeAsync();
        _signer?.Dispose();
        _directory.Dispose();
    }

    private string Ticket() => _signer!.Sign(
        new Ticket(TicketKind.Live, "interop", ["1"], TimeProvider.System.GetUtcNow().AddMinutes(10)));

    private async Task PullAsync(string url)
    {
        using var channel = new RpcChannel(new Uri("unix://" + Path.Combine(_directory["run"], "planes", "media.rpc.sock")));
        var spec = new PipelineSpec { CameraId = "1", Stream = "main", Url = url, Transport = Transport.Tcp, Generation = 1, SiteId = "site" };
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await channel.UnaryAsync("vms.media.v1.MediaPlane/StartPipeline", spec, StartPipelineReply.Parser, s_deadline, CancellationToken.None);
                var list = await channel.UnaryAsync(
                    "vms.media.v1.MediaPlane/ListPipelines", new ListPipelinesRequest(), PipelineList.Parser, s_deadline, CancellationToken.None);
                return list.Pipelines.Any(p => p.State == "online");
            }
            catch (RpcException e) when (e.Status == RpcStatus.Unavailable)
            {
                return false;       // it is still starting
            }
        });
    }

    [GeneratedRegex(@"RTSP viewers on 127\.0\.0\.1:([0-9]+) ")]
    private static partial Regex Listening();
}
