using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class ReportEventTests
{
    [Fact]
    public async Task A_program_reports_an_event_with_its_end_and_everybody_hears_of_both()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var camera = (await world.AddCameraAsync("Door")).Text("id")!;
        using var feed = await FeedTests.OpenAsync(world);
        using var sensor = world.AsRole(Role.Sensor);
        var at = TimeProvider.System.GetUtcNow().AddSeconds(-3);
        at = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));

        await Eventually.TrueAsync(async () =>
        {
            using var begun = await ReportAsync(sensor, new { type = "door.opened", cameraId = camera, at, ongoing = true, id = "d-1", data = new { door = 7 } });
            return begun.StatusCode == HttpStatusCode.Accepted && (await begun.Content.ReadFromJsonAsync<JsonElement>()).Text("id") == "some-sensor/d-1";
        });
        var first = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event");
        Assert.Equal(
            ("some-sensor/d-1", "door.opened", "Door", "Default site", "some-sensor", "7", null),
            (first.Text("event.id"), first.Text("event.type"), first.Text("event.cameraName"), first.Text("event.siteName"), first.Text("event.source"), first.Text("event.data.door"), first.Text("event.endAt")));

        // That it goes on is nothing new; that it is over is, once.
        await AcceptedAsync(sensor, new { type = "door.opened", cameraId = camera, at, ongoing = true, id = "d-1" });
        await AcceptedAsync(sensor, new { type = "door.opened", cameraId = camera, at, endAt = at.AddSeconds(2), id = "d-1" });
        await AcceptedAsync(sensor, new { type = "door.opened", cameraId = camera, at, endAt = at.AddSeconds(2), id = "d-1" });
        var second = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event");
        Assert.Equal(("some-sensor/d-1", at.AddSeconds(2)), (second.Text("event.id"), second.GetProperty("event").GetProperty("endAt").GetDateTimeOffset()));
        await AcceptedAsync(sensor, new { type = "motion", cameraId = camera });
        Assert.Equal("motion", (await FeedTests.UntilAsync(feed, m => m.Text("type") == "event")).Text("event.type"));

        var events = (await world.Http.GetJsonAsync($"/api/events?cameraId={camera}&reported=true")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["motion", "door.opened"], events.Select(e => e.Text("type")));
        Assert.Equal(0, (await world.Http.GetJsonAsync($"/api/events?cameraId={camera}&reported=false")).GetProperty("items").GetArrayLength());
        Assert.Equal(2L, await world.ScalarAsync("select count(*) from control.audit where action = 'event.reported' and actor = 'some-sensor'"));
    }

    [Fact]
    public async Task Who_may_report_sees_nothing_and_who_sees_may_not_report()
    {
        await using var world = await ControlWorld.StartAsync();
        foreach (var role in new[] { Role.Viewer, Role.Operator, Role.Publisher })
        {
            using var user = world.AsRole(role);
            using var refused = await ReportAsync(user, new { type = "motion" });
            await refused.ProblemAsync(403, "forbidden");
        }

        using var sensor = world.AsRole(Role.Sensor);
        foreach (var path in new[] { "/api/events", "/api/cameras", "/api/audit" })
        {
            using var refused = await sensor.GetAsync(path);
            await refused.ProblemAsync(403, "forbidden");
        }
    }

    [Theory]
    [InlineData("{}", "type:required")]
    [InlineData("""{"type":"Motion!"}""", "type:invalidValue")]
    [InlineData("""{"type":"a.b.c.d.e"}""", "type:invalidValue")]
    [InlineData("""{"type":"recording.gap"}""", "type:reserved")]
    [InlineData("""{"type":"camera"}""", "type:reserved")]
    [InlineData("""{"type":"motion","cameraId":"nobody"}""", "cameraId:cameraNotFound")]
    [InlineData("""{"type":"motion","at":"2001-01-01T00:00:00Z"}""", "at:outOfRange")]
    [InlineData("""{"type":"motion","at":"2901-01-01T00:00:00Z"}""", "at:outOfRange")]
    [InlineData("""{"type":"motion","endAt":"2901-01-01T00:00:00Z"}""", "endAt:outOfRange")]
    [InlineData("""{"type":"motion","endAt":"2001-01-01T00:00:00Z"}""", "endAt:outOfRange")]
    [InlineData("""{"type":"motion","id":"x"}""", "at:required")]
    [InlineData("""{"type":"motion","id":"a/b"}""", "at:required id:invalidValue")]
    [InlineData("""{"type":"motion","data":[1]}""", "data:invalidValue")]
    [InlineData("""{"type":"motion","data":{"a":["\u0000"]}}""", "data:invalidValue")]
    [InlineData("""{"type":"motion","data":{"a\u0000":1}}""", "data:invalidValue")]
    [InlineData("""{"type":"motion","data":{"a":"\ud800"}}""", "data:invalidValue")]
    [InlineData("""{"type":"motion","data":{"a":1e999999}}""", "data:invalidValue")]
    [InlineData("""{"type":"motion","data":{"plate":"12345678901234567890123456789012345678901234567890123456789012345"}}""", "data.plate:tooLong")]
    public async Task What_cannot_be_an_event_is_refused(string body, string wrong)
    {
        await using var world = await ControlWorld.StartAsync();
        using var answer = await world.Http.PostAsync("/api/events", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(wrong, string.Join(' ', (await answer.ProblemAsync(400, "invalidInput")).FieldCodes().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task More_data_than_an_event_may_carry_is_refused()
    {
        await using var world = await ControlWorld.StartAsync();
        using var answer = await ReportAsync(world.Http, new { type = "motion", data = new { text = new string('x', 8 * 1024) } });
        Assert.Equal(["data:invalidValue"], (await answer.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    [Fact]
    public async Task Without_the_event_stream_nothing_is_promised_and_nothing_noted()
    {
        await using var world = await ControlWorld.StartAsync();
        using var answer = await ReportAsync(world.Http, new { type = "motion" });
        await answer.ProblemAsync(503, "busUnavailable");
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(0L, await world.ScalarAsync("select count(*) from control.audit where action = 'event.reported'"));
    }

    private static Task<HttpResponseMessage> ReportAsync(HttpClient client, object body) => client.PostAsJsonAsync("/api/events", body);

    private static async Task AcceptedAsync(HttpClient client, object body)
    {
        using var answer = await ReportAsync(client, body);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}
