using Microsoft.Extensions.Logging.Abstractions;
using Vms.Hosting;
using Vms.Media.Egress;
using Vms.Media.Egress.Cmaf;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>Viewers that only ask again and again: how long their ticket and their window last.</summary>
public sealed class SegmentViewersTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private CameraFeed _camera = null!;
    private PlaneOptions _options = null!;

    public async ValueTask InitializeAsync()
    {
        _options = new PlaneOptions
        {
            DataDirectory = _directory.Path,
            RunDirectory = _directory["run"],
            BindAddress = "127.0.0.1",
            HttpPort = 0,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = 0,
        };
        _camera = new CameraFeed(new StreamLogDirectory(_directory.Create("rings")), "1", await H264Footage.LoadAsync(FootageSpec.Small));
        _camera.Write(40);
    }

    public async ValueTask DisposeAsync()
    {
        await _camera.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public void Who_watches_goes_on_when_the_ticket_expires_and_who_paused_does_not()
    {
        using var signer = TicketSigner.LoadOrCreate(_options);
        using var verifier = new TicketVerifier(_options, _time);
        var key = NodeKey.LoadOrCreate(_options);
        using var log = new ViewingLog(_options, key, _time, NullLogger<ViewingLog>.Instance, "media");
        using var viewings = new Viewings(new RevokedRights(_options, key, _time, NullLogger<RevokedRights>.Instance, "media"), log, NullLogger<Viewings>.Instance);
        var ticket = signer.Sign(new Ticket(TicketKind.Live, "tester", ["1"], _time.GetUtcNow().AddMinutes(5)));
        var viewers = new SegmentViewers(verifier, viewings, _time);
        var viewer = viewers.Admit(ticket, _camera.Stream, "hls", null, out _);
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            Assert.Same(viewer, viewers.Admit(ticket, _camera.Stream, "hls", null, out _));
        }

        Assert.Null(viewers.Admit(ticket, _camera.Stream, "dash", null, out _));       // never began
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Null(viewers.Admit(ticket, _camera.Stream, "hls", null, out _));
        Assert.Empty(viewers.Present);
    }

    [Theory]
    [InlineData("user admin")]
    [InlineData("admin")]
    [InlineData("")]
    public void The_name_of_somebody_who_watches_is_no_ticket(string guess)
    {
        using var verifier = new TicketVerifier(_options, _time);
        var key = NodeKey.LoadOrCreate(_options);
        using var log = new ViewingLog(_options, key, _time, NullLogger<ViewingLog>.Instance, "media");
        using var viewings = new Viewings(new RevokedRights(_options, key, _time, NullLogger<RevokedRights>.Instance, "media"), log, NullLogger<Viewings>.Instance);
        var viewers = new SegmentViewers(verifier, viewings, _time);
        Assert.NotNull(viewers.Enter(new Viewer("admin", null), _camera.Stream, "hls", out _));
        Assert.Null(viewers.Known(guess, _camera.Stream, "hls"));
        Assert.Null(viewers.Admit(guess, _camera.Stream, "hls", null, out _));
    }

    [Fact]
    public void One_more_than_a_user_may_have_is_told_so_and_not_that_the_ticket_is_bad()
    {
        using var signer = TicketSigner.LoadOrCreate(_options);
        using var verifier = new TicketVerifier(_options, _time);
        var key = NodeKey.LoadOrCreate(_options);
        using var log = new ViewingLog(_options, key, _time, NullLogger<ViewingLog>.Instance, "media");
        using var viewings = new Viewings(new RevokedRights(_options, key, _time, NullLogger<RevokedRights>.Instance, "media"), log, NullLogger<Viewings>.Instance);
        var viewers = new SegmentViewers(verifier, viewings, _time);
        string Ticket(int number) => signer.Sign(new Ticket(TicketKind.Live, "tester", ["1"], _time.GetUtcNow().AddMinutes(5).AddSeconds(number)));
        for (int i = 0; i < SegmentViewers.MaxViewersOfUser; i++)
            Assert.NotNull(viewers.Admit(Ticket(i), _camera.Stream, "hls", null, out _));
        Assert.Null(viewers.Admit(Ticket(-1), _camera.Stream, "hls", null, out var reason));
        Assert.Equal("tooManyViewers", reason);
        Assert.Null(viewers.Admit("nonsense", _camera.Stream, "hls", null, out reason));
        Assert.Null(reason);
    }

    [Fact]
    public async Task A_window_closes_fifteen_seconds_after_the_last_request_and_gives_everything_back()
    {
        using var threads = new EgressThreads(_time, new ProgressMonitor(_time), NullLogger<EgressThread>.Instance);
        threads.Start();
        var counters = new CmafCounters();
        var packaged = new SharedStreams<CmafStream>(threads, (stream, thread) => new CmafStream(stream, thread, counters, _time));
        using var windows = new CmafWindows(packaged, counters, _time);
        var window = windows.Use(_camera.Stream)!;
        await Eventually.TrueAsync(() => window.Playlist(skip: false) is not null);
        var stream = packaged.All.Single();
        Assert.Equal(1, _camera.Stream.DemandCount);
        Assert.True(window.Bytes > 0);

        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Same(window, windows.Use(_camera.Stream));
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(window.IsDisposed);
        _time.Advance(TimeSpan.FromSeconds(3));
        await Eventually.TrueAsync(() => window.IsDisposed && stream.OutstandingMessages == 0);
        Assert.Equal(0, window.Bytes);
        Assert.Equal(0, _camera.Stream.DemandCount);
        Assert.Empty(packaged.All);
        Assert.NotSame(window, windows.Use(_camera.Stream));
    }
}
