using System.Collections.Concurrent;
using System.Net;
using Vms.Control.Devices.Onvif;
using Vms.Onvif.Discovery;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Devices;

public sealed class DiscoveryScanTests
{
    [Fact]
    public async Task A_multicast_probe_finds_each_device_once_though_datagrams_are_lost_doubled_and_garbage()
    {
        await using var first = await FakeDevice.StartAsync();
        await using var second = await FakeDevice.StartAsync(new FakeDeviceOptions { Model = "other", Address = IPAddress.Parse("127.0.0.2") });
        first.Quirks.LostProbes = 6;        // two of three sends of every form
        second.Quirks.HasNilUuid = true;
        int port = FreePort.Udp();
        await using var discovery = FakeDiscovery.Start(IPAddress.Loopback, port, multicast: true, first, second);
        discovery.AnswersTwice = true;
        discovery.Garbage = [[], [1, 2, 3], "<s:Envelope/>"u8.ToArray(), "<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>"u8.ToArray()];

        var found = new ConcurrentQueue<DiscoveredDevice>();
        var devices = await Scan(new DiscoveryOptions { Port = port, Interfaces = [IPAddress.Loopback] }).RunAsync(null, found.Enqueue, null, TestContext.Current.CancellationToken);
        Assert.Equal(9, discovery.Probes);
        Assert.Equal(2, devices.Count);
        Assert.Equal(2, found.Count);
        var device = devices.Single(d => d.Endpoint == first.Options.Uuid);
        Assert.Equal(("Fake & Sons FD-1 <dome>", "FD-1 <dome>"), (device.Scopes.Name, device.Scopes.Hardware));
        Assert.Equal(first.Service, device.Services[0]);
        Assert.Equal("other", devices.Single(d => d.Endpoint.Length == 0).Scopes.Hardware);
    }

    [Fact]
    public async Task A_subnet_is_asked_host_by_host_and_tells_clones_apart_by_their_addresses()
    {
        const string Uuid = "11111111-2222-3333-4444-555555555555";
        int port = FreePort.Udp();
        var hosts = new[] { "127.0.9.1", "127.0.9.2", "127.0.9.6" }.Select(IPAddress.Parse).ToList();
        var fakes = new List<(FakeDevice Device, FakeDiscovery Discovery)>();
        foreach (var host in hosts)
        {
            var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Address = host, Uuid = Uuid });
            fakes.Add((device, FakeDiscovery.Start(host, port, multicast: false, device)));
        }

        Assert.True(Subnet.TryParse("127.0.9.0/29", out var subnet));
        var devices = await Scan(new DiscoveryOptions { Port = port }).RunAsync(subnet, _ => { }, null, TestContext.Current.CancellationToken);
        Assert.Equal(hosts, devices.Select(device => device.Address).OrderBy(address => address.ToString()));
        Assert.All(fakes, fake => Assert.Equal(9, fake.Discovery.Probes));
        foreach (var (device, discovery) in fakes)
        {
            await discovery.DisposeAsync();
            await device.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_rate_of_a_scan_is_bounded_and_cancelling_ends_it()
    {
        int port = FreePort.Udp();
        await using var device = await FakeDevice.StartAsync(new FakeDeviceOptions { Address = IPAddress.Parse("127.0.10.1") });
        await using var discovery = FakeDiscovery.Start(device.Options.Address, port, multicast: false, device);
        var time = new ManualTimeProvider();
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Assert.True(Subnet.TryParse("127.0.10.0/28", out var subnet));      // 14 hosts, ten datagrams a tick
        var found = new TaskCompletionSource();
        var scan = new DiscoveryScan(new DiscoveryOptions { Port = port, ProbesPerSecond = 200 }, time).RunAsync(subnet, _ => found.TrySetResult(), null, cancelling.Token);
        await found.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, discovery.Probes);      // the second form's turn comes with the clock

        time.Advance(TimeSpan.FromMilliseconds(50));
        await Eventually.TrueAsync(() => discovery.Probes == 2);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);
        Assert.Equal(2, discovery.Probes);
    }

    private static DiscoveryScan Scan(DiscoveryOptions options) => new(options with { Repetition = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromMilliseconds(1500) }, TimeProvider.System);
}
