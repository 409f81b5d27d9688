using System.Net.Http.Json;
using System.Net.Sockets;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>What <c>vms user</c> asks for on the local socket.</summary>
public sealed class LocalUsersTests
{
    [Fact]
    public async Task The_machines_owner_helps_an_administrator_who_has_lost_everything()
    {
        await using var world = await ControlWorld.StartAsync();
        using var local = Local(world);
        using var public_ = await world.Http.GetAsync("/local/users");
        await public_.ProblemAsync(403, "forbidden");

        await OkAsync("/local/users", new { username = "bert", password = "a long enough secret" });
        await world.LoginAsync("bert", "a long enough secret");
        var listed = await local.GetJsonAsync("/local/users");
        Assert.Equal(("bert", "Viewer", "True"), (listed.Text("1.username"), listed.Text("1.roles.0"), listed.Text("1.enabled")));

        await OkAsync("/local/users/admin/password", new { password = "something else entirely" });
        using (var ended = await world.Anonymous().PostAsJsonAsync("/api/auth/login", new { username = "admin", password = ControlWorld.AdminPassword }))
            await ended.ProblemAsync(401, "badCredentials");
        await world.SignInAsync("admin", "something else entirely");
        await OkAsync("/local/users/BERT/disable", new { });
        using (var closed = await world.Anonymous().PostAsJsonAsync("/api/auth/login", new { username = "bert", password = "a long enough secret" }))
            await closed.ProblemAsync(401, "badCredentials");
        await OkAsync("/local/users/bert/enable", new { });
        await world.LoginAsync("bert", "a long enough secret");
        await OkAsync("/local/users/admin/reset-totp", new { });

        Assert.Equal("lastAdministrator", (await local.PostAsync("/local/users/admin/disable", new { }, 409)).Text("code"));
        Assert.Equal("userNotFound", (await local.PostAsync("/local/users/nobody/enable", new { }, 404)).Text("code"));
        Assert.Equal(["username:required", "password:tooShort", "role:roleNotFound"], (await local.PostAsync("/local/users", new { role = "king" }, 400)).FieldCodes());
        Assert.Equal("usernameTaken", (await local.PostAsync("/local/users", new { username = "Bert", password = "a long enough secret" }, 409)).Text("code"));

        async Task OkAsync(string path, object body)
        {
            using var answer = await local.PostAsJsonAsync(path, body);
            Assert.True((int)answer.StatusCode == 204, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task The_first_administrator_can_be_made_so_and_the_printed_link_is_void()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { AdminPassword = null });
        await world.Log.WaitForAsync("setup link:", "there is no account");
        using var local = Local(world);
        using (var added = await local.PostAsJsonAsync("/local/users", new { username = "boss", password = "a long enough secret", role = "admin" }))
            Assert.Equal(204, (int)added.StatusCode);
        await world.SignInAsync("boss", "a long enough secret");
        Assert.Equal("admin", (await world.Http.GetJsonAsync("/api/auth/me")).Text("role"));
        Assert.Equal(0L, await world.ScalarAsync("select count(*) from control.setup_token"));
    }

    private static HttpClient Local(ControlWorld world) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(world.Options.SocketOf("control", "http")), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://control/") };
}
