using System.Net.Http.Json;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

public sealed class ItemVersionTests(ItemVersionTests.World shared) : IClassFixture<ItemVersionTests.World>
{
    private static int s_number;

    private readonly ControlWorld _world = shared.Value;

    /// <summary>What has versions beside cameras: where it is made, of what, and two changes of it.</summary>
    public static TheoryData<string, string, string, string> Things => new()
    {
        { "/api/bookmarks", """{"cameraId":"CAMERA","at":"2026-11-21T08:00:00Z","title":"x"}""", """{"title":"A"}""", """{"title":"B"}""" },
        { "/api/clips", """{"cameraIds":["CAMERA"],"from":"2026-11-21T08:00:00Z","to":"2026-11-21T09:00:00Z","name":"x"}""", """{"name":"A"}""", """{"name":"B"}""" },
        { "/api/users", """{"username":"NAME","password":"ten characters at least"}""", """{"displayName":"A"}""", """{"grants":[{"roleId":"viewer"}]}""" },
        { "/api/user-groups", """{"name":"NAME"}""", """{"name":"NAME A"}""", """{"grants":[{"roleId":"viewer"}]}""" },
        { "/api/roles", """{"name":"NAME","permissions":["cameras.read"]}""", """{"permissions":["cameras.read","live.view"]}""", """{"name":"NAME B"}""" },
        { "/api/sites", """{"name":"NAME"}""", """{"name":"NAME A"}""", """{"limits":{"camerasPerLayout":4}}""" },
        { "/api/groups", """{"name":"NAME"}""", """{"cameraIds":["CAMERA"]}""", """{"name":"NAME B"}""" },
        { "/api/layouts", """{"name":"NAME"}""", """{"name":"A"}""", """{"grid":"9"}""" },
        { "/api/tenants", """{"id":"ID","name":"NAME"}""", """{"name":"NAME A"}""", """{"limits":{"sessions":3}}""" },
    };

    [Fact]
    public async Task A_camera_s_answers_say_its_version_and_a_change_gives_it_the_next()
    {
        using var made = await _world.Http.PostAsJsonAsync("/api/cameras", new { name = "Door", mainUrl = "rtsp://10.0.0.7/main" }, TestContext.Current.CancellationToken);
        var path = made.Headers.Location!.ToString();
        var tag = made.Headers.ETag!.ToString();
        Assert.Equal(tag, await TagOfAsync(path));
        using var patched = await PatchAsync(path, """{"name":"Front door"}""", tag);
        await patched.JsonAsync();
        Assert.NotEqual(tag, patched.Headers.ETag!.ToString());
        Assert.Equal(patched.Headers.ETag.ToString(), await TagOfAsync(path));
    }

    [Theory]
    [InlineData("/api/cameras", """{"name":"Door","mainUrl":"rtsp://10.0.0.7/main"}""", """{"name":"A"}""", """{"name":"B"}""")]
    [MemberData(nameof(Things))]
    public async Task Of_two_who_read_the_same_version_the_second_is_refused(string collection, string body, string one, string other)
    {
        var fill = await NamesAsync();
        (one, other) = (fill(one), fill(other));
        var (path, read) = await MakeAsync(collection, fill(body));
        using var first = await PatchAsync(path, one, read);
        await first.JsonAsync();
        using var second = await PatchAsync(path, other, read);
        await second.ProblemAsync(412, "changedMeanwhile");
        using var informed = await PatchAsync(path, other, first.Headers.ETag!.ToString());
        await informed.JsonAsync();
    }

