using System.Net.Http.Json;
using System.Net.Sockets;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Features;

/// <summary>The media plane asks about RTSP clients, over control's local socket.</summary>
public sealed class CheckViewerTests
{
    [Fact]
    public async Task A_right_password_may_watch_and_a_wrong_one_may_not()
    {
        await using var world = await ControlWorld.StartAsync();
        using var media = Local(world);

        using var right = await AskAsync(media, ControlWorld.AdminPassword);
        Assert.Equal("admin", (await right.JsonAsync()).Text("username"));
        using var wrong = await AskAsync(media, "guess");
        await wrong.ProblemAsync(401, "badCredentials");
        using var nobody = await media.PostAsJsonAsync("/local/viewers", new { });
        await nobody.ProblemAsync(401, "badCredentials");
        Assert.DoesNotContain(world.Log.Lines, l => l.Contains("guess", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Guessing_is_slowed_down_for_the_address_that_guesses()
    {
        await using var world = await ControlWorld.StartAsync();
        using var media = Local(world);
        for (int i = 0; i < 5; i++)
        {
            using var wrong = await AskAsync(media, "guess", "10.0.0.1");
            await wrong.ProblemAsync(401, "badCredentials");
        }

        using var throttled = await AskAsync(media, ControlWorld.AdminPassword, "10.0.0.1");
        await throttled.ProblemAsync(429, "tooManyTries");
        using var other = await AskAsync(media, ControlWorld.AdminPassword, "10.0.0.2");
        Assert.True(other.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_closed_account_is_refused()
    {
        await using var world = await ControlWorld.StartAsync();
        using var media = Local(world);
        await using (var command = world.Database.CreateCommand("update control.account set enabled = false"))
            await command.ExecuteNonQueryAsync();
        using var closed = await AskAsync(media, ControlWorld.AdminPassword);
        await closed.ProblemAsync(401, "badCredentials");
    }

    [Fact]
    public async Task An_encoders_account_may_publish_and_nothing_else_and_an_operator_may_not()
    {
        await using var world = await ControlWorld.StartAsync();
        using var media = Local(world);
        world.BearerOf("admin", "publisher");
        using var publish = await AskToPublishAsync();
        Assert.Equal("admin", (await publish.JsonAsync()).Text("username"));
        using var watch = await AskAsync(media, ControlWorld.AdminPassword);
        await watch.ProblemAsync(403, "forbidden");

        world.BearerOf("admin", "operator");
        using var refused = await AskToPublishAsync();
        await refused.ProblemAsync(403, "forbidden");

        Task<HttpResponseMessage> AskToPublishAsync() =>
            media.PostAsJsonAsync("/local/viewers", new { username = "admin", password = ControlWorld.AdminPassword, cameraId = "1", address = "10.0.0.9", publish = true });
    }

    [Fact]
    public async Task The_answer_names_the_cameras_where_the_right_is_not_for_all_of_them()
    {
        await using var world = await ControlWorld.StartAsync();
        using var media = Local(world);
        var door = (await world.AddCameraAsync("Door")).Text("id")!;
        await world.AddCameraAsync("Vault");
        using (var all = await AskAsync(media, ControlWorld.AdminPassword))
            Assert.Null((await all.JsonAsync()).Text("cameraIds"));

        world.BearerOf("admin", ("viewer", "camera", door));
        using (var some = await AskAsync(media, ControlWorld.AdminPassword))
            Assert.Equal([door], (await some.JsonAsync()).GetProperty("cameraIds").EnumerateArray().Select(c => c.GetString()!));

        world.BearerOf("admin");
        using var none = await AskAsync(media, ControlWorld.AdminPassword);
        await none.ProblemAsync(403, "forbidden");
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient media, string password, string address = "10.0.0.9") =>
        media.PostAsJsonAsync("/local/viewers", new { username = "admin", password, cameraId = "1", address });

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
