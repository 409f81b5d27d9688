using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Federation;
using Vms.Control.Tests.Support;
using Vms.Control.Web;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

/// <summary>Three installations: the one that is asked, one in the clear on this machine, and one behind a gate that can be closed, as a host that hangs.</summary>
public sealed class ThreeServers : IAsyncLifetime
{
    /// <summary>Long enough for a busy machine, short enough to wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    internal ControlWorld Home { get; private set; } = null!;

    internal ControlWorld Harbour { get; private set; } = null!;

    internal ControlWorld Tower { get; private set; } = null!;

    internal TcpGate Gate { get; private set; } = null!;

    internal string HarbourKey { get; private set; } = "";

    internal string HarbourId { get; private set; } = "";

    internal string TowerId { get; private set; } = "";

    internal string Quay { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Home = await ControlWorld.StartAsync(new WorldSettings
        {
            Arguments = [$"--VMS_SERVER_TIMEOUT_MS={Patience.TotalMilliseconds}", "--VMS_SERVER_NAME=Head office"],
        });
        Harbour = await ControlWorld.StartAsync();
        Tower = await ControlWorld.StartAsync();
        Gate = new TcpGate(Tower.Address.Port);
        await Home.AddCameraAsync("Door");
        Quay = (await Harbour.AddCameraAsync("Quay")).Text("id")!;
        await Harbour.AddCameraAsync("Lock gate");
        await Tower.AddCameraAsync("Lantern");
        foreach (var (world, at) in new[] { (Home, "10:00"), (Harbour, "10:02"), (Tower, "10:01") })
            await world.ExecuteAsync($"insert into control.event (id, at, type, site_id, source, data) values ('{at}', '2026-11-30T{at}:00Z', 'motion', 'default', 't', '{{\"zone\": 1}}')");
        HarbourKey = await KeyAsync(Harbour, "viewer");
        HarbourId = (await AddAsync("Harbour", Harbour.Address.ToString(), HarbourKey)).Text("id")!;
        TowerId = (await AddAsync("Tower", $"http://127.0.0.1:{Gate.Port}", await KeyAsync(Tower, "viewer"))).Text("id")!;
    }

    internal Task<JsonElement> AddAsync(string name, string address, string apiKey) => Home.Http.PostAsync("/api/servers", new { name, address, apiKey }, 201);

    internal static async Task<string> KeyAsync(ControlWorld world, string role) => (await world.Http.PostAsync(
        "/api/api-keys", new { name = $"head office {Guid.NewGuid()}", grants = new[] { new { roleId = role, scope = "tenant" } } }, 201)).Text("key")!;

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Tower.DisposeAsync();
        await Harbour.DisposeAsync();
        await Home.DisposeAsync();
    }
}

public sealed class ServersTests(ThreeServers servers) : IClassFixture<ThreeServers>
{
    private ControlWorld Home => servers.Home;

    [Fact]
    public async Task Of_three_servers_one_hangs_and_the_others_answer_in_time_with_its_name()
    {
        var all = await Home.Http.GetJsonAsync("/api/federated/cameras");
        Assert.Equal(["Door@Head office", "Lantern@Tower", "Lock gate@Harbour", "Quay@Harbour"], ItemsOf(all, "name"));
        Assert.Equal(["Head office:answered", "Harbour:answered", "Tower:answered"], StatesOf(all));

        servers.Gate.Close();
        try
        {
            foreach (var (path, expected) in new[]
                     {
                         ("/api/federated/cameras", (string[])["Door@Head office", "Lock gate@Harbour", "Quay@Harbour"]), ("/api/federated/events?type=motion", ["10:02@Harbour", "10:00@Head office"]),
                     })
            {
                var watch = Stopwatch.StartNew();
                var some = await Home.Http.GetJsonAsync(path);
                Assert.True(watch.Elapsed < ThreeServers.Patience + TimeSpan.FromSeconds(3), $"{path} took {watch.Elapsed}");
                Assert.Equal(expected, ItemsOf(some, path.Contains("events", StringComparison.Ordinal) ? "id" : "name"));
                Assert.Equal(["Head office:answered", "Harbour:answered", "Tower:timedOut"], StatesOf(some));
                Assert.InRange(some.Dig("servers.2.tookMs").GetInt64(), ThreeServers.Patience.TotalMilliseconds - 100, ThreeServers.Patience.TotalMilliseconds + 3000);
            }

            Assert.Equal("timedOut", (await Home.Http.PostAsync($"/api/servers/{servers.TowerId}/check", new { })).Text("stateCode"));
            using var live = await Home.Http.PostAsync($"/api/federated/cameras/{servers.TowerId}/x/live", null);
            await live.ProblemAsync(504, "serverTimedOut");
        }
        finally
        {
            servers.Gate.Open();
        }

        await Eventually.TrueAsync(async () => StatesOf(await Home.Http.GetJsonAsync("/api/federated/events")).Contains("Tower:answered"));
        Assert.Equal("online", (await Home.Http.PostAsync($"/api/servers/{servers.TowerId}/check", new { })).Text("state"));
    }

