using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Events;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>What somebody sees, and may name, who has rights for a part of the installation alone.</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private string _own = null!;
    private string _vault = null!;
    private HttpClient _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _own = await _world.AddSiteAsync("harbour");
        _vault = (await _world.AddCameraAsync("Vault")).Text("id")!;
        _caller = _world.As("harbour-master", ("admin", "site", "harbour"));
    }

    public ValueTask DisposeAsync()
    {
        _caller.Dispose();
        return _world.DisposeAsync();
    }

    [Fact]
    public async Task Lists_and_counts_are_of_the_cameras_in_reach()
    {
        Assert.Equal([_own], IdsOf(await _caller.GetJsonAsync("/api/cameras")));
        var sites = (await _caller.GetJsonAsync("/api/sites")).GetProperty("items");
        Assert.Equal(("harbour", "1"), (Assert.Single(sites.EnumerateArray()).Text("id"), sites[0].Text("cameras")));
        await _world.ExecuteAsync($"""
            insert into control.event (id, at, type, camera_id, site_id, source, data) values
                ('a', now(), 'motion', '{_own}', 'harbour', 'x', '{"{}"}'), ('b', now(), 'motion', '{_vault}', 'default', 'x', '{"{}"}'),
                ('c', now(), 'door.opened', null, 'harbour', 'x', '{"{}"}'), ('d', now(), 'door.opened', null, 'default', 'x', '{"{}"}')
            """);
        _world.Services.GetRequiredService<EventCounts>().Forget();     // these came past its only writer
        Assert.Equal(["a", "c"], IdsOf(await _caller.GetJsonAsync("/api/events")).Order());
        Assert.Empty(IdsOf(await _caller.GetJsonAsync("/api/events?cameraId=" + _vault)));
        var dashboard = await _caller.GetJsonAsync("/api/dashboard");
        Assert.Equal(("1", "1", "1"), (dashboard.Text("cameras.total"), dashboard.GetProperty("events24h").GetProperty("byType").Text("motion"),
            dashboard.Dig("events24h.byType").GetProperty("door.opened").ToString()));
        Assert.DoesNotContain(_vault, dashboard.GetRawText(), StringComparison.Ordinal);

        Assert.Equal(4, IdsOf(await _world.Http.GetJsonAsync("/api/events")).Length);
        Assert.Equal(2, IdsOf(await _world.Http.GetJsonAsync("/api/cameras")).Length);
    }

    [Fact]
    public async Task A_ticket_for_all_cameras_names_those_in_reach()
    {
        Assert.Equal([_own], CamerasOf(await _caller.PostAsync("/api/tickets", new { kind = "playback" }))!);
        Assert.Equal([_own], CamerasOf(await _caller.PostAsync("/api/tickets", new { kind = "export" }))!);
        Assert.Null(CamerasOf(await _world.Http.PostAsync("/api/tickets", new { kind = "playback" })));
        var refused = await _caller.PostAsync("/api/tickets", new { kind = "snapshot", cameraIds = new[] { _own, _vault } }, 400);
        Assert.Equal(["cameraIds:cameraNotFound"], refused.FieldCodes());

        // Where there is another tenant, "all" would be theirs, too.
        await _world.AddTenantAsync("neighbour");
        Assert.Equal(new[] { _own, _vault }.Order(), CamerasOf(await _world.Http.PostAsync("/api/tickets", new { kind = "playback" }))!.Order());
    }

    [Fact]
    public async Task A_camera_out_of_reach_cannot_be_named()
    {
        string[] both = [_own, _vault];
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddMinutes(-1));
        foreach (var (path, body, field) in new (string, object, string)[]
        {
            ("/api/bookmarks", new { cameraId = _vault, at = from, title = "t" }, "cameraIds:cameraNotFound"),
            ("/api/clips", new { cameraIds = both, from, to, name = "n" }, "cameraIds:cameraNotFound"),
            ("/api/holds", new { cameraIds = both, from, to, reason = "r" }, "cameraIds:cameraNotFound"),
            ("/api/exports", new { cameras = both, from, to }, "cameras:cameraNotFound"),
            ("/api/events", new { type = "door.opened", cameraId = _vault }, "cameraId:cameraNotFound"),
            ("/api/events", new { type = "door.opened" }, "cameraId:required"),
            ("/api/cameras", new { name = "New", mainUrl = "rtsp://h/x" }, "siteId:siteNotFound"),
            ("/api/cameras", new { name = "New", mainUrl = "rtsp://h/x", siteId = "nowhere" }, "siteId:siteNotFound"),
        })
        {
            Assert.Equal([field], (await _caller.PostAsync(path, body, 400)).FieldCodes());
        }

        Assert.Equal(["siteId:siteNotFound"], (await _caller.PatchAsync("/api/cameras/" + _own, """{"siteId":"default"}""", 400)).FieldCodes());
        var added = await _caller.PostAsync("/api/cameras", new { name = "New", mainUrl = "rtsp://h/x", siteId = "harbour" }, 201);
        await _caller.GetJsonAsync("/api/cameras/" + added.Text("id"));
    }

    [Fact]
    public async Task Two_tenants_know_nothing_of_each_other()
    {
        var theirs = await _world.AddTenantAsync("neighbour");
        using var neighbour = _world.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "admin-of-neighbour", ("admin", "tenant", null));
        Assert.Equal([theirs], IdsOf(await neighbour.GetJsonAsync("/api/cameras")));
        Assert.Equal(["neighbour-site"], IdsOf(await neighbour.GetJsonAsync("/api/sites")));
        Assert.DoesNotContain(theirs, IdsOf(await _world.Http.GetJsonAsync("/api/cameras")));
        Assert.DoesNotContain("neighbour-site", IdsOf(await _world.Http.GetJsonAsync("/api/sites")));
        var dashboard = await neighbour.GetJsonAsync("/api/dashboard");
        Assert.Equal(("1", "0"), (dashboard.Text("cameras.total"), $"{dashboard.Dig("storage.pools").GetArrayLength()}"));
        var mine = (await neighbour.GetJsonAsync("/api/audit")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([theirs], mine.Select(a => a.Text("subject")));
        Assert.Equal(("admin-of-neighbour", "127.0.0.1", "done"), (mine[0].Text("actor"), mine[0].Text("address"), mine[0].Text("result")));
        Assert.DoesNotContain(theirs, (await _world.Http.GetJsonAsync("/api/audit")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["siteId:siteNotFound"], (await neighbour.PatchAsync("/api/cameras/" + theirs, """{"siteId":"harbour"}""", 400)).FieldCodes());

        // The machine belongs to the first tenant.
        using var plane = await neighbour.GetAsync("/health/planes/control");
        await plane.ProblemAsync(403, "forbidden");
        using var metrics = await neighbour.GetAsync("/metrics");
        await metrics.ProblemAsync(403, "forbidden");
    }

    private static string[] IdsOf(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(i => i.Text("id")!)];

    private static string[]? CamerasOf(JsonElement ticket)
    {
        var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(ticket.Text("ticket")!.Split('.')[0])).RootElement;
        return payload.GetProperty("c").ValueKind == JsonValueKind.Null ? null : [.. payload.GetProperty("c").EnumerateArray().Select(c => c.GetString()!)];
    }
}
