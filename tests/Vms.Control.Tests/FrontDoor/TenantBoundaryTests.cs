using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

/// <summary>A tenant is a hard boundary. Made from the API document: an operation that comes later is tried, too, and one that names something of which the
/// other tenant has nothing yet fails until it has.</summary>
public sealed partial class TenantBoundaryTests : IAsyncLifetime
{
    /// <summary>In every name that the other tenant gives.</summary>
    private const string Mark = "Nachbar";

    private ControlWorld _world = null!;
    private List<ApiOperation> _operations = null!;
    private HttpClient _owner = null!;
    private HttpClient _stranger = null!;

    /// <summary>Something of the other tenant, by the noun of its path.</summary>
    private Dictionary<string, string> _rows = null!;
    private string _camera = "";

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _operations = await ApiOperation.AllAsync(_world.Http);
        _camera = await _world.AddTenantAsync("neighbour");
        await _world.AddTenantAsync("strangers");
        _owner = Of("neighbour", Mark + "in");
        _stranger = Of("strangers", "stranger");
        _rows = await RowsAsync();

        HttpClient Of(string tenant, string name)
        {
            var client = _world.Anonymous();
            client.DefaultRequestHeaders.Authorization = _world.BearerOf(tenant, name, ("admin", "tenant", null));
            return client;
        }
    }

    public ValueTask DisposeAsync()
    {
        _owner.Dispose();
        _stranger.Dispose();
        return _world.DisposeAsync();
    }

    [Fact]
    public async Task What_another_tenant_has_is_what_never_was()
    {
        var tried = 0;
        // Those of one camera are in AuthorisationTests.
        foreach (var operation in _operations.Where(o => o.Scope != "camera" && o.Path.Contains('{', StringComparison.Ordinal)))
        {
            var installation = operation.Permission is { } permission && Permissions.OfInstallation.Contains(permission);
            var there = PathOf(operation, installation ? "x" : RowOf(operation));
            var answer = await operation.AnswerAsync(_stranger, there, installation ? 403 : 404);
            tried++;
            if (installation)
                continue;
            var never = await operation.AnswerAsync(_stranger, PathOf(operation, Guid.TryParse(RowOf(operation), out _) ? Guid.NewGuid().ToString() : "neverwas"), 404);
            Assert.Equal(ApiOperation.WordsOf(never), ApiOperation.WordsOf(answer));
        }

        Assert.True(tried > 35, $"only {tried} operations");
        // And it is there for its own: nothing of it was deleted or changed by a stranger.
        foreach (var operation in _operations.Where(o => o.Method == "GET" && Own().IsMatch(o.Path) && o.Permission is { } p && !Permissions.OfInstallation.Contains(p)))
            await operation.AnswerAsync(_owner, PathOf(operation, RowOf(operation)), 200);
    }

    [Fact]
    public async Task No_list_has_anything_of_another_tenant()
    {
        var showed = new List<string>();
        foreach (var operation in _operations.Where(o => o.Method == "GET" && !o.Path.Contains('{', StringComparison.Ordinal) && o.Path != "/api/ws"))
        {
            using var theirs = await operation.SendAsync(_owner, operation.Path);
            using var mine = await operation.SendAsync(_stranger, operation.Path);
            Assert.True(theirs.StatusCode == mine.StatusCode, $"{operation}: {theirs.StatusCode} for the one, {mine.StatusCode} for the other");
            if (IsOfNeighbour(await theirs.Content.ReadAsStringAsync()))
                showed.Add(operation.Path);
            Assert.False(IsOfNeighbour(await mine.Content.ReadAsStringAsync()), $"{operation} shows what is another tenant's");
        }

        Assert.Empty(_operations.Where(IsList).Select(o => o.Path).Except(showed));
        Assert.True(showed.Count >= 18, $"only {showed.Count} lists: {string.Join(' ', showed)}");
    }

    /// <summary>The collections whose items the rows are.</summary>
    private bool IsList(ApiOperation operation) =>
        operation.Method == "GET" && operation.Path.Split('/') is ["", "api", var noun] && _rows.ContainsKey(noun) && noun is not ("discovery" or "tenants" or "sessions" or "outbox" or "notifications");

    private bool IsOfNeighbour(string answer) =>
        answer.Contains(Mark, StringComparison.Ordinal) || answer.Contains("neighbour", StringComparison.Ordinal) || _rows.Values.Append(_camera).Any(id => answer.Contains(id, StringComparison.Ordinal));

    [Fact]
    public async Task Nothing_of_another_tenant_can_be_named_in_what_is_ones_own()
    {
        Assert.Equal(["cameraIds:cameraNotFound"], (await _stranger.PostAsync("/api/groups", new { name = "Theirs", cameraIds = new[] { _camera } }, 400)).FieldCodes());
        Assert.Equal(["parentId:groupNotFound"], (await _stranger.PostAsync("/api/groups", new { name = "Below", parentId = _rows["groups"] }, 400)).FieldCodes());
        Assert.Equal(["siteId:siteNotFound"], (await _stranger.PostAsync("/api/cameras", new { name = "x", mainUrl = "rtsp://h/x", siteId = _rows["sites"] }, 400)).FieldCodes());
        Assert.Equal(["groupIds:groupNotFound"], (await _stranger.PostAsync("/api/cameras", new { name = "x", mainUrl = "rtsp://h/x", siteId = "strangers-site", groupIds = new[] { _rows["groups"] } }, 400)).FieldCodes());
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/tickets", new { kind = "playback", cameraIds = new[] { _camera } }),
            ("/api/jobs", new { kind = "indexCheck", cameraId = _camera }),
            ("/api/layouts", new { name = "Wall", cells = new[] { new { x = 0, y = 0, cameraId = _camera } } }),
            ("/api/rules", new { name = "x", when = new { types = new[] { "motion" }, cameraIds = new[] { _camera } } }),
            ("/api/rules", new { name = "x", when = new { types = new[] { "motion" }, groupIds = new[] { _rows["groups"] } } }),
            ("/api/rules", new { name = "x", siteId = _rows["sites"], when = new { types = new[] { "motion" } } }),
            ("/api/bookmarks", new { cameraId = _camera, at = DateTimeOffset.UnixEpoch, title = "x" }),
            ("/api/exports", new { cameras = new[] { _camera }, from = DateTimeOffset.UnixEpoch, to = DateTimeOffset.UnixEpoch.AddMinutes(1) }),
            ("/api/users", new { username = "spy", password = "ten characters at least", grants = new[] { new { roleId = "viewer", scope = "camera", scopeId = _camera } } }),
            ("/api/users", new { username = "spy", password = "ten characters at least", grants = new[] { new { roleId = _rows["roles"], scope = "tenant" } } }),
            ("/api/users", new { username = "spy", password = "ten characters at least", groupIds = new[] { _rows["user-groups"] } }),
            ("/api/api-keys", new { name = "spy", grants = new[] { new { roleId = "viewer", scope = "site", scopeId = _rows["sites"] } } }),
        })
        {
            using var response = await _stranger.PostAsJsonAsync(path, body);
            Assert.True((int)response.StatusCode is 400 or 404, $"{path} {JsonSerializer.Serialize(body)}: {(int)response.StatusCode}");
            Assert.DoesNotContain(Mark, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private async Task<Dictionary<string, string>> RowsAsync()
    {
        const string password = "ten characters at least";
        var from = DateTimeOffset.UtcNow.AddHours(-2);
        var span = new { from, to = from.AddMinutes(1) };
        var grants = new[] { new { roleId = "viewer", scope = "tenant" } };
        string[] cameras = [_camera];
        var rows = new Dictionary<string, string>
        {
            ["sites"] = "neighbour-site",
            ["tenants"] = "neighbour",
            ["groups"] = await MadeAsync("groups", new { name = Mark + " gates", cameraIds = cameras }),
            ["layouts"] = await MadeAsync("layouts", new { name = Mark + " wall", shared = true, cells = new[] { new { x = 0, y = 0, cameraId = _camera } } }),
            ["jobs"] = await MadeAsync("jobs", new { kind = "indexCheck", cameraId = _camera }, 202),
            ["users"] = await MadeAsync("users", new { username = Mark, password, grants }),
            ["user-groups"] = await MadeAsync("user-groups", new { name = Mark + " guards", grants }),
            ["roles"] = await MadeAsync("roles", new { name = Mark + " role", permissions = new[] { Permissions.CamerasRead } }),
            ["api-keys"] = (await _owner.PostAsync("/api/api-keys", new { name = Mark + " gate", grants }, 201)).Text("apiKey.id")!,
            ["rules"] = await MadeAsync("rules", new { name = Mark, when = new { types = new[] { "motion" }, cameraIds = cameras }, actions = new[] { new { type = "alarm" } } }),
            ["plate-lists"] = await MadeAsync("plate-lists", new { name = Mark, entries = new[] { new { plate = "B AB 1" } } }),
            ["detections"] = "seen-by-neighbour",
            ["events"] = "seen-by-neighbour",
            ["alarms"] = "alarm-of-neighbour",
            ["bookmarks"] = await MadeAsync("bookmarks", new { cameraId = _camera, at = from, title = Mark }),
            ["clips"] = await MadeAsync("clips", new { name = Mark, cameraIds = cameras, span.from, span.to }),
            ["holds"] = await MadeAsync("holds", new { reason = Mark, cameraIds = cameras, span.from, span.to }),
            ["exports"] = await MadeAsync("exports", new { cameras, span.from, span.to, note = Mark }, 202),
            ["discovery"] = (await _owner.PostAsync("/api/discovery/scan", new { subnet = "127.0.0.1/32" }, 202)).Text("scanId")!,
        };
        // A recorder that nobody reaches.
        await _world.ExecuteAsync($"""
            insert into control.nvr (id, tenant_id, site_id, name, vendor, host, port, model, firmware, serial_number, channels, state, checked_at, created_at, updated_at)
            values ('nvr-of-neighbour', 'neighbour', 'neighbour-site', '{Mark}', 'dahua', '192.0.2.9', 80, '', '', '', '[]', 'unauthorized', now(), now(), now())
            """);
        rows["nvrs"] = "nvr-of-neighbour";
        await _world.ExecuteAsync($"""
            insert into control.event (id, at, type, camera_id, site_id, source, data, tenant_id)
            values ('seen-by-neighbour', now(), 'object.person', '{_camera}', 'neighbour-site', 'x', '{"{}"}', 'neighbour')
            """);
        await _world.ExecuteAsync($"""
            insert into control.alarm (id, tenant_id, rule_name, event_id, event_at, event_type, camera_id, title, severity, state, at, updated_at)
            values ('alarm-of-neighbour', 'neighbour', 'x', 'seen-by-neighbour', now(), 'object.person', '{_camera}', '{Mark}', 'info', 'open', now(), now())
            """);
        await _world.ExecuteAsync($"""
            insert into control.sensor (id, tenant_id, site_id, name, password_hash, created_by, created_at)
            values ('sensor-of-neighbour', 'neighbour', 'neighbour-site', '{Mark}', 'x', 'x', now())
            """);
        rows["sensors"] = "sensor-of-neighbour";
        var browser = Guid.NewGuid().ToString();
        await _world.ExecuteAsync($"""
            insert into control.push_subscription (id, account_id, endpoint, p256dh, auth, browser, created_at)
            select '{browser}', id, 'https://192.0.2.1/push', 'x', 'x', '{Mark}', now() from control.account where username = '{Mark}in'
            """);
        rows["notifications"] = browser;
        rows["webhooks"] = (await _owner.PostAsync("/api/webhooks", new { name = Mark + " hook", url = "https://192.0.2.1/hook" }, 201)).Text("webhook.id")!;
        await _world.ExecuteAsync($"""
            insert into control.outbox (seq, tenant_id, channel, target, event_id, event_at, body, state, last_error, finished_at)
            overriding system value values (777000777000, 'neighbour', 'nowhere', '{Mark}', 'e', now(), '[]', 'dead', 'x', now())
            """);
        rows["outbox"] = "777000777000";
        // The list of servers is the first tenant's: nobody else has one.
        rows["federated"] = "harbour";
        await _world.LoginAsync(Mark, password);
        rows["sessions"] = (await _owner.GetJsonAsync("/api/sessions?all=true")).GetProperty("items").EnumerateArray().First().Text("id")!;
        return rows;

        async Task<string> MadeAsync(string noun, object body, int status = 201) => (await _owner.PostAsync("/api/" + noun, body, status)).Text("id")!;
    }

    private string RowOf(ApiOperation operation)
    {
        var noun = operation.Path.Split('/')[2];
        Assert.True(_rows.ContainsKey(noun), $"{operation}: make something of the other tenant that it can be tried with");
        return _rows[noun];
    }

    /// <summary>The first parameter is what it is about.</summary>
    private static string PathOf(ApiOperation operation, string id) => Parameter().Replace(Parameter().Replace(operation.Path, id, 1), "x.mp4");

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();

    /// <summary>One item of a list, but not of the cameras'.</summary>
    [GeneratedRegex(@"^/api/(?!cameras/)[\w-]+/\{\w+\}$")]
    private static partial Regex Own();
}
