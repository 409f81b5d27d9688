using Microsoft.Extensions.Logging;
using Vms.Media.Ingest;
using Vms.Testing.FakeCamera;

namespace Vms.Media.Tests.Ingest;

public sealed class CredentialTests
{
    public static TheoryData<RtspAuthentication> Schemes => new()
    {
        RtspAuthentication.Basic,
        RtspAuthentication.DigestMd5,
        RtspAuthentication.DigestSha256,
        RtspAuthentication.Basic | RtspAuthentication.DigestMd5,
        RtspAuthentication.Basic | RtspAuthentication.DigestSha256 | RtspAuthentication.DigestMd5,
    };

    [Theory, MemberData(nameof(Schemes))]
    public async Task The_right_password_is_accepted(RtspAuthentication scheme)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = scheme, Password = "p@:/% w\"ord" });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Password = "p@:/% w\"ord");
        using var log = new LogReading(pipeline);

        await log.UntilCountAsync(5);

        Assert.Equal(0, server.Camera(1).WrongPasswords);
    }

    [Theory, MemberData(nameof(Schemes))]
    public async Task A_wrong_password_is_tried_exactly_once(RtspAuthentication scheme)
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = scheme, Cameras = 2 });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Password = "wrong");

        await IngestRig.UntilAsync(pipeline, PullStateKind.Unauthorized, PullReason.BadCredentials);

        // Another camera, started later, has played for a while: time enough for a second try.
        var other = rig.Pull(server.UrlOf(2));
        using var log = new LogReading(other);
        await log.UntilCountAsync(25);
        Assert.Equal(1, server.Camera(1).WrongPasswords);
        Assert.Equal(1, server.Camera(1).LoginAttempts);
        Assert.InRange(pipeline.State.RetryAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task An_edit_ends_the_wait_at_once()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = RtspAuthentication.DigestMd5 });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Password = "wrong");
        await IngestRig.UntilAsync(pipeline, PullStateKind.Unauthorized, PullReason.BadCredentials);

        pipeline.Replace(IngestRig.Spec(server.UrlOf(1), change: s => s.Generation = 2));

        await IngestRig.UntilAsync(pipeline, PullStateKind.Online);
    }

    [Fact]
    public async Task Without_credentials_nothing_is_tried()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = RtspAuthentication.DigestMd5 });
        await using var rig = new IngestRig();
        var pipeline = rig.Pull(server.UrlOf(1), s => s.Username = s.Password = "");

        await IngestRig.UntilAsync(pipeline, PullStateKind.Unauthorized, PullReason.BadCredentials);

        Assert.Equal(0, server.Camera(1).LoginAttempts);
    }

    [Fact]
    public async Task Credentials_in_the_URL_work_and_never_show()
    {
        using var captured = new CapturedLog();
        await using var server = await IngestRig.CameraAsync(o => o with { Authentication = RtspAuthentication.DigestMd5, Password = "hunter2" });
        await using var rig = new IngestRig(loggers: captured);
        string url = server.UrlOf(1).Replace("rtsp://", "rtsp://admin:hunter2@", StringComparison.Ordinal);
        var right = rig.Pull(url, s => s.Username = s.Password = "");
        var wrong = rig.Pull(url.Replace("hunter2", "hunter3", StringComparison.Ordinal), s => s.Username = s.Password = "");
        await IngestRig.UntilAsync(right, PullStateKind.Online);
        await IngestRig.UntilAsync(wrong, PullStateKind.Unauthorized, PullReason.BadCredentials);

        Assert.NotEmpty(captured.Lines);
        Assert.DoesNotContain(captured.Lines, line => line.Contains("hunter", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter", wrong.State.Detail, StringComparison.Ordinal);
    }

    private sealed class CapturedLog : ILoggerFactory, ILogger
    {
        private readonly Lock _gate = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_gate)
                    return [.. _lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
                _lines.Add(formatter(state, exception) + exception);
        }

        public void Dispose()
        {
        }
    }
}
