using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
    private string[]? _cameras;
    private readonly Guid _account = Guid.NewGuid();
    private DateTimeOffset _rightsAsOf = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private RevokedRights? _revoked;

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

    private RevokedRights Revoked => _revoked ??= new RevokedRights(Options, NodeKey.LoadOrCreate(Options), _time, NullLogger<RevokedRights>.Instance, "media");

    [Fact]
    public async Task What_was_taken_away_is_asked_about_at_once_and_the_other_cameras_are_not()
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, Revoked, _time);
        _cameras = ["1", "2"];
        Assert.Equal(RtspVerdict.Granted, (await CheckAsync(access, "right", camera: "1")).Verdict);

        _cameras = ["2"];
        Revoked.Apply(new RevocationList(
            false, new RevocationMark(1, "a"), [new Revocation(1, _account, null, ["1"], ViewingRight.Live, _rightsAsOf.AddTicks(10), _time.GetUtcNow().AddDays(1))]));
        Assert.Equal(RtspVerdict.Granted, (await CheckAsync(access, "right", camera: "2")).Verdict);
        Assert.Single(_asked);
        _rightsAsOf = _rightsAsOf.AddTicks(10);
        Assert.Equal(RtspVerdict.NotAllowed, (await CheckAsync(access, "right", camera: "1")).Verdict);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task A_right_password_is_asked_about_once_a_minute()
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, Revoked, _time);
        for (int i = 0; i < 3; i++)
            Assert.Equal((RtspVerdict.Granted, "anna"), await CheckAsync(access, "right"));
        Assert.Equal("""{"username":"anna","password":"right","cameraId":"1","address":"10.0.0.9","publish":false}""", Assert.Single(_asked));

        _time.Advance(ControlAccess.Memory);
        _status = StatusCodes.Status401Unauthorized;
        Assert.Equal(RtspVerdict.Refused, (await CheckAsync(access, "right")).Verdict);
    }

    [Fact]
    public async Task An_account_has_the_name_that_control_knows_however_it_was_written()
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, Revoked, _time);
        var (_, viewer) = await access.CheckAsync("ANNA", "right", "1", "10.0.0.9", publish: false, CancellationToken.None);
        Assert.Equal("anna", viewer!.User);
    }

    [Fact]
    public async Task An_account_with_rights_for_some_cameras_gets_these_and_no_other()
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, Revoked, _time);
        _cameras = ["1", "2"];
        Assert.Equal((RtspVerdict.Granted, "anna"), await CheckAsync(access, "right", camera: "1"));
        Assert.Equal((RtspVerdict.Granted, "anna"), await CheckAsync(access, "right", camera: "2"));
        Assert.Equal((RtspVerdict.NotAllowed, ""), await CheckAsync(access, "right", camera: "3"));
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData(401, "Refused")]
    [InlineData(403, "NotAllowed")]
    [InlineData(429, "Throttled")]
    [InlineData(503, "Unknown")]
    public async Task A_refusal_is_not_remembered(int status, string verdict)
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, Revoked, _time);
        _status = status;
        Assert.Equal(verdict, (await CheckAsync(access, "x")).Verdict.ToString());
        _status = StatusCodes.Status200OK;
        Assert.Equal(RtspVerdict.Granted, (await CheckAsync(access, "x")).Verdict);
    }

    [Fact]
    public async Task Cameras_that_are_opened_together_are_one_question()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var control = await StartControlAsync(answer.Task);
        using var access = new ControlAccess(Options, Revoked, _time);
        var checks = Enumerable.Range(1, 20).Select(i => CheckAsync(access, "right", camera: $"{i}").AsTask()).ToList();
        await Eventually.TrueAsync(() => _asked.Count > 0);
        answer.SetResult();
        Assert.All(await Task.WhenAll(checks), c => Assert.Equal(RtspVerdict.Granted, c.Verdict));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_closed_account_stays_refused_while_control_lets_nobody_try()
    {
        await using var control = await StartControlAsync();
        using var access = new ControlAccess(Options, Revoked, _time);
        Assert.Equal(RtspVerdict.Granted, (await CheckAsync(access, "right")).Verdict);
        _time.Advance(ControlAccess.Memory);
        _status = StatusCodes.Status401Unauthorized;
        Assert.Equal(RtspVerdict.Refused, (await CheckAsync(access, "right")).Verdict);
        _status = StatusCodes.Status429TooManyRequests;
        Assert.Equal(RtspVerdict.Refused, (await CheckAsync(access, "right")).Verdict);
        Assert.Equal(RtspVerdict.Throttled, (await CheckAsync(access, "never asked before")).Verdict);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(RtspVerdict.Throttled, (await CheckAsync(access, "right")).Verdict);
    }

    [Fact]
    public async Task Without_control_nobody_knows()
    {
        using var access = new ControlAccess(Options, Revoked, _time);
        Assert.Equal(RtspVerdict.Unknown, (await CheckAsync(access, "right")).Verdict);
    }

    public void Dispose() => _directory.Dispose();

    private static async ValueTask<(RtspVerdict Verdict, string User)> CheckAsync(ControlAccess access, string password, string camera = "1")
    {
        var (verdict, viewer) = await access.CheckAsync("anna", password, camera, "10.0.0.9", publish: false, CancellationToken.None);
        return (verdict, viewer?.User ?? "");
    }

    private async Task<WebApplication> StartControlAsync(Task? answer = null)
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
            lock (_asked)
                _asked.Add(document.RootElement.GetRawText());
            await (answer ?? Task.CompletedTask);
            return _status == StatusCodes.Status200OK ? Results.Json(new { username = "anna", cameraIds = _cameras, accountId = _account, tenantId = "default", rightsAsOf = _rightsAsOf }) : Results.StatusCode(_status);
        });
        await app.StartAsync();
        return app;
    }
}
