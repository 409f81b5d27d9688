using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

public sealed class AlarmsTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private string _door = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _door = (await _world.AddCameraAsync("Door")).Text("id")!;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task An_alarm_is_assigned_acknowledged_commented_and_closed_and_everybody_hears_of_it()
    {
        await RaiseAsync("a");
        _world.BearerOf("guard", "operator");
        using var feed = await FeedTests.OpenAsync(_world);
        Assert.Equal("guard", (await _world.Http.PostAsync("/api/alarms/a/assign", new { assignedTo = "Guard" })).Text("assignedTo"));
        Assert.Equal(["assignedTo:userNotFound"], (await _world.Http.PostAsync("/api/alarms/a/assign", new { assignedTo = "nobody" }, 400)).FieldCodes());
        var acknowledged = await _world.Http.PostAsync("/api/alarms/a/acknowledge", new { });
        Assert.Equal(("acknowledged", "admin", "guard"), (acknowledged.Text("state"), acknowledged.Text("acknowledgedBy"), acknowledged.Text("assignedTo")));
        using (var again = await _world.Http.PostAsync("/api/alarms/a/acknowledge", null))
            await again.ProblemAsync(409, "alarmNotOpen");
        Assert.Equal("It was the wind", (await _world.Http.PostAsync("/api/alarms/a/comments", new { text = " It was the wind " })).Text("comments.0.text"));
        Assert.Equal("closed", (await _world.Http.PostAsync("/api/alarms/a/close", new { })).Text("state"));
        using (var closed = await _world.Http.PostAsync("/api/alarms/a/close", null))
            await closed.ProblemAsync(409, "alarmClosed");
        Assert.Equal("closed", (await FeedTests.UntilAsync(feed, m => m.Text("type") == "alarm" && m.Text("alarm.state") == "closed")).Text("alarm.state"));
        Assert.Equal(
            "alarm.acknowledged alarm.assigned alarm.closed alarm.commented",
            await _world.ScalarAsync("select string_agg(action, ' ' order by action) from control.audit where subject = 'a'"));
        Assert.Empty((await _world.Http.GetJsonAsync("/api/alarms?state=open&state=acknowledged")).GetProperty("items").EnumerateArray());
        Assert.Single((await _world.Http.GetJsonAsync("/api/alarms?state=closed&assignedTo=guard")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Who_only_looks_changes_no_alarm()
    {
        await RaiseAsync("a");
        using var viewer = _world.As("viewer", ("viewer", "tenant", null));
        Assert.Equal("a", (await viewer.GetJsonAsync("/api/alarms")).Text("items.0.id"));
        using var refused = await viewer.PostAsync("/api/alarms/a/acknowledge", null);
        await refused.ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task What_nobody_acknowledges_goes_to_the_next_one_by_the_next_way()
    {
        _world.BearerOf("guard", "operator");
        await RaiseAsync("a", """[{"afterMinutes":1,"channel":"push","target":"guard"},{"afterMinutes":1,"channel":"email","target":"boss@example.org"}]""", "now() - interval '1 second'");
        await RaiseAsync("b", """[{"afterMinutes":1,"channel":"push","target":"guard"}]""", "now() - interval '1 second'", state: "acknowledged");
        await Eventually.TrueAsync(async () => (long)(await _world.ScalarAsync("select count(*) from control.outbox where channel = 'push'"))! == 1);
        Assert.Equal("guard", await _world.ScalarAsync("select username from control.outbox join control.account a on a.id::text = target where channel = 'push'"));
        await _world.ExecuteAsync("update control.alarm set escalate_at = now() where escalate_at is not null and id = 'a'");
        await Eventually.TrueAsync(async () => (string?)await _world.ScalarAsync("select target from control.outbox where channel = 'email'") == "boss@example.org");
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select escalate_at from control.alarm where id = 'a'") is DBNull or null);
        Assert.Equal(2L, await _world.ScalarAsync("select count(*) from control.outbox"));
        Assert.Equal(2L, await _world.ScalarAsync("select count(*) from control.audit where action = 'alarm.escalated'"));
    }

    [Fact]
    public async Task The_alarms_of_one_event_are_found_and_changed_only_as_they_were_seen()
    {
        await RaiseAsync("a");
        await RaiseAsync("b");
        var items = (await _world.Http.GetJsonAsync("/api/alarms?eventId=eb")).GetProperty("items");
        Assert.Equal(["b"], items.EnumerateArray().Select(a => a.Text("id")));
        Assert.Equal("admin", (await AssignAsync("admin")).Text("assignedTo"));
        Assert.Equal("changedMeanwhile", (await AssignAsync(null)).Text("code"));

        async Task<JsonElement> AssignAsync(string? to)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/alarms/b/assign") { Content = JsonContent.Create(new { assignedTo = to }) };
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{items[0].Text("version")}\"");
            using var answer = await _world.Http.SendAsync(request);
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }

    private Task RaiseAsync(string id, string escalation = "[]", string escalateAt = "null", string state = "open") => _world.ExecuteAsync($"""
        insert into control.alarm (id, tenant_id, rule_id, rule_name, event_id, event_at, event_type, camera_id, site_id, title, severity, state, at, escalation, escalate_at, updated_at)
        values ('{id}', 'default', 'r', 'Rule', 'e{id}', now(), 'motion', '{_door}', 'default', 'Title', 'warning', '{state}', now(), '{escalation}', {escalateAt}, now())
        """);
}
