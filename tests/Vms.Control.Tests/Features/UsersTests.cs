using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

public sealed class UsersTests : IAsyncLifetime
{
    private const string Password = "a long enough secret";

    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_user_is_added_signs_in_changes_and_goes()
    {
        var added = await AddAsync("bert", new { roleId = "viewer" });
        Assert.Equal(("bert", "True", "viewer", "tenant"), (added.Text("username"), added.Text("enabled"), added.Text("grants.0.roleId"), added.Text("grants.0.scope")));
        Assert.DoesNotContain(Password, (await _world.Http.GetJsonAsync("/api/users")).GetRawText(), StringComparison.Ordinal);
        using var bert = await SignInAsync("bert");
        await bert.GetJsonAsync("/api/cameras");
        using (var taken = await _world.Http.PostAsJsonAsync("/api/users", new { username = "BERT", password = Password }))
            await taken.ProblemAsync(409, "usernameTaken");

        var path = "/api/users/" + added.Text("id");
        var changed = await _world.Http.PatchAsync(path, """{"displayName":"Bert B.","grants":[{"roleId":"operator"}]}""");
        Assert.Equal(("Bert B.", "operator"), (changed.Text("displayName"), changed.Text("grants.0.roleId")));
        Assert.Equal("operator", (await bert.GetJsonAsync("/api/auth/me")).Text("role"));

        await _world.Http.PatchAsync(path, """{"enabled":false}""");
        using (var closed = await bert.GetAsync("/api/cameras"))
            await closed.ProblemAsync(401, "tokenExpired");
        using (var login = await _world.Http.PostAsJsonAsync("/api/auth/login", new { username = "bert", password = Password }))
            await login.ProblemAsync(401, "badCredentials");
        await _world.Http.PatchAsync(path, """{"enabled":true}""");
        using (var ended = await bert.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");      // switching it on again brings no sign-in back
        using var again = await SignInAsync("bert");

        (await _world.Http.DeleteAsync(path)).Dispose();
        using (var gone = await again.GetAsync("/api/cameras"))
            await gone.ProblemAsync(401, "tokenExpired");
        using (var missing = await _world.Http.GetAsync(path))
            await missing.ProblemAsync(404, "userNotFound");
        var audit = (await _world.Http.GetJsonAsync("/api/audit?subject=" + added.Text("id"))).GetProperty("items").EnumerateArray().Select(a => a.Text("action"));
        Assert.Equal(["user.deleted", "user.changed", "user.changed", "user.changed", "user.added"], audit);
        var signIns = (await _world.Http.GetJsonAsync("/api/audit?actor=bert")).GetProperty("items").EnumerateArray().Select(a => $"{a.Text("action")} {a.Text("result")}");
        Assert.Equal(["session.started done", "session.started refused", "session.started done"], signIns);
    }

    [Fact]
    public async Task Each_wrong_field_of_a_user_is_named()
    {
        foreach (var (body, fields) in new (object, string[])[]
        {
            (new { }, ["username:required", "password:tooShort"]),
            (new { username = "a b", password = "password123" }, ["username:invalidCharacters", "password:tooCommon"]),
            (new { username = "b", password = Password, grants = new object[] { new { roleId = "king" }, new { roleId = "viewer", scope = "planet" },
                new { roleId = "viewer", scope = "site", scopeId = "nowhere" }, new { roleId = "viewer", scope = "camera" }, new { roleId = "viewer", scopeId = "default" } } },
                ["grants[0].roleId:roleNotFound", "grants[1].scope:invalidValue", "grants[2].scopeId:siteNotFound", "grants[3].scopeId:cameraNotFound", "grants[4].scopeId:invalidValue"]),
            (new { username = "b", password = Password, grants = Enumerable.Repeat(new { roleId = "viewer" }, 101) }, ["grants:outOfRange"]),
            (new { username = "b", password = Password, groupIds = new[] { Guid.Empty } }, ["groupIds:groupNotFound"]),
        })
        {
            Assert.Equal(fields, (await _world.Http.PostAsync("/api/users", body, 400)).FieldCodes());
        }

        Assert.Single((await _world.Http.GetJsonAsync("/api/users")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_a_new_password_must_be_like_is_the_administrator_s_choice_and_old_ones_stay_good()
    {
        await AddAsync("bert", new { roleId = "viewer" });
        using var bert = await SignInAsync("bert");
        var rules = await bert.GetJsonAsync("/api/password-rules");
        Assert.Equal(("10", "True"), (rules.Text("minLength"), rules.Text("refuseCommon")));
        using (var refused = await bert.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "/api/password-rules") { Content = JsonContent.Create(new { minLength = 8 }) }))
            await refused.ProblemAsync(403, "forbidden");

        await _world.Http.PatchAsync("/api/password-rules", """{"minLength":24}""");
        Assert.Equal(["newPassword:tooShort"], (await bert.PostAsync("/api/auth/password", new { currentPassword = Password, newPassword = "twenty-three characters" }, 400)).FieldCodes());
        Assert.Equal(["password:tooShort"], (await _world.Http.PostAsync("/api/users", new { username = "cleo", password = Password }, 400)).FieldCodes());
        using var again = await SignInAsync("bert");        // with the one that is too short by now

        var changed = await _world.Http.PatchAsync("/api/password-rules", """{"minLength":8,"refuseCommon":false}""");
        Assert.Equal(("8", "False"), (changed.Text("minLength"), changed.Text("refuseCommon")));
        await _world.Http.PostAsync("/api/users", new { username = "cleo", password = "password" }, 201);
        Assert.Equal(["password:sameAsUsername"], (await _world.Http.PostAsync("/api/users", new { username = "dora-the-user", password = "Dora-the-user" }, 400)).FieldCodes());
        await _world.Http.PatchAsync("/api/password-rules", """{"refuseCommon":null}""");
        Assert.Equal(["password:tooCommon"], (await _world.Http.PostAsync("/api/users", new { username = "emma", password = "password" }, 400)).FieldCodes());

        foreach (var wrong in new[] { """{"minLength":7}""", """{"minLength":65}""" })
            Assert.Equal(["minLength:outOfRange"], (await _world.Http.PatchAsync("/api/password-rules", wrong, 400)).FieldCodes());
        Assert.Equal(3L, await _world.ScalarAsync("select count(*) from control.audit where action = 'passwordRules.changed'"));

        // Another tenant has its own.
        await _world.AddTenantAsync("neighbour");
        using var stranger = _world.Anonymous();
        stranger.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "stranger", ("admin", "tenant", null));
        Assert.Equal("10", (await stranger.GetJsonAsync("/api/password-rules")).Text("minLength"));
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        var admin = "/api/users/" + (await _world.Http.GetJsonAsync("/api/auth/me")).Text("id");
        foreach (var change in new[] { """{"enabled":false}""", """{"grants":[]}""", """{"grants":[{"roleId":"admin","scope":"site","scopeId":"default"}]}""" })
            Assert.Equal("lastAdministrator", (await _world.Http.PatchAsync(admin, change, 409)).Text("code"));
        using (var deleted = await _world.Http.DeleteAsync(admin))
            await deleted.ProblemAsync(409, "lastAdministrator");

        // By a group is as good as by oneself, and counts against the group.
        var bert = (await AddAsync("bert")).Text("id");
        var group = (await _world.Http.PostAsync("/api/user-groups", new { name = "Chiefs", grants = new[] { new { roleId = "admin" } }, memberIds = new[] { bert } }, 201)).Text("id");
        await _world.Http.PatchAsync(admin, """{"grants":[]}""");
        using var chief = _world.Anonymous();
        chief.DefaultRequestHeaders.Authorization = (await SignInAsync("bert")).DefaultRequestHeaders.Authorization;
        Assert.Equal("lastAdministrator", (await chief.PatchAsync("/api/user-groups/" + group, """{"memberIds":[]}""", 409)).Text("code"));
        using var kept = await chief.DeleteAsync("/api/user-groups/" + group);
        await kept.ProblemAsync(409, "lastAdministrator");
    }

    [Fact]
    public async Task Nobody_gives_or_takes_over_more_than_they_have()
    {
        var admin = "/api/users/" + (await _world.Http.GetJsonAsync("/api/auth/me")).Text("id");
        var clerkRole = (await _world.Http.PostAsync(
            "/api/roles", new { name = "Clerk", permissions = new[] { "users.read", "users.write", "roles.write", "cameras.read" } }, 201)).Text("id")!;
        var chiefs = (await _world.Http.PostAsync("/api/user-groups", new { name = "Chiefs", grants = new[] { new { roleId = "admin" } } }, 201)).Text("id");
        using var clerk = _world.As("clerk", (clerkRole, "tenant", null));
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/users", new { username = "x", password = Password, grants = new[] { new { roleId = "viewer" } } }),
            ("/api/users", new { username = "x", password = Password, groupIds = new[] { chiefs } }),
            ("/api/user-groups", new { name = "x", grants = new[] { new { roleId = "admin" } } }),
            ("/api/roles", new { name = "x", permissions = new[] { "live.view" } }),
            (admin + "/password", new { password = Password }),
        })
        {
            Assert.Equal("beyondOwnRights", (await clerk.PostAsync(path, body, 403)).Text("code"));
        }