    [Theory]
    [MemberData(nameof(Things))]
    public async Task What_was_changed_is_not_deleted_by_who_has_not_seen_it(string collection, string body, string one, string other)
    {
        var fill = await NamesAsync();
        var (path, read) = await MakeAsync(collection, fill(body));
        string last = read;
        foreach (var change in (string[])[one, other])
        {
            using var changed = await PatchAsync(path, fill(change), last);
            await changed.JsonAsync();
            last = changed.Headers.ETag!.ToString();
            using var stale = await SendAsync(HttpMethod.Delete, path, null, read);
            await stale.ProblemAsync(412, "changedMeanwhile");
        }

        using var deleted = await SendAsync(HttpMethod.Delete, path, null, last);
        Assert.Equal(204, (int)deleted.StatusCode);
        using var again = await SendAsync(HttpMethod.Delete, path, null, read);
        Assert.Equal(404, (int)again.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Things))]
    public async Task A_list_says_the_version_of_each_that_has_no_number(string collection, string body, string one, string other)
    {
        // These have generation or updatedAt.
        if (collection is "/api/bookmarks" or "/api/clips" or "/api/layouts")
            return;
        var fill = await NamesAsync();
        var (path, read) = await MakeAsync(collection, fill(body));
        foreach (var change in (string[])[one, other])
        {
            var item = (await _world.Http.GetJsonAsync(collection)).GetProperty("items").EnumerateArray().Single(i => path.EndsWith("/" + i.Text("id"), StringComparison.Ordinal));
            Assert.Equal(read, $"\"{item.Text("version")}\"");
            using var changed = await PatchAsync(path, fill(change), read);
            Assert.Equal(changed.Headers.ETag!.ToString(), $"\"{(await changed.JsonAsync()).Text("version")}\"");
            read = changed.Headers.ETag.ToString();
        }
    }

    [Fact]
    public async Task A_user_who_was_taken_into_a_group_meanwhile_is_another_version()
    {
        var fill = await NamesAsync();
        var (user, read) = await MakeAsync("/api/users", fill("""{"username":"NAME","password":"ten characters at least"}"""));
        await MakeAsync("/api/user-groups", fill($$"""{"name":"NAME","memberIds":["{{user.Split('/')[^1]}}"]}"""));
        using var stale = await PatchAsync(user, """{"groupIds":[]}""", read);
        await stale.ProblemAsync(412, "changedMeanwhile");
    }

    [Fact]
    public async Task A_server_that_was_changed_is_not_forgotten_by_who_has_not_seen_it()
    {
        await _world.ExecuteAsync("""
            insert into control.server (id, name, address, api_key_protected, generation, created_at, updated_at)
            values ('peer', 'Peer', 'https://192.0.2.7:8443', 'x', 2, now(), now())
            """);
        using var stale = await SendAsync(HttpMethod.Delete, "/api/servers/peer", null, "\"1\"");
        await stale.ProblemAsync(412, "changedMeanwhile");
        using var deleted = await SendAsync(HttpMethod.Delete, "/api/servers/peer", null, "\"2\"");
        Assert.Equal(204, (int)deleted.StatusCode);
    }

    [Theory]
    [InlineData("*", 200)]
    [InlineData("\"1\"", 200)]
    [InlineData("\"7\", \"1\"", 200)]
    [InlineData("\"7\"", 412)]
    [InlineData("W/\"1\"", 412)]
    [InlineData("1", 400)]
    public async Task If_match_is_read_as_HTTP_says(string header, int status)
    {
        var path = "/api/cameras/" + (await _world.AddCameraAsync("Roof")).Text("id");
        using var answer = await PatchAsync(path, """{"name":"Roof 2"}""", header);
        await answer.JsonAsync(status);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_whatever_version_is_asked_for()
    {
        using var camera = await PatchAsync("/api/cameras/nothere", "{}", "\"1\"");
        await camera.ProblemAsync(404, "cameraNotFound");
        using var clip = await PatchAsync($"/api/clips/{Guid.NewGuid()}", "{}", "\"1\"");
        await clip.ProblemAsync(404, "clipNotFound");
    }

    /// <summary>Fills in names that nobody else has.</summary>
    private async Task<Func<string, string>> NamesAsync()
    {
        var (camera, number) = ((await _world.AddCameraAsync("Gate")).Text("id"), Interlocked.Increment(ref s_number));
        return text => text.Replace("CAMERA", camera, StringComparison.Ordinal).Replace("NAME", $"name-{number}", StringComparison.Ordinal).Replace("ID", $"id-{number}", StringComparison.Ordinal);
    }

    private async Task<(string Path, string Tag)> MakeAsync(string collection, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var made = await _world.Http.PostAsync(collection, content, TestContext.Current.CancellationToken);
        Assert.True((int)made.StatusCode == 201, await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (made.Headers.Location!.ToString(), made.Headers.ETag!.ToString());
    }

    private async Task<string> TagOfAsync(string path)
    {
        using var answer = await _world.Http.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.Headers.ETag!.ToString();
    }

    private Task<HttpResponseMessage> PatchAsync(string path, string json, string ifMatch) => SendAsync(HttpMethod.Patch, path, json, ifMatch);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json, string ifMatch)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/merge-patch+json");
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await _world.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>One control plane for all of these tests.</summary>
    public sealed class World : IAsyncLifetime
    {
        internal ControlWorld Value { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Value = await ControlWorld.StartAsync();

        public ValueTask DisposeAsync() => Value.DisposeAsync();
    }
}
