using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

/// <summary>Made from what the API document says of each operation (<c>x-permission</c>, <c>x-scope</c>): an operation that comes later is tried, too.</summary>
public sealed class AuthorisationTests : IAsyncLifetime
{
    /// <summary>What is open by design, and what the plane's own socket or a token of its own guards.</summary>
    private static readonly string[] s_declaredElsewhere =
    [
        "POST /api/setup", "POST /api/auth/login", "POST /api/auth/refresh", "GET /api/auth/oidc/start", "GET /api/auth/oidc/callback",
        "GET /health", "GET /health/ready", "GET /metrics", "POST /local/viewers", "POST /local/audit/verify",
        "GET /local/users", "POST /local/users", "POST /local/users/{username}/password", "POST /local/users/{username}/enable",
        "POST /local/users/{username}/disable", "POST /local/users/{username}/reset-totp",
        "GET /hls/cam_{id}/{stream}/t/{ticket}/{file}", "GET /dash/cam_{id}/{stream}/t/{ticket}/{file}",
    ];

    private const string Nobody = "00000000-0000-0000-0000-0000000000ff";

    private ControlWorld _world = null!;
    private List<ApiOperation> _operations = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _operations = await ApiOperation.AllAsync(_world.Http);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Every_endpoint_declares_what_it_needs()
    {
        var undeclared =
            from source in _world.Services.GetServices<EndpointDataSource>()
            from endpoint in source.Endpoints.OfType<RouteEndpoint>()
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            where endpoint.Metadata.GetMetadata<Needs>() is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            select $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}";
        Assert.Equal(s_declaredElsewhere.Order(StringComparer.Ordinal), undeclared.Distinct().Order(StringComparer.Ordinal));
        Assert.True(_operations.Count > 40, $"only {_operations.Count} operations were found");
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_credential()
    {
        using var anonymous = _world.Anonymous();
        foreach (var operation in _operations)
            await AssertAsync(anonymous, operation, PathOf(operation, "someid", _ => Guid.Empty.ToString()), 401, "unauthenticated");
    }

    [Fact]
    public async Task Every_permission_but_the_one_that_is_asked_for_is_not_enough()
    {
        var camera = (await _world.AddCameraAsync("Door")).Text("id")!;
        foreach (var permission in _operations.Select(o => o.Permission).OfType<string>().Distinct())
        {
            var role = await _world.AddRoleAsync("all-but-" + permission, Permissions.All.Where(p => p != permission));
            using var caller = _world.As("without-" + permission, (role, "tenant", null));
            foreach (var operation in _operations.Where(o => o.Permission == permission))
                await AssertAsync(caller, operation, PathOf(operation, camera, _ => Guid.Empty.ToString()), 403, "forbidden");
        }
    }

    [Fact]
    public async Task What_asks_for_the_whole_tenant_is_not_open_to_the_administrator_of_a_site()
    {
        await _world.AddSiteAsync("harbour");
        using var caller = _world.As("harbour-master", ("admin", "site", "harbour"));
        foreach (var operation in _operations.Where(o => o.Scope == "tenant"))
            await AssertAsync(caller, operation, PathOf(operation, "someid", _ => Guid.Empty.ToString()), 403, "forbidden");
    }

    [Theory]
    [InlineData("site")]
    [InlineData("group")]
    [InlineData("camera")]
    [InlineData("tenant")]
    public async Task A_camera_out_of_reach_is_one_that_never_was(string reach)
    {
        var own = await _world.AddSiteAsync("harbour");
        var foreign = reach == "tenant" ? await _world.AddTenantAsync("neighbour") : (await _world.AddCameraAsync("Vault")).Text("id")!;
        await _world.ExecuteAsync($"insert into control.camera_group (id, tenant_id, name, created_at) values ('gates', 'default', 'Gates', now())");
        await _world.ExecuteAsync($"insert into control.camera_group (id, tenant_id, name, parent_id, created_at) values ('east', 'default', 'East', 'gates', now())");
        await _world.ExecuteAsync($"insert into control.camera_group_member values ('east', '{own}')");
        var scopeId = reach switch { "tenant" => null, "site" => "harbour", "group" => "gates", _ => own };
        using var caller = _world.As("somebody", ("admin", reach, scopeId));

        var cameras = _operations.Where(o => o.Scope == "camera").ToList();
        Assert.True(cameras.Count > 15, $"only {cameras.Count} operations of one camera");
        foreach (var operation in cameras)
        {
            var never = await operation.AnswerAsync(caller, PathOf(operation, "neverwas", _ => "x"), 404);
            var there = await operation.AnswerAsync(caller, PathOf(operation, foreign, _ => "x"), 404);
            Assert.Equal("cameraNotFound", there.Text("code"));
            Assert.Equal(ApiOperation.WordsOf(never), ApiOperation.WordsOf(there));
        }

        await caller.GetJsonAsync($"/api/cameras/{own}");
    }

