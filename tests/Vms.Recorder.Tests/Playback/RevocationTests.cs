using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using Vms.Hosting;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Playback;

/// <summary>Rights to recordings that are taken away while somebody looks at them.</summary>
public sealed class RevocationTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(4);
    private static readonly DateTimeOffset s_before = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_taken = s_before.AddSeconds(1);

    private readonly Guid _account = Guid.NewGuid();
    private long _generation;

    [Fact]
    public async Task A_body_that_is_being_sent_is_cut_off_and_the_next_request_refused()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 240 * Footage.FramesPerSecond);
        var ticket = TicketOf(rig, s_before);
        using var client = SlowClient();
        using var answer = await client.GetAsync(rig.Url("clip.mp4", 0, 240, ticket), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[1024]) > 0);        // the rest waits for us

        Take(rig, "another camera", ViewingRight.Playback);
        Take(rig, rig.Camera, ViewingRight.Live);
        await body.ReadExactlyAsync(new byte[64 * 1024]);
        Assert.Equal(1, rig.Viewings.Count);

        Take(rig, rig.Camera, ViewingRight.Playback);
        await Eventually.TrueAsync(() => rig.Viewings.Count == 0, s_limit);
        await Assert.ThrowsAnyAsync<Exception>(async () => await body.CopyToAsync(Stream.Null));      // half a clip is not taken for a whole one
        foreach (string path in (string[])["clip.mp4", "timeline", "playback/index.m3u8"])
            await AssertRefusedAsync(rig.Url(path, 0, 60, ticket));

        using var back = await client.GetAsync(rig.Url("clip.mp4", 0, 5, TicketOf(rig, s_taken)));
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }

    [Fact]
    public async Task A_player_that_asks_for_samples_is_told_why_it_gets_no_more()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 10 * Footage.FramesPerSecond);
        var ticket = TicketOf(rig, s_before);
        await using var lost = await SamplesClient.OpenAsync(rig, ticket);
        Assert.NotEmpty((await lost.ReadAsync(SamplesClient.Us(1), 1, 1)).Gops);

        Take(rig, rig.Camera, ViewingRight.Playback);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "accessRevoked"), await lost.ClosedAsync());
        await Assert.ThrowsAsync<WebSocketException>(() => SamplesClient.OpenAsync(rig, ticket));
        await using var back = await SamplesClient.OpenAsync(rig, TicketOf(rig, s_taken));
        Assert.NotEmpty((await back.ReadAsync(SamplesClient.Us(1), 1, 1)).Gops);
    }

    [Fact]
    public async Task What_was_looked_at_is_one_viewing_for_each_way_with_the_time_that_was_shown()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 20 * Footage.FramesPerSecond);
        var ticket = TicketOf(rig, s_before);
        foreach (double from in (double[])[2, 10, 6])
            _ = await rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", from, from + 3, ticket));
        using (var head = await rig.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, rig.Url("clip.mp4", 0, 19, ticket))))
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        foreach (string path in (string[])["preview.jpg", "snapshot.jpg"])
        {
            foreach (double at in (double[])[4, 8])
                _ = await rig.Http.GetByteArrayAsync($"{rig.BaseUrl}{path}?at={PlaybackRig.Time(at)}&ticket={ticket}");
        }

        await using (var samples = await SamplesClient.OpenAsync(rig, ticket))
            Assert.NotEmpty((await samples.ReadAsync(SamplesClient.Us(15), 1, 1)).Gops);
        await Eventually.TrueAsync(() => rig.Viewings.Count == 0);

        rig.Viewings.Log.Dispose();     // as at an ordered stop
        var reports = rig.Viewings.Log.Take(new ViewingsRequest(null, 0)).Items;
        Assert.Equal(
            ["Playback clip 3", "Playback preview 2", "Playback samples 1", "Snapshot snapshot 2"],
            reports.Select(r => $"{r.Kind} {r.Transport} {r.Count}").Order(StringComparer.Ordinal));
        Assert.All(reports, r => Assert.Equal(("anna", _account, rig.Camera), (r.User, r.AccountId, r.CameraId)));
        var clip = reports.Single(r => r.Transport == "clip");
        Assert.InRange((clip.From!.Value - PlaybackRig.Start).TotalSeconds, 0, 2);
        Assert.InRange((clip.To!.Value - PlaybackRig.Start).TotalSeconds, 12.9, 14);
    }

    private string TicketOf(PlaybackRig rig, DateTimeOffset rightsAsOf) => rig.Sign(account: _account, rightsAsOf: rightsAsOf);

    private void Take(PlaybackRig rig, string camera, ViewingRight rights) => rig.Revoked.Apply(new RevocationList(
        IsWhole: false, new RevocationMark(++_generation, "test"),
        [new Revocation(_generation, _account, null, [camera], rights, s_taken, TimeProvider.System.GetUtcNow().AddDays(1))]));

    /// <summary>So little is on the way that the recorder is not through before it is read.</summary>
    private static HttpClient SlowClient() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static async Task AssertRefusedAsync(string url)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(url);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("accessRevoked", JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
    }
}
