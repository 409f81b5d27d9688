using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Contracts.Recorder;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

/// <summary>Bookmarks, clips and holds: what the API says of them, and what the recorder is told to keep.</summary>
public sealed class KeptFootageTests
{
    /// <summary>Of a day three weeks ago.</summary>
    private static readonly DateTimeOffset s_noon = new(DateTimeOffset.UtcNow.AddDays(-20).Date.AddHours(12), TimeSpan.Zero);

    private static string From { get; } = Text(s_noon);

    private static string To { get; } = Text(s_noon.AddMinutes(10));

    [Fact]
    public async Task A_bookmark_is_added_found_changed_and_deleted_and_keeps_its_footage_for_the_cameras_days()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options) { Measure = new RangeMeasure { RecordedMs = 45_000, DeletedMs = 5_000 } };
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Door", new { recording = new { retention = new { bookmarkDays = 1000 } } })).Text("id")!;
        var other = (await world.AddCameraAsync("Gate")).Text("id")!;

        var made = await world.Http.PostAsync("/api/bookmarks", new { cameraId = camera, at = From, title = " Van ", note = "white", tags = new[] { "theft", "van", "Van" } }, 201);
        Assert.Equal(("Door", From, From, "Van", "white", "admin"), (made.Text("cameraName"), made.Text("from"), made.Text("to"), made.Text("title"), made.Text("note"), made.Text("createdBy")));
        Assert.Equal(["theft", "van"], made.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        await world.Http.PostAsync("/api/bookmarks", new { cameraId = other, from = From, to = To, title = "Later" }, 201);

        // A moment is kept with what is around it.
        await Eventually.TrueAsync(() => recorder.Kept.Ranges.Count == 2);
        var kept = recorder.Kept.Ranges.Single(r => r.CameraId == camera);
        Assert.Equal(("bookmark", "Van"), (kept.Kind, kept.Name));
        Assert.Equal((s_noon.AddSeconds(-30), s_noon.AddSeconds(30)), (At(kept.FromUnixMs), At(kept.ToUnixMs)));
        Assert.Equal(s_noon.AddSeconds(30).AddDays(1000), At(kept.UntilUnixMs));
        Assert.Equal(s_noon.AddMinutes(10).AddDays(90), At(recorder.Kept.Ranges.Single(r => r.CameraId == other).UntilUnixMs));
        await Eventually.TrueAsync(async () => (await ListAsync(world, $"/api/bookmarks?cameraId={camera}"))[0].Text("kept.recordedSeconds") == "45");
        var found = Assert.Single(await ListAsync(world, $"/api/bookmarks?cameraId={camera}&from={From}&to={To}&tag=theft"));
        Assert.Equal(("kept", "15", "5"), (found.Text("kept.state"), found.Text("kept.missingSeconds"), found.Text("kept.deletedSeconds")));
        Assert.Empty(await ListAsync(world, $"/api/bookmarks?to={From}"));
        Assert.Equal(2, (await ListAsync(world, $"/api/bookmarks?cameraId={camera}&cameraId={other}")).Count);

        var id = made.Text("id");
        var patched = await world.Http.PatchAsync($"/api/bookmarks/{id}", """{"title":"White van","tags":[]}""");
        Assert.Equal(("White van", "white", 0), (patched.Text("title"), patched.Text("note"), patched.GetProperty("tags").GetArrayLength()));
        await world.Http.PatchAsync($"/api/cameras/{camera}", """{"recording":{"retention":{"bookmarkDays":10}}}""");
        await Eventually.TrueAsync(() => At(recorder.Kept.Ranges.Single(r => r.CameraId == camera).UntilUnixMs) < DateTimeOffset.UtcNow);     // ten days are over
        Assert.Equal("expired", (await ListAsync(world, $"/api/bookmarks?cameraId={camera}"))[0].Text("kept.state"));

        (await world.Http.DeleteAsync($"/api/bookmarks/{id}")).Dispose();
        Assert.Empty(await ListAsync(world, $"/api/bookmarks?cameraId={camera}"));
        using var gone = await world.Http.DeleteAsync($"/api/bookmarks/{id}");
        await gone.ProblemAsync(404, "bookmarkNotFound");
    }

    [Fact]
    public async Task Bookmarks_are_paged_by_the_time_of_their_footage()
    {
        await using var world = await ControlWorld.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        foreach (var minute in Enumerable.Range(0, 5))
            await world.Http.PostAsync("/api/bookmarks", new { cameraId = camera, at = s_noon.AddMinutes(minute / 2), title = $"b{minute}" }, 201);
        var titles = new List<string?>();
        string? cursor = null;
        do
        {
            var page = await world.Http.GetJsonAsync($"/api/bookmarks?limit=2&cursor={cursor}");
            titles.AddRange(page.GetProperty("items").EnumerateArray().Select(b => b.Text("title")));
            cursor = page.Text("nextCursor");
        }
        while (cursor is not null);
        Assert.Equal(["b4", "b3", "b2", "b1", "b0"], titles);
        using var bad = await world.Http.GetAsync("/api/bookmarks?cursor=WyJ4IiwieSJd");
        await bad.ProblemAsync(400, "invalidInput");
    }

    [Fact]
    public async Task A_clip_keeps_several_cameras_until_it_is_deleted()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var one = (await world.AddCameraAsync("Door")).Text("id")!;
        var two = (await world.AddCameraAsync("Gate")).Text("id")!;
        var made = await world.Http.PostAsync("/api/clips", new { name = "Delivery", cameraIds = new[] { two, one }, from = From, to = To, tags = new[] { "case 7" } }, 201);
        var id = made.Text("id")!;
        Assert.Equal(["Door", "Gate"], made.GetProperty("cameras").EnumerateArray().Select(c => c.Text("cameraName")));
        await Eventually.TrueAsync(() => recorder.Kept.Ranges.Count == 2);
        Assert.All(recorder.Kept.Ranges, r => Assert.Equal(("clip", id, 0L), (r.Kind, r.Id, r.UntilUnixMs)));
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/clips/{id}")).Text("cameras.0.state") == "kept");

        Assert.Equal("Parcel", (await world.Http.PatchAsync($"/api/clips/{id}", """{"name":"Parcel"}""")).Text("name"));
        Assert.Single(await ListAsync(world, $"/api/clips?cameraId={one}&tag=case%207&owner=admin"));
        Assert.Empty(await ListAsync(world, "/api/clips?owner=somebody"));

        (await world.Http.DeleteAsync($"/api/clips/{id}")).Dispose();
        await Eventually.TrueAsync(() => recorder.Kept.Ranges.Count == 0);
        Assert.Equal(HttpStatusCode.NotFound, (await world.Http.GetAsync($"/api/clips/{id}")).StatusCode);
        Assert.Equal(
            ["clip.deleted", "clip.changed", "clip.saved"],
            (await ListAsync(world, $"/api/audit?subject={id}")).Select(a => a.Text("action")));
    }

    [Fact]
    public async Task A_hold_is_made_and_lifted_with_its_own_permission_only_and_both_are_on_record()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        var hold = new { reason = "Case 4711", cameraIds = new[] { camera }, from = From, to = Text(s_noon.AddYears(1)) };
        using (var operators = world.AsRole(Role.Operator))
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await operators.PostAsJsonAsync("/api/holds", hold)).StatusCode);
        }

        var id = (await world.Http.PostAsync("/api/holds", hold, 201)).Text("id")!;
        await Eventually.TrueAsync(() => recorder.Kept.Ranges is [{ Kind: "hold", Name: "Case 4711" }]);
        using (var viewer = world.AsRole(Role.Viewer))
        {
            Assert.Single((await viewer.GetJsonAsync("/api/holds")).GetProperty("items").EnumerateArray());
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.DeleteAsync($"/api/holds/{id}")).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/api/audit")).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsJsonAsync("/api/clips", new { })).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await viewer.PostAsJsonAsync("/api/bookmarks", new { })).StatusCode);
        }

        // The camera goes, its held footage does not.
        recorder.FilesHeld = 3;
        (await world.Http.DeleteAsync($"/api/cameras/{camera}?recordings=delete")).Dispose();
        await Eventually.TrueAsync(() => recorder.Calls.Contains("delete " + camera));
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.archive_deletion where requested_by = 'admin'"));
        var audit = await ListAsync(world, $"/api/audit?subject={camera}");
        Assert.Equal(["camera.deleted", "camera.created"], audit.Select(a => a.Text("action")));
        Assert.Equal(("admin", "delete"), (audit[0].Text("actor"), audit[0].Text("detail.recordings")));
        Assert.Equal("Door", Assert.Single(await ListAsync(world, "/api/holds")).Text("cameras.0.cameraName"));

        (await world.Http.DeleteAsync($"/api/holds/{id}")).Dispose();
        using var again = await world.Http.DeleteAsync($"/api/holds/{id}");
        await again.ProblemAsync(404, "holdNotFound");
        await Eventually.TrueAsync(() => recorder.Kept.Ranges.Count == 0);
        Assert.Empty(await ListAsync(world, "/api/holds"));
        Assert.Equal("admin", Assert.Single(await ListAsync(world, "/api/holds?lifted=true")).Text("liftedBy"));
        Assert.Equal(["hold.lifted", "hold.made"], (await ListAsync(world, $"/api/audit?subject={id}")).Select(a => a.Text("action")));
    }

    [Theory]
    [InlineData(41)]    // a database from a backup
    [InlineData(2)]     // two databases with as many changes
    [InlineData(1)]     // a disk from another machine
    public async Task Holds_and_clips_that_only_the_recorder_remembers_survive_another_database_whichever_number_is_higher(long theirs)
    {
        await using var world = await ControlWorld.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        await world.Http.PostAsync("/api/holds", new { reason = "Ours", cameraIds = new[] { camera }, from = From, to = To }, 201);
        Assert.Equal(2L, await world.ScalarAsync("select generation from control.kept_generation"));
        await using var recorder = new FakeRecorder(world.Options);
        var (id, clip) = (Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString());
        recorder.Kept = new KeptRanges
        {
            Generation = theirs,
            ListId = "another",
            Ranges =
            {
                new KeptRange { Id = id, CameraId = camera, Kind = "hold", FromUnixMs = s_noon.ToUnixTimeMilliseconds(), ToUnixMs = s_noon.AddHours(1).ToUnixTimeMilliseconds(), Name = "Case 9" },
                new KeptRange { Id = clip, CameraId = "elsewhere", Kind = "clip", FromUnixMs = 0, ToUnixMs = 1000, Name = "Van" },
                new KeptRange { Id = Guid.CreateVersion7().ToString(), CameraId = camera, Kind = "bookmark", FromUnixMs = 0, ToUnixMs = 1000 },
            },
        };
        await recorder.StartAsync();
        await Eventually.TrueAsync(() => recorder.Kept.Generation == Math.Max(theirs, 2) + 1);
        Assert.Equal(["Case 9", "Ours", "Van"], recorder.Kept.Ranges.Select(r => r.Name).Order());
        var hold = (await ListAsync(world, "/api/holds")).Single(h => h.Text("id") == id);
        Assert.Equal(("Case 9", "recorder", From), (hold.Text("reason"), hold.Text("createdBy"), hold.Text("from")));
        Assert.Equal(("Van", "recorder"), ((await world.Http.GetJsonAsync($"/api/clips/{clip}")).Text("name"), (await world.Http.GetJsonAsync($"/api/clips/{clip}")).Text("owner")));
        Assert.Equal("hold.recovered", Assert.Single(await ListAsync(world, $"/api/audit?subject={id}")).Text("action"));
        await Eventually.TrueAsync(async () => (await ListAsync(world, "/api/holds")).All(h => h.Text("cameras.0.state") == "kept"));

        // It is ours now: what is lifted stays lifted.
        (await world.Http.DeleteAsync($"/api/holds/{id}")).Dispose();
        (await world.Http.DeleteAsync($"/api/clips/{clip}")).Dispose();
        await Eventually.TrueAsync(() => recorder.Kept.Ranges is [{ Name: "Ours" }]);
    }

    [Fact]
    public async Task A_hold_that_has_not_reached_the_recorder_is_not_overtaken_by_the_deletion_of_the_archive()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options) { RefusesLists = true };
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        var hold = await world.Http.PostAsync("/api/holds", new { reason = "Case 4711", cameraIds = new[] { camera }, from = From, to = To }, 201);
        Assert.Equal("pending", hold.Text("cameras.0.state"));
        (await world.Http.DeleteAsync($"/api/cameras/{camera}?recordings=delete")).Dispose();
        await Eventually.TrueAsync(() => recorder.RefusedDeletions.Contains(camera));
        Assert.DoesNotContain("delete " + camera, recorder.Calls);
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.archive_deletion"));

        recorder.RefusesLists = false;
        await Eventually.TrueAsync(() => recorder.Calls.Contains("delete " + camera));
        Assert.Equal("Case 4711", Assert.Single(recorder.Kept.Ranges).Name);
    }

    [Fact]
    public async Task Bookmarks_leave_room_for_holds_and_more_days_do_not_bring_back_more_of_them_than_there_is_room()
    {
        await using var world = await ControlWorld.StartAsync();
        var camera = (await world.AddCameraAsync("Door", new { recording = new { retention = new { bookmarkDays = 1 } } })).Text("id")!;
        await world.ScalarAsync($"""
            with marks as (
                insert into control.bookmark (id, camera_id, from_time, to_time, title, note, tags, created_by, created_at, updated_at)
                select gen_random_uuid(), '{camera}', now() - interval '9 days', now() - interval '8 days', 'x', '', array[]::text[], 'x', now(), now()
                from generate_series(1, 15001) returning id, camera_id, from_time, to_time)
            insert into control.kept_range (id, camera_id, kind, from_time, to_time, until_time, name, generation)
            select id, camera_id, 'bookmark', from_time, to_time, now() - interval '7 days', 'x', 1 from marks returning 1
            """);
        using (var content = new StringContent("""{"recording":{"retention":{"bookmarkDays":90}}}""", System.Text.Encoding.UTF8, "application/merge-patch+json"))
        using (var patched = await world.Http.PatchAsync($"/api/cameras/{camera}", content))
        {
            await patched.ProblemAsync(409, "tooManyKeptRanges");
        }

        Assert.Equal("1", (await world.Http.GetJsonAsync($"/api/cameras/{camera}")).Text("recording.retention.bookmarkDays"));
        await world.ScalarAsync("update control.kept_range set until_time = now() + interval '1 day' returning 1");
        await world.Http.PostAsync("/api/holds", new { reason = "Case 4711", cameraIds = new[] { camera }, from = From, to = To }, 201);
        var bookmark = new { cameraId = camera, at = DateTimeOffset.UtcNow, title = "one more" };
        using (var one = await world.Http.PostAsJsonAsync("/api/bookmarks", bookmark))
            await one.ProblemAsync(409, "tooManyKeptRanges");

        // Half of it is the first tenant's when there is a second one, which finds the other half.
        await world.ExecuteAsync("delete from control.kept_range where id in (select id from control.kept_range where kind = 'bookmark' limit 7501)");
        await world.Http.PostAsync("/api/bookmarks", bookmark, 201);
        var theirs = await world.AddTenantAsync("second");
        using (var one = await world.Http.PostAsJsonAsync("/api/bookmarks", bookmark))
            await one.ProblemAsync(409, "tooManyKeptRanges");
        using var second = world.Anonymous();
        second.DefaultRequestHeaders.Authorization = world.BearerOf("second", "sue", ("admin", "tenant", null));
        await second.PostAsync("/api/bookmarks", bookmark with { cameraId = theirs }, 201);
    }

    [Theory]
    [InlineData("bookmarks", """{}""", "from:required", "to:required", "title:required", "cameraId:required")]
    [InlineData("bookmarks", """{"cameraId":"x","at":"2026-11-21T12:00:00Z","to":"2026-11-21T12:00:00Z","title":"t"}""", "at:invalidValue")]
    [InlineData("bookmarks", """{"cameraId":"nobody","at":"2026-11-21T12:00:00Z","title":"t"}""", "cameraIds:cameraNotFound")]
    [InlineData("clips", """{"name":"n","cameraIds":[],"from":"2026-11-21T12:00:00Z","to":"2026-11-21T11:00:00Z"}""", "cameraIds:outOfRange", "to:outOfRange")]
    [InlineData("clips", """{"name":"n","cameraIds":["x"],"from":"2026-11-01T12:00:00Z","to":"2026-11-21T11:00:00Z","tags":[""]}""", "to:outOfRange", "tags:outOfRange")]
    [InlineData("holds", """{"reason":"r","cameraIds":["x"],"from":"1960-01-01T00:00:00Z","to":"2026-11-21T11:00:00Z"}""", "from:outOfRange")]
    public async Task Each_wrong_field_is_named(string what, string body, params string[] fields)
    {
        await using var world = await ControlWorld.StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await world.Http.PostAsync($"/api/{what}", content);
        Assert.Equal(fields, (await answer.ProblemAsync(400, "invalidInput")).FieldCodes());
        Assert.Equal(0L, await world.ScalarAsync("select count(*) from control.kept_range"));
    }

    [Fact]
    public async Task A_minimum_of_days_reaches_the_recorder_and_a_forecast_below_it_is_an_alert()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options) { ForecastDays = 3.25 };
        await recorder.StartAsync();
        using (var wrong = await world.Http.PostAsJsonAsync(
            "/api/cameras", new { name = "x", mainUrl = "rtsp://10.0.0.7/x", recording = new { retention = new { minAgeDays = 8, maxAgeDays = 7, bookmarkDays = -1 } } }))
        {
            Assert.Equal(
                ["recording.retention.minAgeDays:aboveMaximum", "recording.retention.bookmarkDays:outOfRange"],
                (await wrong.ProblemAsync(400, "invalidInput")).FieldCodes());
        }

        var camera = (await world.AddCameraAsync("Door", new { recording = new { retention = new { minAgeDays = 7, maxAgeDays = 30 } } })).Text("id")!;
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/cameras/{camera}")).Text("recording.forecastDays") == "3.25");
        Assert.Equal((7.0, 30.0), (recorder.Recordings[camera + ".main"].MinAgeDays, recorder.Recordings[camera + ".main"].MaxAgeDays));
        var dashboard = await world.Http.GetJsonAsync("/api/dashboard");
        Assert.Equal(("12.5", "600"), (dashboard.Text("storage.forecastDays"), dashboard.Text("storage.keptBytes")));
        Assert.Equal(
            "Door: at today's bitrate you keep 3.3 days, you asked for 7",
            dashboard.GetProperty("alerts").EnumerateArray().Single(a => a.Text("code") == "retentionShort").Text("message"));
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static async Task<List<JsonElement>> ListAsync(ControlWorld world, string path) =>
        [.. (await world.Http.GetJsonAsync(path)).GetProperty("items").EnumerateArray()];
}
