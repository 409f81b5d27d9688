using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Features.Device;
using Vms.Control.Features.Nvrs;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Features;

public sealed class OutageTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Control_starts_before_the_database_and_NATS_and_says_what_it_waits_for()
    {
        await using var postgres = await PrivatePostgres.StartAsync();
        await using var nats = await PrivateNats.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await postgres.KillAsync();
        await nats.KillAsync();

        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = database, Nats = nats.Url, WaitUntilReady = false });
        Assert.Equal("ok", (await world.Http.GetJsonAsync("/health")).Text("status"));
        var waiting = await world.Http.GetJsonAsync("/health/ready", 503);
        Assert.NotNull(waiting.Text("reasons.postgres"));
        Assert.NotNull(waiting.Text("reasons.nats"));
        using var login = await world.Http.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = ControlWorld.AdminPassword });
        await login.ProblemAsync(503, "databaseUnavailable");
        Assert.Equal(2, (int)login.Headers.RetryAfter!.Delta!.Value.TotalSeconds);

        await postgres.RestartAsync();
        await nats.RestartAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetAsync("/health/ready")).IsSuccessStatusCode);
        await world.SignInAsync();
    }

    [Fact]
    public async Task What_control_told_while_NATS_was_away_survives_it_and_is_stored_once()
    {
        await using var nats = await PrivateNats.StartAsync();
        await nats.KillAsync();
        using var directory = new TestDirectory();
        var first = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Nats = nats.Url });
        var recorded = Guid.NewGuid();
        first.Services.GetRequiredService<DeviceEvents>().Add("c1", "camera.device.changed", "before", s_noon, new { what = "firmware" });
        first.Services.GetRequiredService<NvrEvents>().Tell(recorded, "recorder.offline", "default", null, s_noon, null, ongoing: false, s_noon, new { nvrId = "n1" });
        await first.StopAsync();
        await nats.RestartAsync();

        await using var second = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Postgres = first.ConnectionString, Nats = nats.Url, WaitUntilReady = false });
        second.Services.GetRequiredService<DeviceEvents>().Add("c1", "camera.device.changed", "after", s_noon.AddSeconds(1), new { what = "model" });
        await Eventually.TrueAsync(async () => (long)(await second.ScalarAsync("select count(*) from control.event where id = 'after'"))! == 1);
        Assert.Equal($"before,{recorded},after", await second.ScalarAsync("select string_agg(id, ',' order by at, id = 'before' desc) from control.event"));
        Assert.Equal(3, await second.Services.GetRequiredService<BusConnection>().JetStream.CountAsync(BusLayout.EventStream, CancellationToken.None));
    }

    [Fact]
    public async Task A_first_start_asks_the_database_for_nothing_that_is_not_there_yet()
    {
        await using var postgres = await PrivatePostgres.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync() });
        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        await world.AddCameraAsync("Door");
        await Eventually.TrueAsync(() => media.Pipelines.Count == 1);
        Assert.DoesNotContain(postgres.Output.Split('\n'), line => line.Contains("ERROR:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_is_killed_costs_answers_and_nothing_else()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync() });
        await using var media = new FakeMedia(world.Options);
        await media.StartAsync();
        var id = (await world.AddCameraAsync("Door")).Text("id")!;
        await Eventually.TrueAsync(() => media.Pipelines.Count == 1);

        await postgres.KillAsync();
        using var refused = await world.Http.PostAsJsonAsync("/api/cameras", new { name = "x", mainUrl = "rtsp://h/x" });
        await refused.ProblemAsync(503, "databaseUnavailable");
        using var me = await world.Http.GetAsync("/api/auth/me");   // tokens need no database
        Assert.Equal(200, (int)me.StatusCode);
        Assert.Single(media.Pipelines);                             // nothing is stopped because nothing can be read
        await media.StopAsync();
        media.Pipelines.Clear();
        await media.StartAsync();
        await Eventually.TrueAsync(() => media.Pipelines.ContainsKey(id + ".main"));   // and a plane that comes back still gets its streams

        await postgres.RestartAsync();
        await Eventually.TrueAsync(async () => (await world.Http.GetAsync("/api/cameras")).IsSuccessStatusCode);
        await world.AddCameraAsync("Gate");
        await Eventually.TrueAsync(() => media.Pipelines.Count == 2);
    }

    [Fact]
    public async Task Demo_cameras_are_added_once()
    {
        var directory = new TestDirectory();
        string[] Demo(int port) => [$"--VMS_DEMO_CAMERAS=Lobby=rtsp://127.0.0.1:{port}/a; Yard=rtsp://127.0.0.1:{port}/b?x=1;broken;Bad=http://x"];
        var first = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Arguments = Demo(8554) });
        var cameras = (await first.Http.GetJsonAsync("/api/cameras")).GetProperty("items");
        Assert.Equal(["Lobby", "Yard"], cameras.EnumerateArray().Select(c => c.Text("name")));
        Assert.Equal(("continuous", "rtsp://127.0.0.1:8554/b?x=1"), (cameras[1].Text("recording.mode"), cameras[1].Text("mainUrl")));
        Assert.Contains("camera Bad is not added", first.Log.Text, StringComparison.Ordinal);
        (await first.Http.DeleteAsync("/api/cameras/" + cameras[0].Text("id"))).Dispose();
        await first.StopAsync();

        await using var second = await ControlWorld.StartAsync(new WorldSettings
        {
            Directory = directory,
            Postgres = first.ConnectionString,
            Arguments = Demo(9554),
            WaitUntilReady = false,
        });
        await Eventually.TrueAsync(async () => (string?)await second.ScalarAsync("select main_url from control.camera where name = 'Yard'") == "rtsp://127.0.0.1:9554/b?x=1");
        await second.SignInAsync();
        cameras = (await second.Http.GetJsonAsync("/api/cameras")).GetProperty("items");
        Assert.Equal(["Yard"], cameras.EnumerateArray().Select(c => c.Text("name")));   // the deleted one stays deleted
    }
}