    [Theory]
    [InlineData("site")]
    [InlineData("tenant")]
    public async Task What_was_made_of_a_camera_out_of_reach_is_not_there(string reach)
    {
        var own = await _world.AddSiteAsync("harbour");
        var foreign = reach == "tenant" ? await _world.AddTenantAsync("neighbour") : (await _world.AddCameraAsync("Vault")).Text("id")!;
        var tenant = reach == "tenant" ? "neighbour" : "default";
        var rows = new Dictionary<string, string>();
        // With a camera of one's own among them: all have to be in reach.
        await AddAsync("bookmarks", "camera_id, title, note, tags, created_by, updated_at, from_time, to_time", $"'{foreign}', 't', '', '{{}}', 'x', now(), now(), now()");
        await AddAsync("clips", "camera_ids, name, note, tags, owner, updated_at, from_time, to_time", $"'{{{own},{foreign}}}', 'n', '', '{{}}', 'x', now(), now(), now()");
        await AddAsync("holds", "camera_ids, reason, created_by, from_time, to_time", $"'{{{own},{foreign}}}', 'r', 'x', now(), now()");
        await _world.ExecuteAsync($"""
            insert into control.export (id, tenant_id, camera_ids, from_time, to_time, format, note, requested_by, requested_at, state)
            values ('0123456789', '{tenant}', '{foreign}', now(), now(), 'mp4', '', 'x', now(), 'done')
            """.Replace($"'{foreign}'", $"'{{{own},{foreign}}}'", StringComparison.Ordinal));
        rows["exports"] = "0123456789";
        await _world.ExecuteAsync($"""
            insert into control.event (id, at, type, camera_id, site_id, source, data, tenant_id) values ('seen', now(), 'object.person', '{foreign}', 'x', 'x', '{"{}"}', '{tenant}')
            """);
        rows["detections"] = "seen";
        rows["events"] = "seen";
        await _world.ExecuteAsync($"""
            insert into control.alarm (id, tenant_id, rule_name, event_id, event_at, event_type, camera_id, title, severity, state, at, updated_at)
            values ('raised', '{tenant}', 'x', 'seen', now(), 'object.person', '{foreign}', 'x', 'info', 'open', now(), now())
            """);
        rows["alarms"] = "raised";

        using var caller = _world.As("somebody", ("admin", reach, reach == "tenant" ? null : "harbour"));
        using var owner = _world.Anonymous();
        owner.DefaultRequestHeaders.Authorization = _world.BearerOf(tenant, "owner", ("admin", "tenant", null));
        var tried = 0;
        foreach (var operation in _operations.Where(o => o.Scope == "cameras" && o.Path.Contains('{', StringComparison.Ordinal)))
        {
            var path = PathOf(operation, "x", noun => rows[noun]);
            var answer = await operation.AnswerAsync(caller, path, 404);
            Assert.EndsWith("NotFound", answer.Text("code"), StringComparison.Ordinal);
            tried++;
            if (operation.Method != "GET")
                continue;
            using var there = await operation.SendAsync(owner, path);
            Assert.True((int)there.StatusCode is 200 or 503, $"{operation} of its owner: {(int)there.StatusCode}");
        }

        Assert.True(tried >= 9, $"only {tried} operations");
        foreach (var noun in rows.Keys)
            Assert.Empty((await caller.GetJsonAsync($"/api/{noun}")).GetProperty("items").EnumerateArray());
        foreach (var noun in rows.Keys)
            Assert.Single((await owner.GetJsonAsync($"/api/{noun}")).GetProperty("items").EnumerateArray());

        async Task AddAsync(string noun, string columns, string values)
        {
            var id = Guid.NewGuid();
            await _world.ExecuteAsync($"insert into control.{noun[..^1]} (id, tenant_id, created_at, {columns}) values ('{id}', '{tenant}', now(), {values})");
            rows[noun] = id.ToString();
        }
    }

    /// <param name="row">Id of a row by the noun that stands in the path.</param>
    private static string PathOf(ApiOperation operation, string camera, Func<string, string> row)
    {
        var path = operation.Path;
        var noun = path.Split('/') is ["", "api", var named, ..] ? named : "";
        return path.Replace("{id}", noun is "cameras" or "" ? camera : row(noun), StringComparison.Ordinal)
            .Replace("{exportId}", path.Contains("{exportId}", StringComparison.Ordinal) ? row("exports") : "", StringComparison.Ordinal)
            .Replace("{preset}", "1", StringComparison.Ordinal).Replace("{relay}", "1", StringComparison.Ordinal)
            .Replace("{name}", "x.mp4", StringComparison.Ordinal).Replace("{rest}", "whep", StringComparison.Ordinal).Replace("{plane}", "media", StringComparison.Ordinal)
            .Replace("{server}", "x", StringComparison.Ordinal).Replace("{eventId}", "x", StringComparison.Ordinal)
            .Replace("{userId}", Nobody, StringComparison.Ordinal).Replace("{groupId}", Nobody, StringComparison.Ordinal)
            .Replace("{keyId}", Nobody, StringComparison.Ordinal).Replace("{sessionId}", Nobody, StringComparison.Ordinal).Replace("{roleId}", "norole", StringComparison.Ordinal).Replace("{scanId}", "x", StringComparison.Ordinal)
            .Replace("{channel}", "1", StringComparison.Ordinal).Replace("{letterId}", "1", StringComparison.Ordinal)
            .Replace("{webhookId}", "x", StringComparison.Ordinal).Replace("{sensorId}", "x", StringComparison.Ordinal)
            .Replace("{subscriptionId}", Nobody, StringComparison.Ordinal);
    }

    private static async Task AssertAsync(HttpClient caller, ApiOperation operation, string path, int status, string code)
    {
        var answer = await operation.AnswerAsync(caller, path, status);
        Assert.True(answer.Text("code") == code, $"{operation}: {answer.Text("code")}");
    }
}
