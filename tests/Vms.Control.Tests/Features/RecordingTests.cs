using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Contracts.Recorder;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Recording;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class RecordingTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _recorder = new FakeRecorder(_world.Options);
        await _recorder.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_schedule_goes_to_the_recorder_as_it_is_and_comes_back_in_the_camera()
    {
        var id = await AddAsync(new
        {
            mode = "motion",
            preRoll = 30,
            timeZone = "Europe/Berlin",
            schedule = new[]
            {
                new { days = new[] { "mon", "sun" }, from = "22:00", to = "06:15", mode = "continuous" },
                new { days = new[] { "wed" }, from = "00:00", to = "24:00", mode = "off" },
            },
        });
        await Eventually.TrueAsync(() => _recorder.Recordings.ContainsKey(id + ".main"));
        var spec = _recorder.Recordings[id + ".main"];
        Assert.Equal(("motion", "Europe/Berlin", 30, 20), (spec.Mode, spec.TimeZone, spec.PreRollSeconds, spec.PostRollSeconds));
        Assert.Equal(
            [
                new ScheduleEntry { Days = 65, FromMinute = 1320, ToMinute = 375, Mode = "continuous" },
                new ScheduleEntry { Days = 4, FromMinute = 0, ToMinute = 1440, Mode = "off" },
            ],
            spec.Schedule);

        var shown = (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).GetProperty("recording");
        Assert.Equal("06:15", shown.GetProperty("schedule")[0].Text("to"));
        Assert.Equal("Europe/Berlin", shown.Text("timeZone"));

        // Another name leaves it alone; without entries there is no zone either.
        using var renamed = await _world.Http.PatchAsJsonAsync($"/api/cameras/{id}", new { name = "Gate" });
        Assert.Equal(2, (await renamed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("recording").GetProperty("schedule").GetArrayLength());
        using var cleared = await _world.Http.PatchAsJsonAsync($"/api/cameras/{id}", new { recording = new { schedule = (string?)null, timeZone = (string?)null } });
        shown = (await cleared.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("recording");
        Assert.Equal(0, shown.GetProperty("schedule").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("timeZone").ValueKind);
        await Eventually.TrueAsync(() => _recorder.Recordings[id + ".main"].Schedule.Count == 0);
    }

    [Fact]
    public async Task A_camera_that_is_off_but_for_its_schedule_is_recorded_and_gets_the_servers_zone()
    {
        var id = await AddAsync(new { mode = "off", schedule = new[] { new { days = new[] { "sat" }, from = "08:00", to = "09:00", mode = "event" } } });
        await Eventually.TrueAsync(() => _recorder.Recordings.ContainsKey(id + ".main"));
        Assert.True(TimeZoneInfo.TryFindSystemTimeZoneById(_recorder.Recordings[id + ".main"].TimeZone, out _));
        Assert.Single(_recorder.Recordings[id + ".main"].Schedule);
        Assert.NotEqual("off", (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).GetProperty("recording").Text("state"));

        // And ended when another stream is recorded instead.
        using var moved = await _world.Http.PatchAsJsonAsync(
            $"/api/cameras/{id}", new { subUrl = "rtsp://10.0.0.7/y", password = "secret", recording = new { stream = "sub" } });
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        await Eventually.TrueAsync(() => _recorder.Calls.Contains($"stop {id}.main"));
        Assert.Equal(
            """["subUrl", "recording.stream", "password"]""",
            await _world.ScalarAsync($"select detail->>'fields' from control.audit where action = 'camera.changed' and subject = '{id}'"));
    }

    [Theory]
    [InlineData("""[{"days":["mon"],"from":"08:00","to":"08:00","mode":"off"}]""", "recording.schedule[0].to:empty")]
    [InlineData("""[{"days":[],"from":"08:00","to":"09:00","mode":"off"}]""", "recording.schedule[0].days:invalidValue")]
    [InlineData("""[{"days":["mo"],"from":"24:00","to":"00:00","mode":"on"}]""",
        "recording.schedule[0].days:invalidValue recording.schedule[0].from:invalidValue recording.schedule[0].mode:invalidValue recording.schedule[0].to:invalidValue")]
    [InlineData("""[null]""",
        "recording.schedule[0].days:invalidValue recording.schedule[0].from:invalidValue recording.schedule[0].mode:invalidValue recording.schedule[0].to:invalidValue")]
    public async Task A_schedule_that_says_nothing_is_refused(string schedule, string wrong)
    {
        using var answer = await _world.Http.PostAsJsonAsync("/api/cameras", new
        {
            name = "x",
            mainUrl = "rtsp://h/x",
            recording = new { schedule = JsonDocument.Parse(schedule).RootElement },
        });
        Assert.Equal(wrong, string.Join(' ', (await answer.ProblemAsync(400, "invalidInput")).FieldCodes().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task More_entries_than_a_week_has_hours_and_unknown_zones_are_refused()
    {
        var entry = new { days = new[] { "mon" }, from = "08:00", to = "09:00", mode = "off" };
        using var many = await _world.Http.PostAsJsonAsync("/api/cameras", new
        {
            name = "x",
            mainUrl = "rtsp://h/x",
            recording = new { schedule = Enumerable.Repeat(entry, 169), timeZone = "Mars/Olympus" },
        });
        Assert.Equal(
            ["recording.schedule:tooMany", "recording.timeZone:unknownTimeZone"],
            (await many.ProblemAsync(400, "invalidInput")).FieldCodes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_operator_records_by_hand_with_a_reason_that_stays_among_the_events_and_ends_it()
    {
        var id = await AddAsync(new { mode = "off", preRoll = 7 });
        await Eventually.TrueAsync(() => _recorder.Recordings.ContainsKey(id + ".main"));
        using var user = _world.AsRole(Role.Operator);
        using var started = await user.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = " a fight ", seconds = 100_000_000 });
        Assert.Equal(["seconds:outOfRange"], (await started.ProblemAsync(400, "invalidInput")).FieldCodes());
        using var again = await user.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = " a fight ", seconds = 86_400 });
        var answer = await again.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("1970-01-02T00:00:00.000Z", "a fight"), (answer.Text("until"), answer.Text("reason")));
        Assert.Equal((7, 86_400, "a fight"), (_recorder.Manual[id].PreRollSeconds, _recorder.Manual[id].Seconds, _recorder.Manual[id].Reason));
        await Eventually.TrueAsync(async () =>
            (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).GetProperty("recording").GetProperty("manual") is { ValueKind: JsonValueKind.Object } manual
                && manual.Text("by") == _recorder.Manual[id].By);

        using var ended = await user.DeleteAsync($"/api/cameras/{id}/record");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Empty(_recorder.Manual);
        var events = (await _world.Http.GetJsonAsync($"/api/events?cameraId={id}")).GetProperty("items");
        Assert.Equal(["recording.manual.ended", "recording.manual"], events.EnumerateArray().Select(e => e.Text("type")));

        // Ended again nothing happens, and nothing is told.
        using var endedAgain = await user.DeleteAsync($"/api/cameras/{id}/record");
        Assert.Equal(HttpStatusCode.NoContent, endedAgain.StatusCode);
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.audit where action = 'recording.started' and subject = '{id}' and detail->>'reason' = 'a fight'"));
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.audit where action = 'recording.stopped' and subject = '{id}'"));
        Assert.Equal(1L, await _world.ScalarAsync($"select count(*) from control.event where type = 'recording.manual.ended' and camera_id = '{id}'"));

        using var viewer = _world.AsRole(Role.Viewer);
        using var refused = await viewer.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = "x" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task What_was_begun_by_hand_while_the_database_was_away_is_among_the_events_when_it_is_back()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync(), Nats = nats.Url });
        await using var recorder = new FakeRecorder(world.Options);
        await recorder.StartAsync();
        var id = (await world.AddCameraAsync("Door", new { recording = new { mode = "continuous" } })).Text("id")!;
        await Eventually.TrueAsync(() => recorder.Recordings.ContainsKey(id + ".main"));
        await postgres.KillAsync();
        await world.Services.GetRequiredService<ManualRecorder>().BeginAsync(
            new Actor("default", "rule:Gate", null), "default", ["main"], new StartManualRequest { CameraId = id, Seconds = 60, By = "rule:Gate", Reason = "Gate" }, default);
        Assert.Equal("Gate", recorder.Manual[id].Reason);
        await postgres.RestartAsync();
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await world.Http.GetAsync("/api/events?type=recording.manual");
            return answer.IsSuccessStatusCode && (await answer.JsonAsync()).GetProperty("items").EnumerateArray().SingleOrDefault() is { ValueKind: JsonValueKind.Object } told
                && (told.Text("cameraId"), told.Text("data.reason")) == (id, "Gate");
        }, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task What_cannot_be_recorded_by_hand_is_said()
    {
        await (await _world.Http.PostAsJsonAsync("/api/cameras/nobody/record", new { reason = "x" })).ProblemAsync(404, "cameraNotFound");
        var id = await AddAsync(new { mode = "off" }, onDemand: true);
        await (await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = "" })).ProblemAsync(400, "invalidInput");
        await (await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = "x" })).ProblemAsync(409, "cameraOnDemand");
        await _world.Http.PatchAsJsonAsync($"/api/cameras/{id}", new { enabled = false });
        await (await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = "x" })).ProblemAsync(409, "cameraDisabled");
        await _world.Http.PatchAsJsonAsync($"/api/cameras/{id}", new { enabled = true, onDemand = false });
        await _recorder.DisposeAsync();
        await (await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/record", new { reason = "x" })).ProblemAsync(503, "planeUnavailable");
    }

    private async Task<string> AddAsync(object recording, bool onDemand = false)
    {
        using var answer = await _world.Http.PostAsJsonAsync(
            "/api/cameras", new { name = "Yard", mainUrl = "rtsp://10.0.0.7/x", onDemand, recording });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).Text("id")!;
    }
}
