using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Vms.Hosting;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Exports;

/// <summary>The right to exports is taken away while one is being downloaded.</summary>
public sealed class ExportRevocationTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(4);
    private static readonly DateTimeOffset s_before = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_taken = s_before.AddSeconds(1);

    private readonly Guid _account = Guid.NewGuid();
    private long _generation;

    [Theory]
    [InlineData("export.zip")]
    [InlineData("files/")]
    public async Task A_download_in_flight_is_cut_off_and_is_not_taken_for_a_whole_one(string path)
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 120, feed => feed.Append(120 * Footage.FramesPerSecond));
        var export = await rig.ExportAsync(0, 239, "cam1");
        var file = path == "export.zip" ? path : path + export.Files.MaxBy(f => f.Bytes)!.Name;
        using var plain = rig.Http(out string ticket, TicketAsOf(s_before));
        using var client = SlowClient(plain.BaseAddress!);
        string url = $"/api/exports/{export.Id}/{file}?ticket={ticket}";
        using var answer = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[1024]) > 0);        // the rest waits for us

        // Other rights, and those of others, are none of it.
        Take(rig, ViewingRight.Live | ViewingRight.Playback, "cam1");
        Take(rig, ViewingRight.Export, "cam2");
        await body.ReadExactlyAsync(new byte[64 * 1024]);
        Assert.Equal(1, rig.Recorder.Get<Viewings>().Count);

        Take(rig, ViewingRight.Export, "cam1");
        await Eventually.TrueAsync(() => rig.Recorder.Get<Viewings>().Count == 0, s_limit);
        await Assert.ThrowsAnyAsync<Exception>(async () => await body.CopyToAsync(Stream.Null));
        using (var again = await plain.GetAsync(url))
        {
            Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
            Assert.Equal("accessRevoked", JsonDocument.Parse(await again.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString());
        }

        using var back = rig.Http(out string fresh, TicketAsOf(s_taken));
        using var whole = await back.GetAsync($"/api/exports/{export.Id}/{file}?ticket={fresh}");
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
    }

    private Ticket TicketAsOf(DateTimeOffset rightsAsOf) =>
        new(TicketKind.Export, "anna", ["cam1"], TimeProvider.System.GetUtcNow().AddHours(1), AccountId: _account, RightsAsOf: rightsAsOf);

    private void Take(ExportRig rig, ViewingRight rights, string camera) => rig.Recorder.Get<RevokedRights>().Apply(new RevocationList(
        IsWhole: false, new RevocationMark(++_generation, "test"),
        [new Revocation(_generation, _account, null, [camera], rights, s_taken, TimeProvider.System.GetUtcNow().AddDays(1))]));

    /// <summary>So little is on the way that the recorder is not through before it is read.</summary>
    private static HttpClient SlowClient(Uri address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = address };
}
