using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Contracts.Recorder;
using Vms.Control.Features.Footage;
using Vms.Control.Jobs;
using Vms.Control.Tests.Support;
using Vms.Onvif.Recordings;
using Vms.Rpc;
using Vms.Testing;
using Vms.Testing.FakeDevice;

namespace Vms.Control.Tests.Features;

/// <summary>From the request over the device's word to the recorder, over real sockets; what the recorder does with it is its own tests' matter.</summary>
public sealed class FetchFootageTests : IAsyncLifetime
{
    private static readonly DateTimeOffset From = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<ImportFootageRequest> _imports = new();
    private ControlWorld _world = null!;
    private FakeRecorder _recorder = null!;
    private volatile int _breaks;
    private volatile TaskCompletionSource? _hold;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _recorder = new FakeRecorder(_world.Options, app => app.MapServerStreaming(
            "vms.recorder.v1.RecorderPlane/ImportFootage", ImportFootageRequest.Parser, (request, rpc) => ImportAsync(request, rpc.CancellationToken)));
        await _recorder.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task The_device_says_where_it_plays_its_recording_and_the_recorder_is_told_hour_by_hour()
    {
        await using var device = await DeviceAsync(
            new FakeDeviceRecording("other", "Yard", "rtsp://10.9.9.9:554/other"),
            new FakeDeviceRecording("R1", "Gate", "rtsp://10.9.9.9:8554/replay?token=R1", From.AddDays(-9)),
            new FakeDeviceRecording("sound", "Gate", "rtsp://10.9.9.9:554/sound", TrackType: "Audio"));
        device.Quirks.ClockOffset = TimeSpan.FromMinutes(7);
        var id = await CameraAsync();

        var job = await FetchAsync(id, device, 150);
        var done = await UntilAsync(job, "done");

        Assert.Equal(("fetch", "9000", "9000"), (done.Text("kind"), done.Text("done"), done.Text("total")));
        Assert.Equal((id, "30", "3000"), (done.Text("result.cameraId"), done.Text("result.filledSeconds"), done.Text("result.bytes")));
        Assert.Equal(3, done.GetProperty("result").GetProperty("filled").GetArrayLength());
        Assert.Equal([(0d, 60d), (60, 120), (120, 150)], _imports.Select(r => (Minutes(r.FromUnixMs), Minutes(r.ToUnixMs))));
        Assert.All(_imports, r => Assert.Equal(
            (id, "Gate", "rtsp://127.0.0.1:8554/replay?token=R1", "admin", "secret", "127.0.0.1"), (r.CameraId, r.CameraName, r.Url, r.Username, r.Password, r.Source)));
        Assert.All(_imports, r => Assert.InRange(r.ClockOffsetUs, 418_000_000, 422_000_000));
        var audit = (await _world.Http.GetJsonAsync("/api/audit")).GetProperty("items").EnumerateArray().Select(i => i.Text("action")).ToList();
        Assert.Contains("footage.fetchRequested", audit);
        Assert.Contains("footage.fetched", audit);
        Assert.DoesNotContain("secret", (await _world.Http.GetStringAsync("/api/audit")) + _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_goes_away_is_asked_again_and_given_up_after_three_times()
    {
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        var id = await CameraAsync();
        _breaks = 1;
        var job = await FetchAsync(id, device, 30);
        await AgainAsync(job, 1);
        var done = await UntilAsync(job, "done");
        Assert.Equal(2, _imports.Count);
        Assert.Equal("10", done.Text("result.filledSeconds"));

        _breaks = int.MaxValue;
        _imports.Clear();
        job = await FetchAsync(id, device, 30);
        await AgainAsync(job, 1);
        await AgainAsync(job, 2);
        Assert.Equal("brokeOff", (await UntilAsync(job, "failed")).Text("error.code"));
        Assert.Equal(3, _imports.Count);
    }

    [Fact]
    public async Task A_step_that_breaks_off_again_and_again_is_noted_and_the_others_are_done()
    {
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        var id = await CameraAsync();
        _breaks = 3;
        var job = await FetchAsync(id, device, 150);
        await AgainAsync(job, 1);
        await AgainAsync(job, 2);
        var done = await UntilAsync(job, "done");
        Assert.Equal(("20", "brokeOff"), (done.Text("result.filledSeconds"), done.Text("result.givenUp.0.code")));
        Assert.Equal(1, done.GetProperty("result").GetProperty("givenUp").GetArrayLength());
        Assert.Equal([0d, 0, 0, 60, 120], _imports.Select(r => Minutes(r.FromUnixMs)));
    }

    [Fact]
    public async Task A_device_that_does_not_answer_is_asked_later()
    {
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        var job = await FetchAsync(await CameraAsync(), FreePort.Tcp(), 30);
        await WaitsAsync(job, "unreachable");
        Assert.True((bool)(await _world.ScalarAsync($"select lease_until > now() + interval '15 seconds' from control.job where id = '{job}'"))!);
        await _world.ExecuteAsync($"update control.job set args = jsonb_set(args, '{{onvifPort}}', '{device.Port}') where id = '{job}'");
        await NowAsync();
        await UntilAsync(job, "done");
    }

    [Fact]
    public async Task While_one_fetch_goes_on_the_next_stays_in_the_queue_and_other_work_is_done()
    {
        _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        var id = await CameraAsync();
        var first = await FetchAsync(id, device, 30);
        await Eventually.TrueAsync(() => _imports.Count == 1);
        var second = await FetchAsync(id, device, 30);
        await _world.ExecuteAsync($$"""
            insert into control.job (id, tenant_id, kind, args, state, created_by, created_by_id, created_at)
            values ('other', 'default', 'indexCheck', '{}', 'queued', 'test', '{{Guid.Empty}}', now())
            """);
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select count(*) from control.job where id = 'other' and started_at is not null") is 1L);
        Assert.Equal(("queued", null), ((await _world.Http.GetJsonAsync($"/api/jobs/{second}")).Text("state"), (await _world.Http.GetJsonAsync($"/api/jobs/{second}")).Text("startedAt")));
        _hold.SetResult();
        await UntilAsync(first, "done");
        await UntilAsync(second, "done");
    }

    [Fact]
    public async Task A_deleted_camera_is_fetched_nothing_more_for()
    {
        _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        var id = await CameraAsync();
        var job = await FetchAsync(id, device, 150);
        await Eventually.TrueAsync(() => _imports.Count == 1);
        (await _world.Http.DeleteAsync($"/api/cameras/{id}?recordings=delete")).Dispose();
        Assert.Equal("cancelled", (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("state"));
        _hold.SetResult();
        await Eventually.TrueAsync(() => _world.Log.Text.Contains($"Job {job} was cancelled", StringComparison.Ordinal));
        Assert.Single(_imports);
    }

    [Fact]
    public async Task What_is_known_of_the_device_says_where_it_is_and_what_its_clock_is_off()
    {
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        var id = await CameraAsync();
        await _world.ExecuteAsync($"""
            insert into control.device (camera_id, service_url, camera_host, credentials_key, is_onvif, checked_at, clock_offset_ms, clock_checked_at)
            values ('{id}', 'http://127.0.0.1:{device.Port}/onvif/device_service', '127.0.0.1', '', true, now(), -90000, now())
            on conflict (camera_id) do update set service_url = excluded.service_url, is_onvif = true, clock_offset_ms = excluded.clock_offset_ms, clock_checked_at = now()
            """);
        await UntilAsync(await FetchAsync(id, onvifPort: null, 30), "done");
        Assert.Equal("rtsp://127.0.0.1/replay", _imports.Single().Url);

        using var answer = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/fetch", new { from = From, to = From.AddMinutes(5), replayUrl = "rtsp://127.0.0.1:5554/tracks/101" });
        await UntilAsync((await answer.JsonAsync(202)).Text("id")!, "done");
        Assert.Equal(-90_000_000, _imports.Last().ClockOffsetUs);
    }

    [Fact]
    public async Task Devices_without_a_fitting_recording_are_told_apart()
    {
        var id = await CameraAsync();
        await using var none = await DeviceAsync();
        Assert.Equal("noReplay", (await UntilAsync(await FetchAsync(id, none, 30), "failed")).Text("error.code"));
        await using var later = await DeviceAsync(new FakeDeviceRecording("R1", "Gate", "rtsp://127.0.0.1/replay", From.AddDays(1)));
        Assert.Equal("noFootage", (await UntilAsync(await FetchAsync(id, later, 30), "failed")).Text("error.code"));
        Assert.Empty(_imports);
    }

    [Fact]
    public async Task An_address_that_plays_ranges_is_taken_as_it_is()
    {
        var id = await CameraAsync();
        using var answer = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/fetch", new { from = From, to = From.AddMinutes(5), replayUrl = "rtsp://127.0.0.1:5554/tracks/101" });
        await UntilAsync((await answer.JsonAsync(202)).Text("id")!, "done");
        Assert.Equal(("rtsp://127.0.0.1:5554/tracks/101", 0), (_imports.Single().Url, _imports.Single().ClockOffsetUs));
    }

    [Fact]
    public async Task The_certificate_that_is_pinned_for_a_camera_is_the_only_one_that_a_fetch_takes()
    {
        var id = (await _world.AddCameraAsync("Gate", new { mainUrl = "rtsps://127.0.0.1:1322/live", tlsCertificateSha256 = string.Join(':', Enumerable.Repeat("AB", 32)), recording = new { mode = "off" } })).Text("id")!;
        var pin = string.Concat(Enumerable.Repeat("ab", 32));
        Assert.Equal(pin, (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).Text("tlsCertificateSha256"));
        using var answer = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/fetch", new { from = From, to = From.AddMinutes(5), replayUrl = "rtsps://127.0.0.1:1322/replay" });
        await UntilAsync((await answer.JsonAsync(202)).Text("id")!, "done");
        Assert.Equal(pin, _imports.Single().TlsCertificateSha256);

        Assert.Null((await _world.Http.PatchAsync($"/api/cameras/{id}", """{"tlsCertificateSha256": null}""")).Text("tlsCertificateSha256"));
        Assert.Equal(["tlsCertificateSha256:invalidValue"], (await _world.Http.PatchAsync($"/api/cameras/{id}", """{"tlsCertificateSha256": "abc"}""", 400)).FieldCodes());
    }

    [Fact]
    public async Task A_wish_that_makes_no_sense_is_refused_with_all_that_is_wrong()
    {
        var id = await CameraAsync();
        async Task<string> CodesAsync(object wish)
        {
            using var answer = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/fetch", wish);
            return string.Join(' ', (await answer.ProblemAsync(400, "invalidInput")).FieldCodes());
        }

        Assert.Contains("required", await CodesAsync(new { }), StringComparison.Ordinal);
        Assert.Contains("tooLong", await CodesAsync(new { from = From, to = From.AddHours(25) }), StringComparison.Ordinal);
        Assert.Contains("empty", await CodesAsync(new { from = From, to = From }), StringComparison.Ordinal);
        Assert.Contains("outOfRange", await CodesAsync(new { from = From, to = From.AddYears(5) }), StringComparison.Ordinal);
        foreach (var url in (string[])["rtsp://10.0.0.1/replay", "http://127.0.0.1/replay", "rtsp://a:b@127.0.0.1/replay", "push:"])
            Assert.Contains("invalidValue", await CodesAsync(new { from = From, to = From.AddHours(1), replayUrl = url }), StringComparison.Ordinal);
        using var unknown = await _world.Http.PostAsJsonAsync("/api/cameras/nobody/fetch", new { from = From, to = From.AddHours(1) });
        await unknown.ProblemAsync(404, "cameraNotFound");
    }

    [Fact]
    public async Task A_camera_that_wants_it_is_asked_once_for_each_gap_after_it_is_back()
    {
        await using var device = await DeviceAsync(new FakeDeviceRecording("R1", "any", "rtsp://127.0.0.1/replay"));
        await using var media = new FakeMedia(_world.Options);
        var wants = await CameraAsync(new { fillGaps = true, onvifPort = device.Port });
        var not = await CameraAsync(new { });
        Assert.Equal((true, device.Port), await FillOfAsync(wants));
        var at = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2);
        await GapAsync("g1", wants, at, "cameraOffline");
        await GapAsync("g2", wants, at.AddMinutes(30), "recorderDown");
        await GapAsync("g3", not, at, "cameraOffline");
        await GapAsync("g4", wants, at.AddDays(-8), "cameraOffline");
        await GapAsync("g5", wants, at.AddMinutes(10), "cameraOffline", seconds: 2);
        var filling = _world.Services.GetRequiredService<GapFilling>();

        Assert.Equal(0, await filling.PassAsync(default));      // the camera is not back
        await media.StartAsync();
        await Eventually.TrueAsync(async () => await filling.PassAsync(default) + (long)(await _world.ScalarAsync("select count(*) from control.job"))! > 0);
        Assert.Equal(0, await filling.PassAsync(default));
        await Eventually.TrueAsync(() => _imports.Count == 1);
        var wish = _imports.Single();
        Assert.Equal((wants, at.ToUnixTimeMilliseconds(), at.AddMinutes(5).ToUnixTimeMilliseconds()), (wish.CameraId, wish.FromUnixMs, wish.ToUnixMs));
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.job where created_by = 'gap filling'"));

        await _world.ExecuteAsync($$"""
            insert into control.job (id, tenant_id, kind, args, state, created_by, created_by_id, created_at, lease_owner, lease_until)
            select 'open' || n, 'default', 'fetch', '{}', 'running', 'gap filling', '{{Guid.Empty}}', now(), '{{Guid.Empty}}', now() + interval '1 day' from generate_series(1, {{GapFilling.MaxOpen}}) n
            """);
        await GapAsync("g6", wants, at.AddMinutes(20), "cameraOffline");
        Assert.Equal(0, await filling.PassAsync(default));      // they would wait for days
        await _world.ExecuteAsync("update control.job set state = 'done' where id like 'open%'");
        await Eventually.TrueAsync(async () => await filling.PassAsync(default) + (long)(await _world.ScalarAsync("select count(*) from control.job where created_by = 'gap filling' and id not like 'open%'"))! > 1);
        await (await _world.Http.PatchAsJsonAsync($"/api/cameras/{wants}", new { recording = new { onvifPort = 0 } })).ProblemAsync(400, "invalidInput");
    }

    /// <summary>Tokens of the recordings, which is chosen or why none is. Asked for is the hour from 9 o'clock.</summary>
    [Theory]
    [InlineData("a:Gate", "a")]
    [InlineData("a:Gate b:Yard", "a")]
    [InlineData("a:Yard b:Yard", "severalRecordings")]
    [InlineData("a:Gate b:Gate", "severalRecordings")]
    [InlineData("a:Yard:sound", "noFootage")]
    [InlineData("", "noFootage")]
    public void The_recording_is_the_only_one_or_the_one_that_is_named_like_the_camera(string recordings, string expected)
    {
        var found = recordings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(':'))
            .Select(r => new DeviceRecording(r[0], "", r[1], null, null, HasVideo: r.Length < 3)).ToList();
        string chosen;
        try
        {
            chosen = DeviceFootage.Choose(found, "gate", From, From.AddHours(1)).Token;
        }
        catch (JobFailedException e)
        {
            chosen = e.Code;
        }

        Assert.Equal(expected, chosen);
    }

    private static double Minutes(long unixMs) => (DateTimeOffset.FromUnixTimeMilliseconds(unixMs) - From).TotalMinutes;

    private static Task<FakeDevice> DeviceAsync(params FakeDeviceRecording[] recordings) => FakeDevice.StartAsync(new FakeDeviceOptions { Recordings = recordings });

    /// <summary>Fills ten seconds of each range.</summary>
    private async IAsyncEnumerable<ImportFootageProgress> ImportAsync(ImportFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _imports.Enqueue(request);
        if (_breaks > 0)
        {
            _breaks--;
            throw new RpcException(RpcStatus.Aborted, "brokeOff: The device closed the connection.");
        }

        await Task.Yield();
        if (_hold is { } hold)
            await hold.Task.WaitAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        yield return new ImportFootageProgress
        {
            MissingMs = 10_000,
            LookedAtMs = 10_000,
            Bytes = 1000,
            Filled = { new FootageRange { FromUnixMs = request.FromUnixMs, ToUnixMs = request.FromUnixMs + 10_000 } },
        };
    }

    private async Task<string> CameraAsync(object? recording = null) => (await _world.AddCameraAsync(
        "Gate", new { mainUrl = "rtsp://127.0.0.1:1554/live", username = "admin", password = "secret", recording = recording ?? new { mode = "off" } })).Text("id")!;

    private async Task<(bool FillGaps, int OnvifPort)> FillOfAsync(string id)
    {
        var recording = (await _world.Http.GetJsonAsync($"/api/cameras/{id}")).GetProperty("recording");
        return (recording.GetProperty("fillGaps").GetBoolean(), recording.GetProperty("onvifPort").GetInt32());
    }

    private Task GapAsync(string id, string camera, DateTimeOffset at, string cause, int seconds = 300) => _world.ExecuteAsync($$"""
        insert into control.event (id, at, end_at, type, camera_id, source, data, tenant_id)
        values ('{{id}}', '{{at:O}}', '{{at.AddSeconds(seconds):O}}', 'recording.gap', '{{camera}}', 'recorder', '{"stream": "main", "cause": "{{cause}}"}', 'default')
        """);

    private Task<string> FetchAsync(string id, FakeDevice device, int minutes) => FetchAsync(id, device.Port, minutes);

    private async Task<string> FetchAsync(string id, int? onvifPort, int minutes)
    {
        using var answer = await _world.Http.PostAsJsonAsync($"/api/cameras/{id}/fetch", new { from = From, to = From.AddMinutes(minutes), onvifPort });
        return (await answer.JsonAsync(202)).Text("id")!;
    }

    /// <summary>It waits after so many tries, and its time has come.</summary>
    private async Task AgainAsync(string job, int tries)
    {
        // Let go of: what it waits for stands in the row from the try before, too.
        await Eventually.TrueAsync(async () => _imports.Count == tries
            && await _world.ScalarAsync($"select count(*) from control.job where id = '{job}' and lease_owner is null and error_code is not null") is 1L);
        await NowAsync();
    }

    private Task WaitsAsync(string job, string code) => Eventually.TrueAsync(
        async () => await _world.ScalarAsync($"select error_code from control.job where id = '{job}' and lease_owner is null") is string waits && waits == code);

    private Task NowAsync() => _world.ExecuteAsync("update control.job set lease_until = now() - interval '1 second' where lease_owner is null and state = 'running'");

    private async Task<JsonElement> UntilAsync(string job, string state)
    {
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("state") == state, TimeSpan.FromSeconds(60), text: $"the job is {state}");
        return await _world.Http.GetJsonAsync($"/api/jobs/{job}");
    }
}
