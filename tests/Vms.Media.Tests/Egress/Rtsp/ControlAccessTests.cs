using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Vms.Hosting;
using Vms.Media.Egress.Rtsp;
using Vms.Testing;

namespace Vms.Media.Tests.Egress.Rtsp;

/// <summary>User names and passwords, checked by a control plane that the test plays.</summary>
public sealed class ControlAccessTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _asked = [];
    private int _status = StatusCodes.Status200OK;

    private PlaneOptions Options => new()
    {
        DataDirectory = _directory.Path,
        RunDirectory = _directory["run"],
        BindAddress = "127.0.0.1",
        HttpPort = 0,
        MediaPort = 0,
        PlaybackPort = 0,
        WebRtcPort = 0,
    };

    [Fact]
    public async Task A_right_password_is_asked_about_once_a_minute()
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, _time);
        for (int i = 0; i < 3; i++)
            Assert.Equal((RtspVerdict.Granted, "anna"), await CheckAsync(access, "right"));
        Assert.Equal("""{"username":"anna","password":"right","cameraId":"1","address":"10.0.0.9","publish":false}""", Assert.Single(_asked));

        _time.Advance(ControlAccess.Memory);
        _status = StatusCodes.Status401Unauthorized;
        Assert.Equal(RtspVerdict.Refused, (await CheckAsync(access, "right")).Verdict);
    }

    [Theory]
    [InlineData(401, "Refused")]
    [InlineData(403, "NotAllowed")]
    [InlineData(429, "Throttled")]
    [InlineData(503, "Unknown")]
    public async Task A_refusal_is_not_remembered(int status, string verdict)
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, _time);
        _status = status;
        Assert.Equal(verdict, (await CheckAsync(access, "x")).Verdict.ToString());
        _status = StatusCodes.Status200OK;
        Assert.Equal(RtspVerdict.Granted, (await CheckAsync(access, "x")).Verdict);
    }

    [Fact]
    public async Task Without_control_nobody_knows()
    {
        using var access = new ControlAccess(Options, _time);
        Assert.Equal(RtspVerdict.Unknown, (await CheckAsync(access, "right")).Verdict);
    }

    public void Dispose() => _directory.Dispose();

    private static ValueTask<(RtspVerdict Verdict, string User)> CheckAsync(ControlAccess access, string password) =>
        access.CheckAsync("anna", password, "1", "10.0.0.9", publish: false, CancellationToken.None);

    private async Task<WebApplication> StartControlAsync()
    {
        string socket = Options.SocketOf("control", "http");
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        var web = WebApplication.CreateSlimBuilder();
        web.Logging.ClearProviders();
        web.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        var app = web.Build();
        app.MapPost("/local/viewers", async (HttpRequest request) =>
        {
            using var document = await JsonDocument.ParseAsync(request.Body);
            _asked.Add(document.RootElement.GetRawText());
            return TypedResults.StatusCode(_status);
        });
        await app.StartAsync();
        return app;
    }
}
