using Vms.Control.Tests.Support;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Control.Tests.Viewing;

/// <summary>Who watched, from a plane into the audit log.</summary>
public sealed class ViewingCollectorTests
{
    private static readonly DateTimeOffset s_began = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_plane_tells_again_and_again_stands_in_the_audit_log_once()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var media = new ViewingPlane(world.Options, "media");
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        media.Watched.Enqueue(Report(1, WatchKind.Live, "anna", camera, "webrtc"));
        media.Watched.Enqueue(Report(2, WatchKind.Refused, "", camera, "invalidTicket") with { Count = 12 });
        await media.StartAsync();
        await Eventually.TrueAsync(() => media.Asked.Any(a => a.After == 2 && a.Epoch == media.Epoch));
        media.Watched.Enqueue(Report(3, WatchKind.Playback, "anna", camera, "hls") with { From = s_began.AddDays(-1), To = s_began.AddDays(-1).AddMinutes(1) });
        await Eventually.TrueAsync(() => media.Asked.Any(a => a.After == 3));

        var live = (await world.Http.GetJsonAsync("/api/audit?action=live.watched")).GetProperty("items");
        Assert.Equal(1, live.GetArrayLength());
        Assert.Equal(
            ("anna", "10.0.0.9", camera, "done", "webrtc", "main", "12.5"),
            (live[0].Text("actor"), live[0].Text("address"), live[0].Text("subject"), live[0].Text("result"), live[0].Text("detail.transport"), live[0].Text("detail.stream"),
                live[0].Text("detail.seconds")));
        var playback = (await world.Http.GetJsonAsync("/api/audit?action=playback.watched")).GetProperty("items");
        Assert.Equal(s_began.AddDays(-1), playback[0].GetProperty("detail").GetProperty("from").GetDateTimeOffset());
        var refused = (await world.Http.GetJsonAsync("/api/audit?action=viewing.refused")).GetProperty("items");
        Assert.Equal((1, "refused", "invalidTicket", "12"), (refused.GetArrayLength(), refused[0].Text("result"), refused[0].Text("detail.reason"), refused[0].Text("detail.count")));

        // It lost its disk: its numbers begin anew.
        media.Watched.Clear();
        media.Epoch = Guid.NewGuid();
        media.Watched.Enqueue(Report(1, WatchKind.Snapshot, "anna", camera, "snapshot"));
        await Eventually.TrueAsync(() => media.Asked.Any(a => a.Epoch == media.Epoch && a.After == 1));
        Assert.Equal(1, (await world.Http.GetJsonAsync("/api/audit?action=snapshot.taken")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Whoever_asks_for_what_they_may_not_see_stands_in_the_audit_log_with_the_number_of_tries()
    {
        await using var world = await ControlWorld.StartAsync();
        var (seen, hidden) = ((await world.AddCameraAsync("Door")).Text("id")!, (await world.AddCameraAsync("Safe")).Text("id")!);
        using var anna = world.As("anna", ("investigator", "camera", seen), ("viewer", "camera", (await world.AddCameraAsync("Hall")).Text("id")!));
        for (int i = 0; i < 5; i++)
        {
            await anna.PostAsync($"/api/cameras/{seen}/live", new { }, 403);
            await anna.PostAsync($"/api/cameras/{hidden}/live", new { }, 404);
        }

        await Eventually.TrueAsync(async () => await CountAsync() == 2);
        Assert.Equal("cameraNotFound", await world.ScalarAsync($"select detail ->> 'reason' from control.audit where action = 'viewing.refused' and subject = '{hidden}'"));
        Assert.Equal("forbidden", await world.ScalarAsync($"select detail ->> 'reason' from control.audit where action = 'viewing.refused' and subject = '{seen}' and result = 'refused' and actor = 'anna'"));

        async Task<long> CountAsync() => (long)(await world.ScalarAsync("select count(distinct subject) from control.audit where action = 'viewing.refused'"))!;
    }

    private static ViewingReport Report(long sequence, WatchKind kind, string user, string camera, string transport) => new(
        sequence, Guid.CreateVersion7(), kind, null, user, null, "10.0.0.9", camera, "main", transport, s_began, 12.5, GoesOn: false, IsCutOff: false, 1, null, null);
}
