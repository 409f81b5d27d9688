using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Vms.Contracts.Recorder;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

public sealed class ExportsTests
{
    private static readonly DateTimeOffset s_from = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_wish_reaches_the_recorder_and_its_progress_and_files_come_back()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        var id = await RequestAsync(world, camera);
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(id));
        var spec = recorder.Exports[id].Spec;
        Assert.Equal((camera, "Gate", "default", "admin", "case 17", s_from.ToUnixTimeMilliseconds()), (spec.Cameras[0].Id, spec.Cameras[0].Name, spec.Cameras[0].SiteId, spec.RequestedBy, spec.Note, spec.FromUnixMs));

        recorder.Exports[id] = (spec, new ExportStatus { Id = id, State = "running", BytesDone = 25, BytesTotal = 100 });
        await StateAsync(world, id, "running");
        Assert.Equal(0.25, (await GetAsync(world, id)).GetProperty("progress").GetDouble());
        Assert.Equal(0, (await GetAsync(world, id)).GetProperty("files").GetArrayLength());

        recorder.Exports[id] = (spec, Done(id, camera));
        await StateAsync(world, id, "done");
        var done = await GetAsync(world, id);
        Assert.Equal(1, done.GetProperty("progress").GetDouble());
        Assert.Equal($"/api/exports/{id}/files/manifest.json", done.GetProperty("manifestUrl").GetString());
        Assert.Equal($"/api/exports/{id}/export.zip", done.GetProperty("zipUrl").GetString());
        Assert.Equal(("Gate.mp4", 90, "ab", $"/api/exports/{id}/files/Gate.mp4"), (
            done.GetProperty("files")[1].GetProperty("name").GetString(), done.GetProperty("files")[1].GetProperty("bytes").GetInt32(),
            done.GetProperty("files")[1].GetProperty("sha256").GetString(), done.GetProperty("files")[1].GetProperty("url").GetString()));
        Assert.Equal(7, (done.GetProperty("expiresAt").GetDateTimeOffset() - done.GetProperty("finishedAt").GetDateTimeOffset()).TotalDays, 3);
        var list = await (await world.Http.GetAsync("/api/exports")).JsonAsync(200);
        Assert.Equal(id, list.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.audit where action = 'export.requested' and actor = 'admin'"));
    }

    [Fact]
    public async Task What_is_cancelled_stays_so_and_the_recorder_is_told_until_it_has_heard()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        var id = await RequestAsync(world, camera);
        using (var response = await world.Http.PostAsync($"/api/exports/{id}/cancel", null))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        using (var response = await world.Http.PostAsync($"/api/exports/{id}/cancel", null))
            Assert.Equal("exportIsOver", (await response.JsonAsync(409)).GetProperty("code").GetString());
        await recorder.StartAsync();
        await Eventually.TrueAsync(() => recorder.Calls.Contains($"delete export {id}"), TimeSpan.FromSeconds(30));
        await StateAsync(world, id, "cancelled");
        Assert.Empty(recorder.Exports);
        using (var response = await world.Http.DeleteAsync($"/api/exports/{id}"))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        using (var response = await world.Http.DeleteAsync("/api/exports/nothing"))
            Assert.Equal("exportNotFound", (await response.JsonAsync(404)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task One_whose_files_cannot_be_removed_does_not_hold_up_the_others()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        var stuck = await RequestAsync(world, camera);
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(stuck));
        recorder.StuckExport = stuck;
        using (var response = await world.Http.DeleteAsync($"/api/exports/{stuck}"))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var next = await RequestAsync(world, camera);
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(next));
        recorder.StuckExport = null;
        await Eventually.TrueAsync(() => !recorder.Exports.ContainsKey(stuck));
    }

    [Fact]
    public async Task While_the_recorder_is_away_it_says_so_and_a_failure_says_why()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        var id = await RequestAsync(world, camera);
        await EventuallyAsync(world, id, e => e.GetProperty("error") is { ValueKind: JsonValueKind.Object } error && error.GetProperty("code").GetString() == "recorderAway");
        await recorder.StartAsync();
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(id), TimeSpan.FromSeconds(30));
        recorder.Exports[id] = (recorder.Exports[id].Spec, new ExportStatus { Id = id, State = "failed", Code = "noRoom", Detail = "It takes 3 GB." });
        await StateAsync(world, id, "failed");
        var error = (await GetAsync(world, id)).GetProperty("error");
        Assert.Equal(("noRoom", "It takes 3 GB."), (error.GetProperty("code").GetString(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Downloads_pass_through_and_are_noted_once_and_end_with_the_expiry()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options, app => app.MapGet(
            "/api/exports/{id}/files/{name}", (string id, string name) => Results.Bytes(new byte[1000], "video/mp4", enableRangeProcessing: true)));
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        var id = await RequestAsync(world, camera);
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(id));
        using (var early = await world.Http.GetAsync($"/api/exports/{id}/files/Gate.mp4"))
            Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);
        recorder.Exports[id] = (recorder.Exports[id].Spec, Done(id, camera));
        await StateAsync(world, id, "done");

        // Whoever leaves the first byte out takes the rest all the same.
        using (var rest = new HttpRequestMessage(HttpMethod.Get, $"/api/exports/{id}/files/Gate.mp4") { Headers = { Range = new(1, null) } })
        using (var response = await world.Http.SendAsync(rest))
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(1L, await world.ScalarAsync($"select count(*) from control.audit where action = 'export.downloaded' and subject = '{id}'"));
        Assert.Equal(1000, (await world.Http.GetByteArrayAsync($"/api/exports/{id}/files/Gate.mp4")).Length);
        Assert.Equal(1L, await world.ScalarAsync($"select count(*) from control.audit where action = 'export.downloaded' and subject = '{id}'"));
        Assert.Equal(1000, (await world.Http.GetByteArrayAsync($"/api/exports/{id}/files/Other.mp4")).Length);
        await world.ExecuteAsync(
            $"""
            alter table control.audit disable trigger user;
            update control.audit set at = at - interval '11 min' where action = 'export.downloaded' and subject = '{id}';
            alter table control.audit enable trigger user
            """);
        Assert.Equal(1000, (await world.Http.GetByteArrayAsync($"/api/exports/{id}/files/Gate.mp4")).Length);
        Assert.Equal(3L, await world.ScalarAsync($"select count(*) from control.audit where action = 'export.downloaded' and subject = '{id}'"));

        using var ticketed = await world.Http.PostAsJsonAsync("/api/tickets", new { kind = "export", cameraIds = new[] { camera } });
        var ticket = (await ticketed.JsonAsync(200)).GetProperty("ticket").GetString();
        using var anonymous = world.Anonymous();
        Assert.Equal(1000, (await anonymous.GetByteArrayAsync($"/api/exports/{id}/files/Gate.mp4?ticket={ticket}")).Length);
        using (var none = await anonymous.GetAsync($"/api/exports/{id}/files/Gate.mp4"))
            Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        using (var list = await anonymous.GetAsync($"/api/exports?ticket={ticket}"))
            Assert.Equal(HttpStatusCode.Unauthorized, list.StatusCode);

        await world.ScalarAsync($"update control.export set expires_at = now() - interval '1 s' where id = '{id}'");
        await RequestAsync(world, camera);      // wakes who looks after them
        await StateAsync(world, id, "expired");
        await Eventually.TrueAsync(() => recorder.Calls.Contains($"delete export {id}"));
        using (var late = await world.Http.GetAsync($"/api/exports/{id}/files/Gate.mp4"))
            Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
    }

    [Theory]
    [InlineData("cameras", "outOfRange", """{"cameras":[],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z"}""")]
    [InlineData("cameras", "cameraNotFound", """{"cameras":["nobody"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z"}""")]
    [InlineData("to", "outOfRange", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:30:00Z"}""")]
    [InlineData("to", "tooLong", """{"cameras":["a"],"from":"2026-11-01T09:30:00Z","to":"2026-11-21T09:30:00Z"}""")]
    [InlineData("from", "outOfRange", """{"cameras":["a"],"from":"2226-11-21T09:30:00Z","to":"2226-11-21T09:31:00Z"}""")]
    [InlineData("format", "notSupported", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z","format":"avi"}""")]
    [InlineData("watermark", "notOneLine", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z","watermark":"two\nlines"}""")]
    [InlineData("burnIn.timeZone", "unknownTimeZone", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z","burnIn":{"time":true,"timeZone":"Mars/Base"}}""")]
    [InlineData("burnIn.masks[0].cameraId", "cameraNotFound", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z","burnIn":{"masks":[{"cameraId":"b","box":[0,0,1,1]}]}}""")]
    [InlineData("burnIn.masks[1].box", "outOfRange", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z","burnIn":{"masks":[{"box":[0,0,1,1]},{"box":[0.5,0,0.6,1]}]}}""")]
    [InlineData("burnIn.masks[0].box", "outOfRange", """{"cameras":["a"],"from":"2026-11-21T09:30:00Z","to":"2026-11-21T09:31:00Z","burnIn":{"masks":[{"box":[0,0,1]}]}}""")]
    public async Task A_wish_that_makes_no_sense_is_refused_with_the_field(string field, string code, string body)
    {
        await using var world = await ControlWorld.StartAsync();
        using var response = await world.Http.PostAsync("/api/exports", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var problem = (await response.JsonAsync(400)).GetProperty("fields")[0];
        Assert.Equal((field, code), (problem.GetProperty("field").GetString(), problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task However_many_areas_are_asked_for_none_goes_unchecked()
    {
        await using var world = await ControlWorld.StartAsync();
        var box = new[] { 0, 0, 0.1, 0.1 };
        object[] masks = [.. Enumerable.Repeat(new { cameraId = "a", box }, 16), .. Enumerable.Repeat(new { cameraId = "", box }, 16), new { cameraId = "b", box = (double[]?)null }];
        using var response = await world.Http.PostAsJsonAsync(
            "/api/exports", new { cameras = new[] { "a" }, from = s_from, to = s_from.AddMinutes(1), burnIn = new { masks } });
        Assert.Equal("burnIn.masks", (await response.JsonAsync(400)).GetProperty("fields").EnumerateArray().Single().GetProperty("field").GetString());
    }

    [Fact]
    public async Task Texts_and_areas_beyond_their_ceilings_are_refused()
    {
        await using var world = await ControlWorld.StartAsync();
        var box = new[] { 0, 0, 0.1, 0.1 };
        using var response = await world.Http.PostAsJsonAsync("/api/exports", new
        {
            cameras = new[] { "a" },
            from = s_from,
            to = s_from.AddMinutes(1),
            watermark = new string('x', 121),
            burnIn = new { masks = Enumerable.Repeat(new { box }, 17) },
        });
        Assert.Equal(
            ["watermark tooLong", "burnIn.masks tooMany"],
            (await response.JsonAsync(400)).GetProperty("fields").EnumerateArray().Select(f => $"{f.GetProperty("field").GetString()} {f.GetProperty("code").GetString()}"));
    }

    [Fact]
    public async Task What_is_to_be_burnt_in_reaches_the_recorder_and_stands_in_the_export_and_in_the_audit()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        using var response = await world.Http.PostAsJsonAsync("/api/exports", new
        {
            cameras = new[] { camera },
            from = s_from,
            to = s_from.AddMinutes(1),
            format = "mkv",
            watermark = "For the court",
            burnIn = new { time = true, timeZone = "Europe/Berlin", masks = new object[] { new { box = new[] { 0, 0.5, 0.25, 0.5 } }, new { cameraId = camera, box = new[] { 0.1, 0.2, 0.3, 0.4 } } } },
        });
        var id = (await response.JsonAsync(202)).GetProperty("id").GetString()!;
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(id));
        var spec = recorder.Exports[id].Spec;
        Assert.Equal(("mkv", "For the court", true, "Europe/Berlin"), (spec.Format, spec.BurnIn.Watermark, spec.BurnIn.Time, spec.BurnIn.TimeZone));
        Assert.Equal(
            [new ExportMask { Y = 0.5, Width = 0.25, Height = 0.5 }, new ExportMask { CameraId = camera, X = 0.1, Y = 0.2, Width = 0.3, Height = 0.4 }], spec.BurnIn.Masks);

        var export = await GetAsync(world, id);
        Assert.Equal(("mkv", "For the court"), (export.GetProperty("format").GetString(), export.GetProperty("watermark").GetString()));
        Assert.Equal("Europe/Berlin", export.GetProperty("burnIn").GetProperty("timeZone").GetString());
        Assert.Equal(0.4, export.GetProperty("burnIn").GetProperty("masks")[1].GetProperty("box")[3].GetDouble());
        Assert.Equal(1L, await world.ScalarAsync(
            "select count(*) from control.audit where action = 'export.requested' and detail->>'format' = 'mkv' and detail->'burnIn'->>'watermark' = 'For the court' and detail->'burnIn'->'time' = 'true'"));

        var plain = await GetAsync(world, await RequestAsync(world, camera));
        Assert.Equal(("mp4", false), (plain.GetProperty("format").GetString(), plain.TryGetProperty("burnIn", out var none) && none.ValueKind != JsonValueKind.Null));
    }

    [Fact]
    public async Task That_faces_are_to_be_hidden_reaches_the_recorder_and_of_how_much_that_was_not_possible_stands_in_the_export()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var camera = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        using var response = await world.Http.PostAsJsonAsync("/api/exports", new { cameras = new[] { camera }, from = s_from, to = s_from.AddMinutes(1), burnIn = new { faces = true } });
        var id = (await response.JsonAsync(202)).GetProperty("id").GetString()!;
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(id));
        Assert.True(recorder.Exports[id].Spec.BurnIn.Faces);
        var waiting = await GetAsync(world, id);
        Assert.True(waiting.GetProperty("burnIn").GetProperty("faces").GetBoolean());
        Assert.Equal(JsonValueKind.Null, waiting.GetProperty("unlookedSeconds").ValueKind);

        var status = Done(id, camera);
        status.UnlookedSeconds = 12.34;
        recorder.Exports[id] = (recorder.Exports[id].Spec, status);
        await StateAsync(world, id, "done");
        Assert.Equal(12.3, (await GetAsync(world, id)).GetProperty("unlookedSeconds").GetDouble());
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.audit where action = 'export.requested' and detail->'burnIn'->'faces' = 'true'"));

        // Where no faces were to be hidden there is nothing to say.
        var plain = await RequestAsync(world, camera);
        await Eventually.TrueAsync(() => recorder.Exports.ContainsKey(plain));
        Assert.Null(recorder.Exports[plain].Spec.BurnIn);
        recorder.Exports[plain] = (recorder.Exports[plain].Spec, Done(plain, camera));
        await StateAsync(world, plain, "done");
        Assert.Equal(JsonValueKind.Null, (await GetAsync(world, plain)).GetProperty("unlookedSeconds").ValueKind);
    }

    [Fact]
    public async Task Before_an_export_the_recorder_says_of_how_much_faces_cannot_be_hidden()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var recorder = new FakeRecorder(world.Options) { UnlookedSeconds = 720.04 };
        var gate = (await world.AddCameraAsync("Gate")).GetProperty("id").GetString()!;
        var door = (await world.AddCameraAsync("Door")).GetProperty("id").GetString()!;
        var path = $"/api/exports/faces?cameraId={gate}&cameraId={door}&from=2026-11-21T09:00:00Z&to=2026-11-21T10:00:00Z";
        using (var early = await world.Http.GetAsync(path))
            Assert.Equal("planeUnavailable", (await early.JsonAsync(503)).GetProperty("code").GetString());
        await recorder.StartAsync();
        using var response = await world.Http.GetAsync(path);
        var cameras = (await response.JsonAsync(200)).GetProperty("cameras").EnumerateArray().ToList();
        Assert.Equal([gate, door], cameras.Select(c => c.GetProperty("cameraId").GetString()));
        Assert.All(cameras, c => Assert.Equal((3600, 720), (c.GetProperty("recordedSeconds").GetDouble(), c.GetProperty("unlookedSeconds").GetDouble())));

        foreach (var (query, field) in new[]
        {
            ("from=2026-11-21T09:00:00Z&to=2026-11-21T10:00:00Z", "cameraId outOfRange"),
            ($"cameraId={gate}&cameraId=nobody&from=2026-11-21T09:00:00Z&to=2026-11-21T10:00:00Z", "cameraId cameraNotFound"),
            ($"cameraId={gate}&to=2026-11-21T10:00:00Z", "from required"),
            ($"cameraId={gate}&from=2026-11-21T09:00:00Z", "to required"),
            ($"cameraId={gate}&from=2026-11-21T09:00:00Z&to=2026-11-21T09:00:00Z", "to outOfRange"),
            ($"cameraId={gate}&from=2026-11-01T09:00:00Z&to=2026-11-21T09:00:00Z", "to outOfRange"),
        })
        {
            using var refused = await world.Http.GetAsync("/api/exports/faces?" + query);
            var problem = (await refused.JsonAsync(400)).GetProperty("fields")[0];
            Assert.Equal(field, $"{problem.GetProperty("field").GetString()} {problem.GetProperty("code").GetString()}");
        }
    }

    [Fact]
    public async Task Only_who_may_export_sees_and_asks_for_exports()
    {
        await using var world = await ControlWorld.StartAsync();
        using var viewer = world.AsRole(Role.Viewer);
        using (var list = await viewer.GetAsync("/api/exports"))
            Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
        using (var ask = await viewer.PostAsJsonAsync("/api/exports", new { cameras = new[] { "a" } }))
            Assert.Equal(HttpStatusCode.Forbidden, ask.StatusCode);
        using (var ticket = await viewer.PostAsJsonAsync("/api/tickets", new { kind = "export" }))
            Assert.Equal(HttpStatusCode.Forbidden, ticket.StatusCode);
        using var @operator = world.AsRole(Role.Operator);
        using (var list = await @operator.GetAsync("/api/exports"))
            Assert.Equal(HttpStatusCode.OK, list.StatusCode);
    }

    private static ExportStatus Done(string id, string camera)
    {
        var status = new ExportStatus { Id = id, State = "done", BytesDone = 100, BytesTotal = 100, ZipBytes = 200 };
        status.Files.Add(new ExportFile { Name = "manifest.json", Bytes = 10, Sha256 = "cd" });
        status.Files.Add(new ExportFile { Name = "Gate.mp4", Bytes = 90, Sha256 = "ab", CameraId = camera });
        return status;
    }

    private static async Task<string> RequestAsync(ControlWorld world, string camera)
    {
        using var response = await world.Http.PostAsJsonAsync("/api/exports", new { cameras = new[] { camera }, from = s_from, to = s_from.AddMinutes(1), format = "mp4", note = "case 17" });
        return (await response.JsonAsync(202)).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> GetAsync(ControlWorld world, string id) => (await (await world.Http.GetAsync($"/api/exports/{id}")).JsonAsync(200)).Clone();

    private static Task StateAsync(ControlWorld world, string id, string state) => EventuallyAsync(world, id, e => e.GetProperty("state").GetString() == state);

    private static async Task EventuallyAsync(ControlWorld world, string id, Func<JsonElement, bool> holds)
    {
        await Eventually.TrueAsync(async () => holds(await GetAsync(world, id)), TimeSpan.FromSeconds(30));
    }
}
