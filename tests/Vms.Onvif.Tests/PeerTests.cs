using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Vms.Testing;
using Vms.Testing.FakeDevice;
using Vms.Testing.Processes;

namespace Vms.Onvif.Tests;

/// <summary>
/// Two ONVIF clients that others wrote talk to the fake device that our client is tested with, so that the two are not each other's mirror: agsh's
/// <c>onvif</c> and futomi's <c>node-onvif</c>.
/// </summary>
public sealed class PeerTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]        // without media 2, and subscriptions as Axis makes them
    public async Task Agshs_client_finds_reads_moves_and_sets_the_fake_device(bool isOld, bool likeAxis)
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.ClockOffset = TimeSpan.FromMinutes(10);
        (device.Quirks.HasOnlyCapabilities, device.Quirks.UsesReferenceParameters) = (isOld, likeAxis);
        var told = await AskAsync("onvif", device);
        Assert.StartsWith(device.Service.AbsoluteUri, (string?)Assert.Single(told["discovered"]!.AsArray()), StringComparison.Ordinal);
        Assert.Equal(["profile_1", "profile_2", "profile_3", "profile_4", "profile_5"], told["profiles"]!.AsArray().Select(token => (string?)token));
        Assert.Equal("profile_1", (string?)told["active"]![0]!["profile"]);
        Assert.Equal(("Fake & Sons", "FD-1 <dome>", "1.0.7"), ((string?)told["information"]!["manufacturer"], (string?)told["information"]!["model"], (string?)told["information"]!["firmwareVersion"]));
        Assert.Equal("rtsp://127.0.0.1:554/profile_1?channel=1&subtype=0", (string?)told["stream"]);
        Assert.Equal(new Uri(device.Service, "/onvif/snapshot").AbsoluteUri, (string?)told["snapshot"]);
        Assert.Equal("fake", (string?)told["hostname"]);
        Assert.Equal(5, (int)told["scopes"]!);
        Assert.Contains("pool.ntp.example", told["ntp"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("node_1", (string?)told["nodes"]![0]);
        Assert.Equal(["Door", "Gate"], told["presets"]!.AsObject().Select(preset => preset.Key));
        Assert.Equal("MOVING", (string?)told["moving"]!["panTilt"]);
        Assert.Equal((0.25, -0.25, 0.5), ((double)told["position"]!["x"]!, (double)told["position"]!["y"]!, (double)told["position"]!["zoom"]!));
        Assert.Equal(["continuous 0.5 -0.5 0", "stop", "absolute 0.25 -0.25 0.5", "relative 0.1 0 0", "preset 2", "home"], device.Ptz.Moves);
        Assert.Equal("yard", device.Ptz.Presets["3"]);
        Assert.Equal(70, (int)told["brightness"]!);
        Assert.Contains("digitalInput", (string?)told["topics"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("CellMotionDetector/Motion", (string?)told["notification"], StringComparison.Ordinal);
        Assert.Equal((1, 1, 0), (device.Events.Subscribed, device.Events.Renewed, device.Events.Count));
        Assert.Equal(0, device.WrongPasswords);
    }

    [Fact]
    public async Task Futomis_client_finds_reads_and_moves_the_fake_device()
    {
        await using var device = await FakeDevice.StartAsync();
        device.Quirks.ClockOffset = TimeSpan.FromMinutes(-10);
        var told = await AskAsync("node-onvif", device);
        Assert.StartsWith(device.Service.AbsoluteUri, (string?)told["discovered"]![0], StringComparison.Ordinal);
        Assert.Equal("Fake & Sons", (string?)told["information"]!["Manufacturer"]);
        var main = told["profiles"]![0]!;
        Assert.Equal(("profile_1", "rtsp://127.0.0.1:554/profile_1?channel=1&subtype=0", 1920), ((string?)main["token"], (string?)main["stream"], (int)main["width"]!));
        Assert.Equal(5, told["profiles"]!.AsArray().Count);
        Assert.InRange((long)told["difference"]!, -610_000, -590_000);
        Assert.Equal(FakeDevice.Snapshot.Length, (int)told["picture"]!);
        Assert.Equal(["continuous 1 0 0", "stop", "home"], device.Ptz.Moves);
        Assert.Equal(["Door", "Gate"], told["presets"]!.AsArray().Select(name => (string?)name));
        Assert.Equal("IDLE", (string?)told["status"]);
        Assert.Equal(["relay_1", "relay_2"], told["relays"]!.AsArray().Select(token => (string?)token));
        Assert.Equal("pool.ntp.example", (string?)told["ntp"]);
        Assert.Contains("RuleEngine", told["topics"]!.AsArray().Select(topic => (string?)topic));
        Assert.Equal(1, device.WrongPasswords);      // its first question, for the time, carries its own time
    }

    private static async Task<JsonObject> AskAsync(string peer, FakeDevice device)
    {
        string folder = Path.Combine(TestPaths.Repository, "tests", "Vms.Onvif.Tests", "Peers");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", peer)))
            throw new InvalidOperationException("The ONVIF clients are not installed: run './dev setup', or 'npm ci' in tests/Vms.Onvif.Tests/Peers.");

        await using var discovery = FakeDiscovery.Start(IPAddress.Loopback, 0, multicast: false, device);
        string output = await ChildProcess.RunAsync(
            "node",
            [
                Path.Combine(folder, "peer.cjs"), peer, device.Port.ToString(CultureInfo.InvariantCulture), discovery.Port.ToString(CultureInfo.InvariantCulture),
                device.Options.User, device.Options.Password, "profile_1",
            ]);
        return JsonNode.Parse(output.Split('\n').Last(line => line.StartsWith('{')))!.AsObject();
    }
}
