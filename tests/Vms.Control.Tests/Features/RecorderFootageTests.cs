using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Contracts.Recorder;
using Vms.Control.Features.Footage;
using Vms.Control.Tests.Support;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.FakeDevice.Dahua;
using Vms.Testing.FakeDevice.Hikvision;
using Vms.Testing.FakeDevice.Http;

namespace Vms.Control.Tests.Features;

/// <summary>What recorders of Hikvision and Dahua have of a channel, fetched: from the request over their HTTP to what our recorder is asked to import.</summary>
public sealed class RecorderFootageTests : IAsyncLifetime
{
    private static readonly DateTimeOffset From = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<ImportFootageRequest> _imports = new();
    private ControlWorld _world = null!;
    private FakeRecorder _recorder = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _recorder = new FakeRecorder(_world.Options, app => app.MapServerStreaming(
            "vms.recorder.v1.RecorderPlane/ImportFootage", ImportFootageRequest.Parser, (request, _) => ImportAsync(request)));
        await _recorder.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Of_a_hikvision_its_pieces_and_its_address_with_places_for_times_are_told_by_our_clock()
    {
        var ahead = TimeSpan.FromMinutes(7);
        var start = From.UtcDateTime + ahead;       // by its clock
        await using var device = await FakeHikvision.StartAsync(new FakeHikvisionOptions
        {
            RtspPort = 5701,
            Proxies = [new(2, "Gate", Online: true)],
            Streams = [new(201, "H.265", 2560, 1440)],
            ZoneRule = "CST-8:00:00",
            Zone = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(8), "east", "east"),
            ClockOffset = ahead,
            Recordings = [new(2, start.AddMinutes(-30), start.AddMinutes(30)), new(2, start.AddMinutes(30), start.AddMinutes(45)), new(2, start.AddMinutes(80), start.AddMinutes(95))],
        });
        var camera = await ConnectAsync(device.Address);

        var done = await UntilAsync(await FetchAsync(camera, 90), "done");

        Assert.Equal("20", done.Text("result.filledSeconds"));
        Assert.Equal(2, _imports.Count);        // an hour, and half of one
        var asked = _imports.First();
        Assert.Equal(
            (camera, "rtsp://127.0.0.1:5701/Streaming/tracks/201/?starttime={from}&endtime={to}", "basic", 8 * 3_600_000_000L, "admin", "pass word/1", "127.0.0.1"),
            (asked.CameraId, asked.Url, asked.UrlTimes, asked.UrlZoneOffsetUs, asked.Username, asked.Password, asked.Source));
        Assert.Equal([(-30d, 45d), (80d, 95d)], Has(asked, asked.ClockOffsetUs - (long)ahead.TotalMicroseconds));
        Assert.InRange(asked.ClockOffsetUs, 417_000_000, 421_000_000);
        Assert.DoesNotContain("pass word", (await _world.Http.GetStringAsync("/api/audit")) + _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_dahua_the_address_of_the_channel_is_told_and_a_clock_that_is_right_is_left_alone()
    {
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions
        {
            RtspPort = 5702,
            Channels = [new("Yard", null, false, new FakeDahuaStream("H.264", 1920, 1080))],
            ClockOffset = TimeSpan.Zero,
            Files = [new(1, From.UtcDateTime, From.UtcDateTime.AddHours(1)), new(1, From.UtcDateTime.AddHours(1).AddSeconds(1), From.UtcDateTime.AddHours(2))],
        });
        var camera = await ConnectAsync(device.Address);

        await UntilAsync(await FetchAsync(camera, 30), "done");

        var asked = Assert.Single(_imports);
        Assert.Equal(
            ("rtsp://127.0.0.1:5702/cam/playback?channel=1&starttime={from}&endtime={to}", "underscores", 0, 0),
            (asked.Url, asked.UrlTimes, asked.UrlZoneOffsetUs, asked.ClockOffsetUs));
        Assert.Equal([(0d, 60d)], Has(asked, 0));
        Assert.Equal(0, device.OpenFinders);
    }

    [Fact]
    public async Task A_recorder_with_nothing_of_the_time_says_so_and_one_that_refuses_the_password_is_tried_once()
    {
        var gate = new DeviceGate { Realm = "Login to 4A0000FPAZ00001" };
        await using var device = await FakeDahua.StartAsync(new FakeDahuaOptions { Gate = gate, RtspPort = 5703, Channels = [new("Yard", null, false, new FakeDahuaStream("H.264", 1920, 1080))] });
        var camera = await ConnectAsync(device.Address);
        Assert.Equal("noFootage", (await UntilAsync(await FetchAsync(camera, 30), "failed")).Text("error.code"));

        gate.Password = "another";
        Assert.Equal("badCredentials", (await UntilAsync(await FetchAsync(camera, 30), "failed")).Text("error.code"));
        Assert.Equal("badCredentials", (await UntilAsync(await FetchAsync(camera, 30), "failed")).Text("error.code"));
        Assert.Equal(1, gate.Refused);
        Assert.Empty(_imports);
    }

    [Fact]
    public void Pieces_that_adjoin_are_one_and_others_are_not()
    {
        (DateTimeOffset, DateTimeOffset) Piece(int from, int to) => (From.AddSeconds(from), From.AddSeconds(to));
        var joined = RecorderFootage.Joined([Piece(61, 90), Piece(0, 60), Piece(20, 30), Piece(92, 100)]);
        Assert.Equal([(0L, 90L), (92, 100)], joined.Select(r => ((r.FromUnixMs - From.ToUnixTimeMilliseconds()) / 1000, (r.ToUnixMs - From.ToUnixTimeMilliseconds()) / 1000)));
    }

    private static List<(double From, double To)> Has(ImportFootageRequest request, long laterUs) =>
    [
        .. request.Has.Select(r => (
            (DateTimeOffset.FromUnixTimeMilliseconds(r.FromUnixMs + (laterUs / 1000)) - From).TotalMinutes, (DateTimeOffset.FromUnixTimeMilliseconds(r.ToUnixMs + (laterUs / 1000)) - From).TotalMinutes)),
    ];

    /// <summary>Fills ten seconds of each range.</summary>
    private async IAsyncEnumerable<ImportFootageProgress> ImportAsync(ImportFootageRequest request)
    {
        _imports.Enqueue(request);
        await Task.Yield();
        yield return new ImportFootageProgress
        {
            MissingMs = 10_000,
            LookedAtMs = 10_000,
            Bytes = 1000,
            Filled = { new FootageRange { FromUnixMs = request.FromUnixMs, ToUnixMs = request.FromUnixMs + 10_000 } },
        };
    }

    private async Task<string> ConnectAsync(Uri address)
    {
        var connected = await _world.Http.PostAsync("/api/nvr/connect", new { ip = address.Host, port = address.Port, username = "admin", password = "pass word/1" }, 200);
        return connected.Text("cameras.0.id")!;
    }

    private async Task<string> FetchAsync(string camera, int minutes)
    {
        using var answer = await _world.Http.PostAsJsonAsync($"/api/cameras/{camera}/fetch", new { from = From, to = From.AddMinutes(minutes) });
        return (await answer.JsonAsync(202)).Text("id")!;
    }

    private async Task<JsonElement> UntilAsync(string job, string state)
    {
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("state") == state, TimeSpan.FromSeconds(60), text: $"the job is {state}");
        return await _world.Http.GetJsonAsync($"/api/jobs/{job}");
    }
}