    [Fact]
    public async Task Events_of_all_servers_come_newest_first_and_as_many_as_are_asked_for()
    {
        var two = await Home.Http.GetJsonAsync("/api/federated/events?limit=2");
        Assert.Equal(["10:02@Harbour", "10:01@Tower"], ItemsOf(two, "id"));
        Assert.Equal("1", two.Text("items.0.data.zone"));
        Assert.Equal(["10:01@Tower", "10:00@Head office"], ItemsOf(await Home.Http.GetJsonAsync("/api/federated/events?to=2026-11-30T10:02:00Z"), "id"));
        Assert.Empty(ItemsOf(await Home.Http.GetJsonAsync("/api/federated/events?type=door.opened"), "id"));
        Assert.Equal(["Quay@Harbour"], ItemsOf(await Home.Http.GetJsonAsync("/api/federated/cameras?q=qUAY"), "name"));
        Assert.Equal(["Door@Head office"], ItemsOf(await Home.Http.GetJsonAsync("/api/federated/cameras?limit=1"), "name"));
        foreach (var (path, property, expected) in new[]
                 {
                     ("/api/federated/cameras?limit=1", "name", (string[])["Door@Head office", "Lantern@Tower", "Lock gate@Harbour", "Quay@Harbour"]),
                     ("/api/federated/events?limit=1&from=2026-11-30T09:59:00Z", "id", ["10:02@Harbour", "10:01@Tower", "10:00@Head office"]),
                 })
        {
            var (pages, cursor) = (new List<string>(), "");
            do
            {
                var page = await Home.Http.GetJsonAsync($"{path}{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}");
                pages.AddRange(ItemsOf(page, property));
                cursor = page.Text("nextCursor") ?? "";
            }
            while (cursor.Length > 0);
            Assert.Equal(expected, pages);
        }

        using var badCursor = await Home.Http.GetAsync("/api/federated/events?cursor=WyJ4IiwieSJd");
        Assert.Equal(["cursor:invalidCursor"], (await badCursor.ProblemAsync(400, "invalidInput")).FieldCodes());
        using var tooMany = await Home.Http.GetAsync("/api/federated/cameras?limit=1001");
        Assert.Equal(["limit:outOfRange"], (await tooMany.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    [Fact]
    public async Task The_list_begins_with_this_server_and_shows_no_key()
    {
        var list = await Home.Http.GetJsonAsync("/api/servers");
        Assert.Equal(("here", "Head office", "here", "1"), (list.Text("items.0.id"), list.Text("items.0.name"), list.Text("items.0.state"), list.Text("items.0.cameras")));
        var harbour = list.GetProperty("items").EnumerateArray().Single(s => s.Text("name") == "Harbour");
        Assert.Equal(("online", "2", list.Text("items.0.version")), (harbour.Text("state"), harbour.Text("cameras"), harbour.Text("version")));
        Assert.DoesNotContain(servers.HarbourKey, list.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(servers.HarbourKey, (string)(await Home.ScalarAsync("select string_agg(s::text, ' ') from control.server s"))!, StringComparison.Ordinal);
        Assert.DoesNotContain(servers.HarbourKey, (string)(await Home.ScalarAsync("select string_agg(detail::text, ' ') from control.audit where action like 'server.%'"))!, StringComparison.Ordinal);
        Assert.DoesNotContain(servers.HarbourKey, Home.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Media_of_another_server_come_straight_from_it_and_who_watches_is_noted_here()
    {
        var live = await Home.Http.PostAsync($"/api/federated/cameras/{servers.HarbourId}/{servers.Quay}/live", new { });
        Assert.StartsWith($"http://127.0.0.1:8081/webrtc/cam_{servers.Quay}/whep?", live.Text("whepUrl"), StringComparison.Ordinal);
        var playback = await Home.Http.PostAsync($"/api/federated/cameras/{servers.HarbourId}/{servers.Quay}/playback", new { from = "2026-11-30T10:00:00Z" });
        Assert.Equal("http://127.0.0.1:8082", playback.Text("baseUrl"));
        // The other server issued it, for its own key's account.
        using var there = servers.Harbour.Anonymous();
        using var opened = await there.GetAsync($"/api/cameras/{servers.Quay}/timeline?ticket={playback.Text("ticket")}&from=2026-11-30T10:00:00Z&to=2026-11-30T11:00:00Z");
        Assert.NotEqual(401, (int)opened.StatusCode);
        using var here = await Home.Anonymous().GetAsync($"/api/cameras/{servers.Quay}/timeline?ticket={playback.Text("ticket")}");
        await here.ProblemAsync(401, "unauthenticated");

        var noted = await Home.Http.GetJsonAsync($"/api/audit?subject={servers.HarbourId}/{servers.Quay}");
        Assert.Equal(["server.playbackStarted:admin", "server.liveStarted:admin"], noted.GetProperty("items").EnumerateArray().Select(a => $"{a.Text("action")}:{a.Text("actor")}"));

        using var unknown = await Home.Http.PostAsync($"/api/federated/cameras/{servers.HarbourId}/neverwas/live", null);
        await unknown.ProblemAsync(404, "cameraNotFound");
        using var odd = await Home.Http.PostAsync($"/api/federated/cameras/{servers.HarbourId}/..%2Fusers/live", null);
        await odd.ProblemAsync(404, "cameraNotFound");
        using var nowhere = await Home.Http.PostAsync($"/api/federated/cameras/nowhere/{servers.Quay}/live", null);
        await nowhere.ProblemAsync(404, "serverNotFound");
    }

    [Fact]
    public async Task Only_who_may_see_all_cameras_of_the_first_tenant_sees_those_of_others()
    {
        var annex = await Home.AddSiteAsync("annex");
        using var guard = Home.As("guard", ("viewer", "site", "annex"));
        using var refused = await guard.GetAsync("/api/federated/cameras");
        await refused.ProblemAsync(403, "forbidden");
        var foreign = await Home.AddTenantAsync("neighbour");
        using var neighbour = Home.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = Home.BearerOf("neighbour", "their-viewer", ("viewer", "tenant", null));
        // The list of cameras is read anew after the camera was added, not with it.
        await Eventually.TrueAsync(async () => ItemsOf(await neighbour.GetJsonAsync("/api/federated/cameras"), "name").Length > 0);
        var theirs = await neighbour.GetJsonAsync("/api/federated/cameras");
        Assert.Equal(["Head office:answered"], StatesOf(theirs));
        Assert.Equal(["Camera of neighbour@Head office"], ItemsOf(theirs, "name"));
        using var watched = await neighbour.PostAsync($"/api/federated/cameras/{servers.HarbourId}/{servers.Quay}/live", null);
        await watched.ProblemAsync(404, "serverNotFound");
        using var theirAdmin = Home.Anonymous();
        theirAdmin.DefaultRequestHeaders.Authorization = Home.BearerOf("neighbour", "their-admin", ("admin", "tenant", null));
        (await theirAdmin.DeleteAsync($"/api/cameras/{foreign}")).Dispose();
        (await Home.Http.DeleteAsync($"/api/cameras/{annex}")).Dispose();
        await Eventually.TrueAsync(async () => !ItemsOf(await Home.Http.GetJsonAsync("/api/federated/cameras"), "name").Contains("Camera at annex@Head office"));
        using var viewer = Home.AsRole("viewer");
        using var list = await viewer.PostAsync("/api/servers", null);
        await list.ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_self_made_certificate_counts_when_it_is_the_pinned_one()
    {
        var address = $"https://127.0.0.1:{servers.Tower.Address.Port}";
        var apiKey = await ThreeServers.KeyAsync(servers.Tower, "viewer");
        var pin = PinOf(servers.Tower);
        using (var untrusted = await Home.Http.PostAsync("/api/servers", Json(new { name = "Secure", address, apiKey })))
        {
            var problem = await untrusted.ProblemAsync(400, "invalidInput");
            Assert.Equal(["certificateSha256:certificateNotTrusted"], problem.FieldCodes());
            Assert.Contains(pin, problem.Text("fields.0.message"), StringComparison.Ordinal);
        }

        using (var other = await Home.Http.PostAsync("/api/servers", Json(new { name = "Secure", address, apiKey, certificateSha256 = new string('0', 64) })))
            Assert.Equal(["certificateSha256:certificateNotTrusted"], (await other.ProblemAsync(400, "invalidInput")).FieldCodes());
        var colons = string.Join(':', pin.ToUpperInvariant().Chunk(2).Select(c => new string(c)));
        var added = await Home.Http.PostAsync("/api/servers", new { name = "Secure", address, apiKey, certificateSha256 = colons }, 201);
        Assert.Equal((pin, "online"), (added.Text("pinnedCertificateSha256"), added.Text("state")));

        // Another certificate from one day to the next: named, and nobody is asked for anything.
        await Home.ExecuteAsync($"update control.server set certificate_sha256 = '{new string('1', 64)}' where id = '{added.Text("id")}'");
        await Home.Services.GetRequiredService<ServerDirectory>().RefreshAsync();
        var cameras = await Home.Http.GetJsonAsync("/api/federated/cameras");
        Assert.Equal("certificateNotTrusted", cameras.GetProperty("servers").EnumerateArray().Single(s => s.Text("name") == "Secure").Text("code"));
        Assert.Contains("Secure:refused", StatesOf(cameras));
        (await Home.Http.DeleteAsync($"/api/servers/{added.Text("id")}")).Dispose();
    }

    [Fact]
    public async Task A_dead_server_and_one_that_took_the_key_back_are_named()
    {
        var world = await ControlWorld.StartAsync();
        var added = await servers.AddAsync("Shed", world.Address.ToString(), await ThreeServers.KeyAsync(world, "viewer"));
        await world.ExecuteAsync("delete from control.api_key");
        world.RefreshRights();
        Assert.Equal(("refused", "apiKeyRefused"), await CodeOfAsync("Shed"));
        Assert.Equal("refused", (await Home.Http.PostAsync($"/api/servers/{added.Text("id")}/check", new { })).Text("state"));
        await world.DisposeAsync();
        Assert.Equal(("unreachable", "unreachable"), await CodeOfAsync("Shed"));
        (await Home.Http.DeleteAsync($"/api/servers/{added.Text("id")}")).Dispose();
        Assert.DoesNotContain("Shed", (await Home.Http.GetJsonAsync("/api/federated/cameras")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_key_cannot_be_read_is_listed_and_takes_a_new_one()
    {
        await using var world = await ControlWorld.StartAsync();
        var server = "/api/servers/" + (await servers.AddAsync("Vault", world.Address.ToString(), await ThreeServers.KeyAsync(world, "viewer"))).Text("id");
        await Home.ExecuteAsync("update control.server set api_key_protected = 'AAAA' where name = 'Vault'");
        await Home.Services.GetRequiredService<ServerDirectory>().RefreshAsync();
        var checkedNow = await Home.Http.PostAsync(server + "/check", new { });
        Assert.Equal(("refused", "keyUnreadable"), (checkedNow.Text("state"), checkedNow.Text("stateCode")));
        Assert.Equal(("refused", "keyUnreadable"), await CodeOfAsync("Vault"));
        Assert.Equal(["apiKey:keyUnreadable"], (await Home.Http.PatchAsync(server, $$"""{"certificateSha256": "{{new string('1', 64)}}"}""", 400)).FieldCodes());
        var mended = await Home.Http.PatchAsync(server, $$"""{"apiKey": "{{await ThreeServers.KeyAsync(world, "viewer")}}"}""");
        Assert.Equal("online", mended.Text("state"));
        (await Home.Http.DeleteAsync(server)).Dispose();
    }

    [Fact]
    public async Task A_key_that_may_do_more_than_look_is_not_taken()
    {
        foreach (var (role, code) in new[] { ("admin", "apiKeyTooPowerful"), ("operator", "apiKeyTooPowerful") })
            Assert.Equal([$"apiKey:{code}"], await ProblemsOfAsync(new { name = "Other", address = servers.Tower.Address.ToString(), apiKey = await ThreeServers.KeyAsync(servers.Tower, role) }));
        Assert.Equal(["apiKey:apiKeyRefused"], await ProblemsOfAsync(new { name = "Other", address = servers.Tower.Address.ToString(), apiKey = "vms_nonsense" }));
    }

    [Fact]
    public async Task Addresses_that_are_none_of_a_server_are_refused_field_by_field()
    {
        foreach (var address in (string[])["", "harbour", "ftp://harbour", "http://harbour.example", "https://user@harbour", "https://harbour/path", "https://harbour?x=1", "file:///etc/passwd"])
            Assert.Equal([address.Length == 0 ? "address:required" : "address:invalidValue"], await ProblemsOfAsync(new { name = "Other", address, apiKey = "vms_x" }));
        foreach (var address in (string[])[$"http://127.0.0.1:{Home.Address.Port}", $"https://localhost:{Home.Address.Port}", "https://169.254.169.254", "https://0.0.0.0:8443", "https://[fe80::1]:8443"])
            Assert.Equal(["address:addressNotAllowed"], await ProblemsOfAsync(new { name = "Other", address, apiKey = "vms_x" }));
        Assert.Equal(["name:required", "apiKey:required", "certificateSha256:invalidValue"], await ProblemsOfAsync(new { address = "https://harbour", certificateSha256 = "abc" }));
        using var nobody = await Home.Http.PostAsync("/api/servers", Json(new { name = "Other", address = $"http://127.0.0.1:{FreePort.Tcp()}", apiKey = "vms_x" }));
        await nobody.ProblemAsync(502, "serverUnreachable");
        using var twice = await Home.Http.PostAsync("/api/servers", Json(new { name = "Again", address = servers.Harbour.Address.ToString(), apiKey = servers.HarbourKey }));
        await twice.ProblemAsync(409, "serverAddressTaken");
        using var sameName = await Home.Http.PostAsync("/api/servers", Json(new { name = "harbour", address = servers.Tower.Address.ToString(), apiKey = await ThreeServers.KeyAsync(servers.Tower, "viewer") }));
        await sameName.ProblemAsync(409, "serverNameTaken");
    }

    [Fact]
    public async Task A_change_keeps_the_key_unless_the_address_moves()
    {
        var tower = $"/api/servers/{servers.TowerId}";
        Assert.Equal(["apiKey:required"], (await Home.Http.PatchAsync(tower, $$"""{"address": "http://127.0.0.1:{{FreePort.Tcp()}}"}""", 400)).FieldCodes());
        var renamed = await Home.Http.PatchAsync(tower, """{"name": "Lighthouse"}""");
        Assert.Equal(("Lighthouse", "online"), (renamed.Text("name"), renamed.Text("state")));
        using var shown = await Home.Http.GetAsync(tower);
        Assert.Equal($"\"{renamed.Text("generation")}\"", shown.Headers.ETag!.Tag);
        using var stale = new HttpRequestMessage(HttpMethod.Patch, tower) { Content = Json(new { name = "Beacon" }) };
        stale.Headers.TryAddWithoutValidation("If-Match", "\"0\"");
        using var refused = await Home.Http.SendAsync(stale);
        await refused.ProblemAsync(412, "changedMeanwhile");
        await Home.Http.PatchAsync(tower, """{"name": "Tower"}""");
        using var nobody = await Home.Http.DeleteAsync("/api/servers/neverwas");
        await nobody.ProblemAsync(404, "serverNotFound");
    }

    [Fact]
    public void The_page_may_get_media_from_the_servers_in_the_list_and_from_no_others()
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("vms.example", 8443);
        request.Scheme = "https";
        var policy = SecurityHeaders.PagePolicy(request, Home.Options, [new Uri("https://harbour.example:8443"), new Uri("http://127.0.0.1:9"), new Uri("https://[::1]:8443")]);
        Assert.Contains("connect-src 'self' https://vms.example:8081 wss://vms.example:8081 https://vms.example:8082 https://harbour.example:* wss://harbour.example:* https://127.0.0.1:* wss://127.0.0.1:*;", policy, StringComparison.Ordinal);
        Assert.Contains("media-src 'self' blob: https://vms.example:8082 https://harbour.example:*", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("::1", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("harbour", SecurityHeaders.PagePolicy(request, Home.Options, []), StringComparison.Ordinal);
    }

    private async Task<(string?, string?)> CodeOfAsync(string name)
    {
        var answer = await Home.Http.GetJsonAsync("/api/federated/events");
        var server = answer.GetProperty("servers").EnumerateArray().Single(s => s.Text("name") == name);
        return (server.Text("state"), server.Text("code"));
    }

    private async Task<string[]> ProblemsOfAsync(object body)
    {
        using var answer = await Home.Http.PostAsync("/api/servers", Json(body));
        return (await answer.ProblemAsync(400, "invalidInput")).FieldCodes();
    }

    private static string PinOf(ControlWorld world)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(world.Options.KeysDirectory, "tls.pem"));
        return Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
    }

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");

    private static string[] ItemsOf(JsonElement answer, string property) =>
        [.. answer.GetProperty("items").EnumerateArray().Select(i => $"{i.Text(property)}@{i.Text("server.name")}")];

    /// <summary>Of the servers that stay for all tests.</summary>
    private static string[] StatesOf(JsonElement answer) =>
        [.. answer.GetProperty("servers").EnumerateArray().Select(s => $"{s.Text("name")}:{s.Text("state")}")];
}
