using System.Net;
using Vms.Hosting;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>Who watched stands in the plane's book, in whichever way they did.</summary>
public sealed class WatchedTests
{
    [Fact]
    public async Task Every_way_of_watching_stands_in_the_book_once_and_so_does_who_was_not_let_in()
    {
        await using var host = await EgressHost.StartAsync();
        await host.AddRunningCameraAsync(FootageSpec.Small, "1");
        using var stills = host.AddJpegCamera("jpeg");
        stills.Write();
        var account = Guid.NewGuid();
        string Ticket(string camera, TicketKind kind = TicketKind.Live) => host.Ticket(camera, kind, account: account, rightsAsOf: TimeProvider.System.GetUtcNow());

        foreach (string kind in (string[])["webrtc", "mse", "rtsp", "mjpeg"])
        {
            string camera = kind == "mjpeg" ? "jpeg" : "1";
            await using var viewer = await OpenViewer.OpenAsync(host, kind, camera, Ticket(camera));
            await Eventually.TrueAsync(() => viewer.Received > 0);
        }

        var live = Ticket("1");
        foreach (string path in (string[])["hls/cam_1/index.m3u8?ticket=" + live, $"hls/cam_1/main/t/{live}/live.m3u8", "dash/cam_1/index.mpd?ticket=" + live, $"dash/cam_1/main/t/{live}/live.mpd"])
        {
            for (int i = 0; i < 3; i++)
                Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, path));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "api/cameras/1/snapshot.jpg?width=64&ticket=" + Ticket("1", TicketKind.Snapshot)));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, "mjpeg/cam_jpeg?ticket=" + Ticket("1")));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, "mjpeg/cam_jpeg"));
        }

        await Eventually.TrueAsync(() => host.Egress.Mse.Streams.Count == 0);
        host.Viewings.Log.Dispose();        // as at an ordered stop: what is open ends
        var reports = host.Viewings.Log.Take(new ViewingsRequest(null, 0)).Items;
        Assert.Equal(
            ["1 dash", "1 hls", "1 mse", "1 rtsp", "1 webrtc", "jpeg mjpeg"],
            reports.Where(r => r.Kind == WatchKind.Live).Select(r => $"{r.CameraId} {r.Transport}").Order(StringComparer.Ordinal));
        Assert.All(reports.Where(r => r.Kind != WatchKind.Refused), r => Assert.Equal(("tester", account, "127.0.0.1"), (r.User, r.AccountId, r.Address)));
        Assert.Equal("snapshot", Assert.Single(reports, r => r.Kind == WatchKind.Snapshot).Transport);
        Assert.Equal(
            [("", "noTicket", 5), ("tester", "otherCamera", 5)],
            reports.Where(r => r.Kind == WatchKind.Refused).Select(r => (r.User, r.Transport, (int)r.Count)).OrderBy(r => r.Transport, StringComparer.Ordinal));
    }

    private static async Task<HttpStatusCode> StatusAsync(EgressHost host, string path)
    {
        using var answer = await host.Http.GetAsync(new Uri(host.Url, path));
        return answer.StatusCode;
    }
}
