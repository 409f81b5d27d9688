using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Tests.Features;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Auth;

public sealed class RightsTests
{
    [Fact]
    public async Task A_right_that_is_taken_away_or_given_counts_with_the_next_request()
    {
        await using var world = await ControlWorld.StartAsync();
        var door = (await world.AddCameraAsync("Door")).Text("id")!;
        using var caller = world.As("bert", ("viewer", "tenant", null));
        var ticket = (await caller.PostAsync($"/api/cameras/{door}/live", new { })).Text("ticket");
        using var byTicket = world.Anonymous();
        await AssertStatusAsync(byTicket, $"/hls/cam_{door}/index.m3u8?ticket={ticket}", 503);       // let in; there is no plane

        world.BearerOf("bert");
        using (var refused = await caller.GetAsync("/api/cameras"))
            await refused.ProblemAsync(403, "forbidden");
        await AssertStatusAsync(byTicket, $"/hls/cam_{door}/index.m3u8?ticket={ticket}", 403);
        await AssertStatusAsync(byTicket, $"/hls/cam_{door}/main/t/{ticket}/index.m3u8", 401);

        world.BearerOf("bert", ("viewer", "camera", door));
        await caller.GetJsonAsync("/api/cameras/" + door);
        await AssertStatusAsync(byTicket, $"/hls/cam_{door}/main/t/{ticket}/index.m3u8", 503);
        var me = await caller.GetJsonAsync("/api/auth/me");
        Assert.Equal(("", "default", "camera", door), (me.Text("role"), me.Text("tenantId"), me.Text("scopes.0.scope"), me.Text("scopes.0.scopeId")));

        await world.ExecuteAsync("update control.account set enabled = false where username = 'bert'");
        world.RefreshRights();
        using (var closed = await caller.GetAsync("/api/cameras"))
            await closed.ProblemAsync(401, "tokenExpired");
        await AssertStatusAsync(byTicket, $"/hls/cam_{door}/index.m3u8?ticket={ticket}", 401);
    }

    [Fact]
    public async Task What_another_program_changed_counts_within_ten_seconds()
    {
        await using var world = await ControlWorld.StartAsync();
        using var caller = world.As("bert", ("viewer", "tenant", null));
        var account = Guid.Parse((await caller.GetJsonAsync("/api/auth/me")).Text("id")!);
        var time = new ManualTimeProvider();
        using var state = new RightsState(world.Database, time, NullLogger<RightsState>.Instance);
        await state.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => state.Current?.Find(account)?.Rights.AllowsTenant(Permissions.LiveView) == true);

