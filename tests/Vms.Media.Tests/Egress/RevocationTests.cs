using System.Net;
using System.Text.Json;
using Vms.Hosting;
using Vms.Media.Tests.Egress.Rtsp;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>Rights that are taken away while somebody watches, in every way of watching.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    /// <summary>From the change of a right to the end of the stream, of the five seconds that the product promises for all of it.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(4);

    private static readonly DateTimeOffset s_before = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_taken = s_before.AddSeconds(1);

    private readonly Guid _account = Guid.NewGuid();
    private readonly CancellationTokenSource _over = new();
    private EgressHost _host = null!;
    private Task _pictures = Task.CompletedTask;
    private long _generation;

    public async ValueTask InitializeAsync()
    {
        _host = await EgressHost.StartAsync();
        await _host.AddRunningCameraAsync(FootageSpec.Small, "1");
        await _host.AddRunningCameraAsync(FootageSpec.Small, "2");
        JpegFeed[] stills = [_host.AddJpegCamera("jpeg1"), _host.AddJpegCamera("jpeg2")];
        _pictures = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            do
            {
                foreach (var still in stills)
                    still.Write();
            }
            while (!_over.IsCancellationRequested && await timer.WaitForNextTickAsync());
            foreach (var still in stills)
                still.Dispose();
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _pictures;
        await _host.DisposeAsync();
        _over.Dispose();
    }

    [Theory]
    [InlineData("webrtc")]
    [InlineData("mse")]
    [InlineData("rtsp")]
    [InlineData("mjpeg")]
    public async Task A_stream_ends_with_the_right_to_see_it_and_the_other_camera_loses_nothing(string kind)
    {
        string prefix = kind == "mjpeg" ? "jpeg" : "";
        var (lost, kept) = (prefix + "1", prefix + "2");
        var ticket = TicketFor(lost);
        await using var ended = await OpenViewer.OpenAsync(_host, kind, lost, ticket);
        await using var untouched = await OpenViewer.OpenAsync(_host, kind, kept, TicketFor(kept));
        await Eventually.TrueAsync(() => ended.Received > 0 && untouched.Received > 0);

        Take(cameras: [lost]);
        await Eventually.TrueAsync(() => ended.IsEnded, s_limit);
        long seen = untouched.Received;
        await Eventually.TrueAsync(() => untouched.Received > seen + 5);
        Assert.False(untouched.IsEnded);
        Assert.True(untouched.IsWhole);

        await AssertRefusedAsync(kind, lost, ticket);
        await using var back = await OpenViewer.OpenAsync(_host, kind, lost, TicketFor(lost, s_taken));
        await Eventually.TrueAsync(() => back.Received > 0);
    }

    [Theory]
    [InlineData("hls", "live.m3u8")]
    [InlineData("dash", "live.mpd")]
    public async Task The_next_request_for_a_playlist_or_a_part_is_refused(string transport, string file)
    {
        var (lost, kept) = (TicketFor("1"), TicketFor("2"));
        using (var entry = await _host.Http.GetAsync(transport == "hls" ? _host.Hls("1", lost) : _host.Dash("1", lost)))
            Assert.Equal(HttpStatusCode.OK, entry.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("1", lost)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("2", kept)).Status);

        Take(cameras: ["1"]);
        Assert.Equal((HttpStatusCode.Forbidden, "accessRevoked"), await AskAsync("1", lost));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("2", kept)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("1", TicketFor("1", s_taken))).Status);
        _host.Viewings.Log.Dispose();       // what is open ends
        Assert.Equal("accessRevoked", Assert.Single(_host.Viewings.Log.Take(new ViewingsRequest(null, 0)).Items, r => r.Kind == WatchKind.Refused).Transport);

        async Task<(HttpStatusCode Status, string? Code)> AskAsync(string camera, string ticket)
        {
            using var answer = await _host.Http.GetAsync(new Uri(_host.Url, $"/{transport}/cam_{camera}/main/t/{ticket}/{file}"));
            return (answer.StatusCode, answer.IsSuccessStatusCode ? null : JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Whoever_plays_by_RTSP_and_shows_a_lost_right_beside_goes_on_by_the_first_one_until_that_is_lost()
    {
        Take(cameras: ["1"]);
        await using var peer = await RtspPeer.PlayAsync(_host, "1", TicketFor("1", s_taken));
        Assert.Equal(403, (await peer.AskAsync("GET_PARAMETER", _host.Rtsp("1", TicketFor("1")))).StatusCode);
        int seen = peer.Packets.Count;
        await Eventually.TrueAsync(() => peer.Packets.Count > seen + 5);
        Take(cameras: ["1"], notBefore: s_taken.AddSeconds(1));
        await Eventually.TrueAsync(() => peer.IsClosed, s_limit);
    }

    [Fact]
    public async Task A_sign_in_that_ends_takes_its_streams_along_and_no_others_of_the_account()
    {
        var (ended, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using var first = await OpenViewer.OpenAsync(_host, "mse", "1", TicketFor("1", signIn: ended));
        await using var second = await OpenViewer.OpenAsync(_host, "mse", "2", TicketFor("2", signIn: other));
        Take(cameras: null, signIn: ended, rights: ViewingRight.All);
        await Eventually.TrueAsync(() => first.IsEnded, s_limit);
        long seen = second.Received;
        await Eventually.TrueAsync(() => second.Received > seen + 5);
        // However new its rights are: that sign-in is over.
        await AssertRefusedAsync("mse", "1", TicketFor("1", s_taken.AddDays(1), ended));
    }

    [Fact]
    public async Task A_right_to_recordings_that_goes_ends_no_live_stream()
    {
        await using var viewer = await OpenViewer.OpenAsync(_host, "webrtc", "1", TicketFor("1"));
        Take(cameras: null, rights: ViewingRight.Playback | ViewingRight.Export);
        long seen = viewer.Received;
        await Eventually.TrueAsync(() => viewer.Received > seen + 10);
        Assert.False(viewer.IsEnded);
    }

    [Fact]
    public async Task Streams_run_on_while_control_is_away_for_hours_and_end_when_it_is_back_and_takes_the_right()
    {
        var clock = new LaterClock();
        await using var host = await EgressHost.StartAsync(time: clock);
        await host.AddRunningCameraAsync(FootageSpec.Small, "1");
        var ticket = host.Ticket("1", account: _account, rightsAsOf: s_before);
        var viewers = new List<OpenViewer>();
        try
        {
            foreach (var kind in (string[])["webrtc", "mse", "rtsp"])
                viewers.Add(await OpenViewer.OpenAsync(host, kind, "1", ticket));
            await Eventually.TrueAsync(() => viewers.All(v => v.Received > 0));

            // Nobody says anything about rights, and the tickets that the streams began with are over long since: that is no reason to end one.
            for (var hour = 0; hour < 12; hour++)
            {
                clock.Advance(TimeSpan.FromHours(1));
                var seen = viewers.ConvertAll(v => v.Received);
                await Eventually.TrueAsync(() => viewers.Zip(seen).All(v => v.First.Received > v.Second + 5));
            }

            Assert.All(viewers, v => Assert.True(v is { IsEnded: false, IsWhole: true }));
            Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<HttpRequestException>(() => OpenViewer.OpenAsync(host, "mse", "1", ticket))).StatusCode);

            // What was taken away meanwhile is told when control is back.
            host.Revoked.Apply(new RevocationList(
                IsWhole: false, new RevocationMark(1, "test"), [new Revocation(1, _account, null, ["1"], ViewingRight.Live, s_taken, clock.GetUtcNow().AddDays(1))]));
            await Eventually.TrueAsync(() => viewers.All(v => v.IsEnded), s_limit);
        }
        finally
        {
            foreach (var viewer in viewers)
                await viewer.DisposeAsync();
        }
    }

    /// <summary>The real clock, and it is some hours later: what is measured between two moments stays.</summary>
    private sealed class LaterClock : TimeProvider
    {
        private long _aheadTicks;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));
    }

    [Fact]
    public async Task A_plane_that_starts_alone_refuses_what_it_refused_before()
    {
        using var directory = new TestDirectory();
        string ticket;
        await using (var before = await EgressHost.StartAsync(o => o with { DataDirectory = directory.Path }))
        {
            await before.AddRunningCameraAsync(FootageSpec.Small, "1");
            ticket = before.Ticket("1", account: _account, rightsAsOf: s_before);
            before.Revoked.Apply(ListOf(["1"], ViewingRight.Live, null));
        }

        await using var after = await EgressHost.StartAsync(o => o with { DataDirectory = directory.Path });
        await after.AddRunningCameraAsync(FootageSpec.Small, "1");
        Assert.Equal(1, after.Revoked.Mark.Generation);
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<HttpRequestException>(() => OpenViewer.OpenAsync(after, "mse", "1", ticket))).StatusCode);
        await using var fresh = await OpenViewer.OpenAsync(after, "mse", "1", after.Ticket("1", account: _account, rightsAsOf: s_taken));
        await Eventually.TrueAsync(() => fresh.Received > 0);
    }

    private string TicketFor(string camera, DateTimeOffset? rightsAsOf = null, Guid? signIn = null) =>
        _host.Ticket(camera, account: _account, rightsAsOf: rightsAsOf ?? s_before, signIn: signIn);

    private void Take(string[]? cameras, ViewingRight rights = ViewingRight.Live, Guid? signIn = null, DateTimeOffset? notBefore = null) =>
        _host.Revoked.Apply(ListOf(cameras, rights, signIn, notBefore));

    private RevocationList ListOf(string[]? cameras, ViewingRight rights, Guid? signIn, DateTimeOffset? notBefore = null) => new(
        IsWhole: false, new RevocationMark(++_generation, "test"),
        [new Revocation(_generation, _account, signIn, cameras, rights, notBefore ?? s_taken, TimeProvider.System.GetUtcNow().AddDays(1))]);

    private async Task AssertRefusedAsync(string kind, string camera, string ticket)
    {
        if (kind == "rtsp")
        {
            await using var peer = await RtspPeer.ConnectAsync(_host);
            Assert.Equal(403, (await peer.AskAsync("DESCRIBE", _host.Rtsp(camera, ticket))).StatusCode);
        }
        else if (kind == "webrtc")
        {
            using var answer = await _host.Http.PostAsync(_host.Whep(camera, ticket), new StringContent("v=0"));
            Assert.Equal("accessRevoked", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
        }
        else
        {
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => OpenViewer.OpenAsync(_host, kind, camera, ticket));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }
}
