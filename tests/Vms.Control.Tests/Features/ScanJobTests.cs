using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Discovery;
using Vms.Control.Tests.Support;
using Vms.Onvif.Discovery;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features;

/// <summary>A scan as a job: a slow network is asked host after host, of which the first is a device.</summary>
public sealed class ScanJobTests : IAsyncLifetime
{
    private const string Network = "127.0.11.0/24";

    private readonly int _port = FreePort.Udp();
    private FakeDevice _device = null!;
    private FakeDiscovery _discovery = null!;

    public async ValueTask InitializeAsync()
    {
        _device = await FakeDevice.StartAsync(new FakeDeviceOptions { Address = IPAddress.Parse("127.0.11.1") });
        _discovery = FakeDiscovery.Start(_device.Options.Address, _port, multicast: false, _device);
    }

    public async ValueTask DisposeAsync()
    {
        await _discovery.DisposeAsync();
        await _device.DisposeAsync();
    }

    [Fact]
    public async Task A_scan_is_a_job_with_progress_that_can_be_cancelled_and_keeps_what_it_found()
    {
        await using var world = await StartAsync(probesPerSecond: 20);
        using var feed = await FeedTests.OpenAsync(world);
        var id = await ScanAsync(world);
        Assert.Equal(id, await ScanAsync(world));      // the same once more is the same
        JsonElement job = default;
        await Eventually.TrueAsync(async () => (job = await world.Http.GetJsonAsync($"/api/jobs/{id}")).Text("done") is not (null or "0"));
        Assert.Equal(("scan", "running", (3 * 3 * 254).ToString(System.Globalization.CultureInfo.InvariantCulture)), (job.Text("kind"), job.Text("state"), job.Text("total")));
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/discovery/{id}")).GetProperty("devices").GetArrayLength() == 1);
        Assert.Contains(id, (await world.Http.GetJsonAsync("/api/jobs")).GetProperty("items").EnumerateArray().Select(j => j.Text("id")!));

        await ScanAsync(world, "127.0.12.0/24");
        Assert.Equal("tooManyScans", (await world.Http.PostAsync("/api/discovery/scan", new { subnet = "127.0.13.0/24" }, 409)).Text("code"));

        using (var cancelled = await world.Http.DeleteAsync($"/api/jobs/{id}"))
            Assert.Equal(204, (int)cancelled.StatusCode);
        var told = await FeedTests.UntilAsync(feed, m => m.Text("type") == "DiscoveryComplete");
        Assert.Equal((id, "127.0.11.1"), (told.Text("scanId"), told.Text("devices.0.ip")));
        var scan = await world.Http.GetJsonAsync($"/api/discovery/{id}");
        Assert.Equal(("cancelled", Network, "127.0.11.1"), (scan.Text("state"), scan.Text("subnet"), scan.Text("devices.0.ip")));
        int asked = _discovery.Probes;
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync($"/api/jobs/{id}")).Text("state") == "cancelled");
        Assert.Equal(asked, _discovery.Probes);
        await world.Http.PostAsync("/api/discovery/scan", new { subnet = "127.0.13.0/24" }, 202);
    }

    [Fact]
    public async Task A_scan_outlives_a_restart_and_what_it_had_found_before()
    {
        var first = await StartAsync(probesPerSecond: 20);
        var id = await ScanAsync(first);
        await Eventually.TrueAsync(async () => (await first.Http.GetJsonAsync($"/api/discovery/{id}")).GetProperty("devices").GetArrayLength() == 1);
        await first.StopAsync();
        await _discovery.DisposeAsync();        // it answers nobody any more
        _discovery = FakeDiscovery.Start(_device.Options.Address, 0, multicast: false, _device);

        await using var second = await StartAsync(probesPerSecond: 4000, first);
        JsonElement scan = default;
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await second.Http.GetAsync($"/api/discovery/{id}", TestContext.Current.CancellationToken);
            if (!answer.IsSuccessStatusCode)
                return false;       // its database is looked at, still
            scan = (await answer.JsonAsync()).Clone();
            return scan.Text("state") == "done";
        });
        Assert.Equal((Network, "127.0.11.1"), (scan.Text("subnet"), scan.Text("devices.0.ip")));
        var job = await second.Http.GetJsonAsync($"/api/jobs/{id}");
        Assert.Equal(("done", "1", "1"), (job.Text("state"), job.Text("progress"), job.Text("result.found")));

        // Who may read jobs and not look for devices hears how many there are.
        using var guard = second.As("guard", ("operator", "tenant", null));
        var brief = (await guard.GetJsonAsync($"/api/jobs/{id}")).GetProperty("result");
        Assert.Equal(("1", false), (brief.Text("found"), brief.TryGetProperty("devices", out _)));
    }

    [Fact]
    public void What_a_scan_keeps_is_bounded_and_what_answers_now_counts_more_than_what_did_before()
    {
        var found = new FoundDevices(null);
        var now = DateTimeOffset.UnixEpoch;
        for (int i = 0; i < FoundDevices.MaxDevices + 5; i++)
            found.Keep(new FoundDevice($"10.0.{i >> 8}.{i & 255}", "", [], "old", null, null, now.AddSeconds(i)));
        Assert.Equal(FoundDevices.MaxDevices, found.Findings.Found);
        var service = new Uri("http://10.9.9.9/" + new string('x', 300));
        found.Add(new DiscoveredDevice(IPAddress.Parse("10.9.9.9"), new string('e', 1000), [service, new Uri("http://10.9.9.9/onvif")], new DeviceScopes("New", null, null, null, true)), now.AddDays(1));
        Assert.Equal(FoundDevices.MaxDevices, found.Findings.Found);
        Assert.DoesNotContain(found.Findings.Devices, d => d.Ip == "10.0.0.0");
        var added = found.Findings.Devices.Single(d => d.Ip == "10.9.9.9");
        Assert.Equal((256, "http://10.9.9.9/onvif"), (added.Endpoint.Length, Assert.Single(added.Xaddrs)));
    }

    private async Task<ControlWorld> StartAsync(int probesPerSecond, ControlWorld? before = null)
    {
        var world = await ControlWorld.StartAsync(new WorldSettings
        {
            Directory = before?.Directory,
            Postgres = before?.ConnectionString,
            WaitUntilReady = before is null,
            Adjust = services => services.AddSingleton(new DiscoveryOptions { Port = _port, ProbesPerSecond = probesPerSecond, Patience = TimeSpan.FromMilliseconds(500) }),
        });
        world.Http.DefaultRequestHeaders.Authorization = world.BearerOf("admin", "admin");
        return world;
    }

    private static async Task<string> ScanAsync(ControlWorld world, string subnet = Network) =>
        (await world.Http.PostAsync("/api/discovery/scan", new { subnet }, 202)).Text("scanId")!;
}