        var replaced = state.Replaced.Next;
        await world.ExecuteAsync("delete from control.role_grant g using control.account a where a.id = g.account_id and a.username = 'bert'");
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return replaced.IsCompleted;
        });
        Assert.False(state.Current!.Find(account)!.Rights.AllowsAnywhere(Permissions.LiveView));
        await state.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Members_of_a_group_have_what_the_group_has()
    {
        await using var world = await ControlWorld.StartAsync();
        var door = (await world.AddCameraAsync("Door")).Text("id")!;
        using var caller = world.As("bert");
        await AssertStatusAsync(caller, "/api/cameras/" + door, 403);
        await world.ExecuteAsync("""
            insert into control.people_group (id, tenant_id, name, created_at) values ('00000000-0000-0000-0000-000000000001', 'default', 'Night shift', now());
            insert into control.people_group_member select '00000000-0000-0000-0000-000000000001', id from control.account where username = 'bert';
            insert into control.role_grant (tenant_id, group_id, role_id, scope) values ('default', '00000000-0000-0000-0000-000000000001', 'viewer', 'tenant')
            """);
        world.RefreshRights();
        await caller.GetJsonAsync("/api/cameras/" + door);
    }

    [Fact]
    public async Task The_live_feed_follows_the_rights_of_its_listener()
    {
        await using var world = await ControlWorld.StartAsync();
        var (door, vault) = ((await world.AddCameraAsync("Door")).Text("id")!, (await world.AddCameraAsync("Vault")).Text("id")!);
        using var caller = world.As("bert", ("viewer", "camera", door));
        using var feed = await FeedTests.OpenAsync(world, caller);
        Assert.Equal(door, (await FeedTests.UntilAsync(feed, m => m.Text("type") == "camera.state")).Text("cameraId"));

        // Of two events the one that comes first is of the other camera: only the second arrives.
        await TellAsync(world, vault, door);
        var heard = await FeedTests.UntilAsync(feed, m => m.Text("type") == "event" || (m.TryGetProperty("cameraId", out var camera) && camera.GetString() == vault));
        Assert.Equal("event", heard.Text("type"));
        Assert.Equal(door, heard.Text("event.cameraId"));
        await FeedTests.SendAsync(feed, new { type = "stream.request", requestId = "r", cameraId = vault });
        Assert.Equal("cameraNotFound", (await FeedTests.UntilAsync(feed, m => m.Text("type") == "error")).Text("code"));

        world.BearerOf("bert", ("viewer", "camera", vault));
        await FeedTests.UntilAsync(feed, m => m.Text("type") == "camera.removed" && m.Text("cameraId") == door);
        await FeedTests.UntilAsync(feed, m => m.Text("type") == "camera.state" && m.Text("cameraId") == vault);
        await TellAsync(world, door, vault);
        Assert.Equal(vault, (await FeedTests.UntilAsync(feed, m => m.Text("type") == "event")).Text("event.cameraId"));

        await world.ExecuteAsync("update control.account set enabled = false where username = 'bert'");
        world.RefreshRights();
        await FeedTests.UntilClosedAsync(feed);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "signed out"), (feed.CloseStatus, feed.CloseStatusDescription));
    }

    /// <summary>A permission is looked up thousands of times a second: it costs no memory.</summary>
    [Fact]
    public void A_decision_allocates_nothing()
    {
        var account = Guid.NewGuid();
        var snapshot = new RightsSnapshot(
            [("s", "default")], [("c", new CameraPlace("default", "s", ["inner", "outer"]))], [new PrincipalRow(account, "default", "x", true)],
            [new GrantRow(account, "viewer", "group", "outer"), new GrantRow(account, "operator", "site", "elsewhere")],
            Role.BuiltIn.ToDictionary(r => r, Role.PermissionsOf), hasOneTenant: true);
        var rights = snapshot.Find(account)!.Rights;
        Assert.True(Decide(rights));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Decide(rights);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static bool Decide(Rights rights) =>
            rights.Allows(Permissions.LiveView, "c") && !rights.Allows(Permissions.RecordingsExport, "c") && !rights.Knows("other")
            && rights.Sees(Permissions.EventsRead, "c", "s") && rights.AllowsAnywhere(Permissions.RecordingsExport) && !rights.AllowsTenant(Permissions.LiveView);
    }

    [Fact]
    public void Who_has_the_same_grants_shares_one_decision()
    {
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        var snapshot = new RightsSnapshot(
            [], [], ids.Select(id => new PrincipalRow(id, "default", "x", true)),
            [new GrantRow(ids[0], "viewer", "tenant", null), new GrantRow(ids[1], "viewer", "tenant", null), new GrantRow(ids[2], "viewer", "site", "s")],
            Role.BuiltIn.ToDictionary(r => r, Role.PermissionsOf), hasOneTenant: true);
        Assert.Same(snapshot.Find(ids[0])!.Rights, snapshot.Find(ids[1])!.Rights);
        Assert.NotSame(snapshot.Find(ids[0])!.Rights, snapshot.Find(ids[2])!.Rights);
    }

    private static async Task TellAsync(ControlWorld world, params string[] cameras)
    {
        var hub = world.Services.GetRequiredService<FeedHub>();
        foreach (var camera in cameras)
        {
            var happened = new BusEvent(Guid.NewGuid().ToString(), "motion", camera, "default", DateTimeOffset.UtcNow, null, "x", "{}");
            foreach (var view in await world.Services.GetRequiredService<EventStore>().AddAsync([happened], CancellationToken.None))
                hub.Publish(new EventMessage(view), Permissions.EventsRead, view.CameraId, view.SiteId);
        }
    }

    private static async Task AssertStatusAsync(HttpClient http, string path, int status)
    {
        using var answer = await http.GetAsync(path);
        Assert.True((int)answer.StatusCode == status, $"{path}: {(int)answer.StatusCode} instead of {status}");
    }
}