        Assert.Equal("beyondOwnRights", (await clerk.PatchAsync(admin, """{"enabled":false}""", 403)).Text("code"));
        Assert.Equal("beyondOwnRights", (await clerk.PatchAsync("/api/roles/" + clerkRole, """{"permissions":["live.view"]}""", 403)).Text("code"));
        var me = (await clerk.GetJsonAsync("/api/auth/me")).Text("id");
        Assert.Equal("beyondOwnRights", (await clerk.PatchAsync("/api/user-groups/" + chiefs, $$"""{"memberIds":["{{me}}"]}""", 403)).Text("code"));
        using (var deleted = await clerk.DeleteAsync(admin))
            await deleted.ProblemAsync(403, "beyondOwnRights");
        await clerk.PostAsync("/api/users", new { username = "helper", password = Password, grants = new[] { new { roleId = clerkRole } } }, 201);
    }

    [Fact]
    public async Task A_role_of_ones_own_counts_at_once_and_the_built_in_ones_stay()
    {
        var role = await _world.Http.PostAsync("/api/roles", new { name = "Night shift", permissions = new[] { "live.view", "cameras.read" } }, 201);
        using var bert = _world.As("bert", (role.Text("id")!, "tenant", null));
        await bert.GetJsonAsync("/api/cameras");
        await _world.Http.PatchAsync("/api/roles/" + role.Text("id"), """{"permissions":["events.read"]}""");
        using (var refused = await bert.GetAsync("/api/cameras"))
            await refused.ProblemAsync(403, "forbidden");
        await bert.GetJsonAsync("/api/events");

        var listed = (await _world.Http.GetJsonAsync("/api/roles")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["admin", "investigator", "operator", "publisher", "sensor", "viewer", role.Text("id")], listed.Select(r => r.Text("id")));
        Assert.Equal(Permissions.All.Count, listed[0].GetProperty("permissions").GetArrayLength());
        Assert.Equal(("events.read", "1"), (listed[^1].Text("permissions.0"), listed[^1].Text("users")));
        Assert.Equal("roleBuiltIn", (await _world.Http.PatchAsync("/api/roles/admin", """{"permissions":[]}""", 409)).Text("code"));
        using (var builtIn = await _world.Http.DeleteAsync("/api/roles/viewer"))
            await builtIn.ProblemAsync(409, "roleBuiltIn");
        using (var inUse = await _world.Http.DeleteAsync("/api/roles/" + role.Text("id")))
            await inUse.ProblemAsync(409, "roleInUse");
        Assert.Equal(["name:required", "permissions[0]:permissionNotFound"], (await _world.Http.PostAsync("/api/roles", new { permissions = new[] { "make.coffee" } }, 400)).FieldCodes());
        Assert.Equal("nameTaken", (await _world.Http.PostAsync("/api/roles", new { name = "night SHIFT" }, 409)).Text("code"));
        _world.BearerOf("bert");
        using var deleted = await _world.Http.DeleteAsync("/api/roles/" + role.Text("id"));
        Assert.Equal(204, (int)deleted.StatusCode);
    }

    [Fact]
    public async Task Sign_ins_are_listed_and_ended()
    {
        await AddAsync("bert", new { roleId = "viewer" });
        using var here = await SignInAsync("bert", "Firefox on a desk");
        using var there = await SignInAsync("bert", "Safari in a train");
        using var third = await SignInAsync("bert", new string('x', 5000));
        var mine = (await here.GetJsonAsync("/api/sessions")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["256", "17", "17"], mine.Select(s => $"{s.Text("userAgent")!.Length}"));
        Assert.Equal(("127.0.0.1", "True", "bert"), (mine[2].Text("address"), mine[2].Text("current"), mine[2].Text("username")));
        Assert.Equal("False", mine[1].Text("current"));
        var page = await here.GetJsonAsync("/api/sessions?limit=2");
        Assert.Single((await here.GetJsonAsync("/api/sessions?cursor=" + page.Text("nextCursor"))).GetProperty("items").EnumerateArray());
        using (var all = await here.GetAsync("/api/sessions?all=true"))
            await all.ProblemAsync(403, "forbidden");

        (await here.DeleteAsync("/api/sessions/" + mine[1].Text("id"))).Dispose();
        using (var ended = await there.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");
        (await _world.Http.DeleteAsync("/api/sessions/" + mine[0].Text("id"))).Dispose();       // an administrator
        using (var ended = await third.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");

        using var stranger = _world.As("anna", ("viewer", "tenant", null));
        using (var notTheirs = await stranger.DeleteAsync("/api/sessions/" + mine[2].Text("id")))
            await notTheirs.ProblemAsync(404, "sessionNotFound");
        using var fourth = await SignInAsync("bert");
        (await here.DeleteAsync("/api/sessions")).Dispose();
        using (var ended = await fourth.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");
        await here.GetJsonAsync("/api/cameras");
        Assert.Single((await _world.Http.GetJsonAsync("/api/sessions?all=true")).GetProperty("items").EnumerateArray(), s => s.Text("username") == "bert");
    }

    [Fact]
    public async Task A_new_password_ends_the_sign_ins_that_the_old_one_began()
    {
        var id = (await AddAsync("bert", new { roleId = "viewer" })).Text("id");
        using var here = await SignInAsync("bert");
        using var there = await SignInAsync("bert");
        Assert.Equal(["currentPassword:wrongPassword"], (await here.PostAsync("/api/auth/password", new { currentPassword = "no", newPassword = "another long secret" }, 400)).FieldCodes());
        Assert.Equal(["newPassword:tooShort"], (await here.PostAsync("/api/auth/password", new { currentPassword = Password, newPassword = "short" }, 400)).FieldCodes());
        using (var changed = await here.PostAsJsonAsync("/api/auth/password", new { currentPassword = Password, newPassword = "another long secret" }))
            Assert.Equal(204, (int)changed.StatusCode);
        await here.GetJsonAsync("/api/cameras");
        using (var ended = await there.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");

        using (var set = await _world.Http.PostAsJsonAsync($"/api/users/{id}/password", new { password = Password }))
            Assert.Equal(204, (int)set.StatusCode);
        using (var ended = await here.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");
        using var again = await SignInAsync("bert");
    }

    [Fact]
    public async Task People_of_another_tenant_are_not_there()
    {
        await _world.AddTenantAsync("neighbour");
        using var neighbour = _world.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "admin-of-neighbour", ("admin", "tenant", null));
        var bert = (await AddAsync("bert", new { roleId = "viewer" })).Text("id");
        var role = (await _world.Http.PostAsync("/api/roles", new { name = "Ours" }, 201)).Text("id");
        var group = (await _world.Http.PostAsync("/api/user-groups", new { name = "Ours" }, 201)).Text("id");
        using var signedIn = await SignInAsync("bert");
        var session = (await signedIn.GetJsonAsync("/api/sessions")).Text("items.0.id");

        Assert.Equal(["admin-of-neighbour"], (await neighbour.GetJsonAsync("/api/users")).GetProperty("items").EnumerateArray().Select(u => u.Text("username")));
        Assert.DoesNotContain("Ours", (await neighbour.GetJsonAsync("/api/roles")).GetRawText() + (await neighbour.GetJsonAsync("/api/user-groups")).GetRawText(), StringComparison.Ordinal);
        Assert.Empty((await neighbour.GetJsonAsync("/api/sessions?all=true")).GetProperty("items").EnumerateArray());
        foreach (var path in new[] { "/api/users/" + bert, "/api/roles/" + role, "/api/user-groups/" + group })
            Assert.EndsWith("NotFound", (await neighbour.PatchAsync(path, "{}", 404)).Text("code"), StringComparison.Ordinal);
        foreach (var path in new[] { "/api/users/" + bert, "/api/roles/" + role, "/api/user-groups/" + group, "/api/sessions/" + session })
        {
            using var deleted = await neighbour.DeleteAsync(path);
            Assert.Equal(404, (int)deleted.StatusCode);
        }

        Assert.Equal(["grants[0].roleId:roleNotFound", "grants[1].scopeId:siteNotFound"], (await neighbour.PostAsync("/api/users", new
        {
            username = "x",
            password = Password,
            grants = new object[] { new { roleId = role }, new { roleId = "viewer", scope = "site", scopeId = "default" } },
        }, 400)).FieldCodes());
        Assert.Equal(["memberIds:userNotFound"], (await neighbour.PostAsync("/api/user-groups", new { name = "x", memberIds = new[] { bert } }, 400)).FieldCodes());
    }

    private Task<JsonElement> AddAsync(string username, params object[] grants) =>
        _world.Http.PostAsync("/api/users", new { username, password = Password, grants }, 201);

    private async Task<HttpClient> SignInAsync(string username, string userAgent = "a test")
    {
        var client = _world.Anonymous();
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        var tokens = await client.PostAsync("/api/auth/login", new { username, password = Password });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Text("accessToken"));
        return client;
    }
}
