using Vms.Hosting;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Footage;

namespace Vms.Interop.Tests.Rtsp;

/// <summary>A simulated camera, the real <c>vms-media</c> that pulls it as a process of its own, and its ports for viewers.</summary>
public sealed class RepublishedCamera : IAsyncLifetime
{
    private FakeCameraServer? _camera;
    private MediaProcess? _media;

    /// <summary>Pictures of the footage; their <see cref="FrameCounter"/> begins again after so many.</summary>
    public int FootageFrames { get; private set; }

    public string Url => _media!.Url("1", TicketKind.Live);

    /// <summary>The same in TLS.</summary>
    public string SecureUrl => _media!.SecureUrl("1", TicketKind.Live);

    public string WhepUrl => _media!.WhepUrl("1");

    public string UrlWithoutTicket => _media!.UrlWithoutTicket("1");

    public async ValueTask InitializeAsync()
    {
        _camera = await FakeCameraServer.StartSmallAsync();
        FootageFrames = _camera.Camera(1).Footage.Frames.Count;
        _media = await MediaProcess.StartAsync();
        await _media.ApplyAsync("1", _camera.UrlOf(1));
        await Eventually.TrueAsync(async () => (await _media.StatusAsync("1")).State == "online", MediaProcess.Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        if (_media is not null)
            await _media.DisposeAsync();
        if (_camera is not null)
            await _camera.DisposeAsync();
    }
}
