using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Hosting.Heads;
using Vms.Recorder.Archive;
using Vms.Recorder.Heads;
using Vms.Recorder.Retention;
using Vms.Recorder.Tests.Exports;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Heads;

public sealed class HeadStoreTests : IDisposable
{
    private static readonly DateTimeOffset s_hour = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _data = new();
    private readonly HeadStore _heads;

    public HeadStoreTests() => _heads = StoreIn(_data.Path);

    [Fact]
    public void Entries_are_found_by_their_time_across_hours_and_after_a_restart()
    {
        Assert.True(Add("cam", 3590, 3595));
        Assert.True(Add("cam", 3595, 3602));
        Assert.True(Add("cam", 3602, 3607));
        Assert.True(Add("other", 3600, 3605));

        var again = StoreIn(_data.Path);
        Assert.Equal([3590, 3595, 3602], Seconds(again, 0, 7200));
        Assert.Equal([3602], Seconds(again, 3603, 3604).Where(s => s + 5 > 3603));
        Assert.Equal([s_hour, s_hour.AddHours(1)], again.HoursOf("cam"));
        Assert.Equal(["cam", "other"], again.Cameras().Order());
    }

    [Fact]
    public void What_a_power_cut_left_half_of_counts_as_not_looked_at_and_what_stands_in_front_of_it_is_read()
    {
        Add("cam", 0, 5);
        Add("cam", 5, 10);
        string file = Directory.GetFiles(Path.Combine(_data.Path, "cam")).Single();
        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^3]);
        Assert.Equal([0], Seconds(_heads, 0, 60));

        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal([0], Seconds(_heads, 0, 60));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_camera_that_is_no_name_is_not_taken(string camera) => Assert.False(Add(camera, 0, 5));

    [Fact]
    public void What_is_no_entry_is_not_taken()
    {
        byte[] good = HeadBytes.Write(Entry(0, 5));
        Assert.True(_heads.Add("cam", good));
        Assert.False(_heads.Add("cam", good.AsSpan(0, good.Length - 1)));
        Assert.False(_heads.Add("cam", [.. good, 0]));
        Assert.False(_heads.Add("cam", []));
        Assert.False(_heads.Add("cam", HeadBytes.Write(Entry(5, 0))));
        Assert.False(_heads.Add("cam", HeadBytes.Write(Entry(0, 61))));
        Assert.False(_heads.Add("cam", HeadBytes.Write(Entry(0, 5) with { Spans = [new HeadSpan(Us(2), Us(1), 0, 0, 1, 1)] })));
        Assert.False(_heads.Add("cam", new byte[good.Length]));
        Assert.Single(Seconds(_heads, 0, 60));
    }

    [Fact]
    public async Task It_goes_when_nothing_is_recorded_of_its_time_any_more()
    {
        await using var rig = await ExportRig.StartAsync();
        await rig.RecordAsync("cam1", 5);
        var heads = rig.Recorder.Get<HeadStore>();
        foreach (string camera in (string[])["cam1", "cam2"])
        {
            foreach (int hours in (int[])[-2, -1, 0, 1, 2, 3])
                Assert.True(heads.Add(camera, HeadBytes.Write(new HeadEntry(Us(hours * 3600), Us((hours * 3600) + 5), []))));
        }

        await rig.Recorder.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<HeadRetention>().Single().SweepAsync(CancellationToken.None);
        Assert.Equal([s_hour], heads.HoursOf("cam1"));        // what is kept of one hour keeps no later ones
        Assert.Empty(heads.HoursOf("cam2"));
    }

    [Fact]
    public async Task The_recorder_takes_heads_from_the_bus_and_says_of_how_much_of_what_is_recorded_nobody_looked()
    {
        await using PrivateNats nats = await PrivateNats.StartAsync();
        await using var rig = await ExportRig.StartAsync($"--VMS_NATS={nats.Url}");
        await rig.RecordAsync("cam1", 10);
        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = bus.RunAsync(stop.Token);
        long startUs = UnixTime.ToMicroseconds(ExportRig.Start);
        var entry = new HeadEntry(startUs + 2_000_000, startUs + 6_000_000, []);
        var heads = rig.Recorder.Get<HeadStore>();
        await Eventually.TrueAsync(async () =>
        {
            // Nobody hears what is said before it listens.
            await bus.PublishAsync(BusLayout.HeadsSubject("cam1"), HeadBytes.Write(entry), headers: null, replyTo: null, CancellationToken.None);
            return heads.Between("cam1", ExportRig.Start, ExportRig.Start.AddSeconds(10)).Any();
        });

        using var channel = new RpcChannel(new Uri("unix://" + rig.Recorder.Get<PlaneOptions>().SocketOf("recorder", "rpc")), TimeProvider.System);
        var request = new MeasureHeadsRequest { CameraIds = { "cam1", "cam2" }, FromUnixMs = ExportRig.Start.AddHours(-1).ToUnixTimeMilliseconds(), ToUnixMs = ExportRig.Start.AddHours(1).ToUnixTimeMilliseconds() };
        var reply = await channel.UnaryAsync("vms.recorder.v1.RecorderPlane/MeasureHeads", request, MeasureHeadsReply.Parser, TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Equal(["cam1", "cam2"], reply.Cameras.Select(c => c.CameraId));
        Assert.Equal(10, reply.Cameras[0].RecordedSeconds, 0.2);
        Assert.Equal(4, reply.Cameras[0].RecordedSeconds - reply.Cameras[0].UnlookedSeconds, 0.001);
        Assert.Equal((0, 0), (reply.Cameras[1].RecordedSeconds, reply.Cameras[1].UnlookedSeconds));
        request.ToUnixMs = request.FromUnixMs;
        await Assert.ThrowsAsync<RpcException>(() =>
            channel.UnaryAsync("vms.recorder.v1.RecorderPlane/MeasureHeads", request, MeasureHeadsReply.Parser, TimeSpan.FromSeconds(30), CancellationToken.None));
        await stop.CancelAsync();
        await running;
    }

    public void Dispose() => _data.Dispose();

    private static HeadStore StoreIn(string data) => new(data, NullLogger<HeadStore>.Instance);

    private static long Us(double second) => UnixTime.ToMicroseconds(s_hour.AddSeconds(second));

    private static HeadEntry Entry(double from, double to) => new(Us(from), Us(to), [new HeadSpan(Us(from), Us(from), 0.1f, 0.2f, 0.3f, 0.4f)]);

    private bool Add(string camera, double from, double to) => _heads.Add(camera, HeadBytes.Write(Entry(from, to)));

    private static IEnumerable<int> Seconds(HeadStore heads, double from, double to) =>
        heads.Between("cam", s_hour.AddSeconds(from), s_hour.AddSeconds(to)).Select(e => (int)((e.FromUs - Us(0)) / 1_000_000));
}
