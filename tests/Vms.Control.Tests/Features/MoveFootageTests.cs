using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Vms.Contracts.Recorder;
using Vms.Control.Tests.Support;
using Vms.Rpc;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

/// <summary>From the request to the recorder and back, over real sockets; what the recorder does with it is its own tests' matter.</summary>
public sealed class MoveFootageTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<MoveFootageRequest> _moves = new();
    private ControlWorld _world = null!;
    private FakeRecorder _recorder = null!;
    private volatile RpcException? _refusal;
    private volatile TaskCompletionSource? _hold;
    private volatile int _left = 3;     // segments of 1000 bytes in the pool main
    private volatile int _stuck;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _recorder = new FakeRecorder(_world.Options, app =>
        {
            app.MapUnary("vms.recorder.v1.RecorderPlane/PlanMove", MoveFootageRequest.Parser, (_, _) =>
                _refusal is { } no ? throw no : Task.FromResult(new MoveFootageProgress { LeftSegments = _left, LeftBytes = _left * 1000 }));
            app.MapServerStreaming("vms.recorder.v1.RecorderPlane/MoveFootage", MoveFootageRequest.Parser, (request, rpc) => MoveAsync(request, rpc.CancellationToken));
        });
        await _recorder.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_move_shows_its_bytes_and_ends_with_what_came_of_it()
    {
        var camera = (await _world.AddCameraAsync("Gate")).Text("id")!;
        var begun = await _world.Http.PostAsync(
            "/api/jobs", new { kind = "move", fromPool = "main", toPool = "big", cameraId = camera, from = "2026-11-20T00:00:00Z", to = "2026-11-21T00:00:00Z" }, 202);
        var done = await UntilAsync(begun.Text("id")!, "done");
        Assert.Equal(("move", "3000", "3000", "1"), (done.Text("kind"), done.Text("done"), done.Text("total"), done.Text("progress")));
        Assert.Equal(("main", "big", "3", "3000", "0"), (done.Text("result.fromPool"), done.Text("result.toPool"), done.Text("result.segments"), done.Text("result.bytes"), done.Text("result.left")));
        var asked = Assert.Single(_moves);
        Assert.Equal(("main", "big", camera, 86_400_000), (asked.FromPool, asked.ToPool, asked.CameraId, asked.ToUnixMs - asked.FromUnixMs));
        var audit = (await _world.Http.GetJsonAsync("/api/audit")).GetProperty("items").EnumerateArray().Select(i => i.Text("action")).ToList();
        Assert.Contains("footage.moveRequested", audit);
        Assert.Contains("footage.moved", audit);
    }

    [Theory]
    [InlineData("samePool", "samePool")]
    [InlineData("unknownPool", "unknownPool")]
    [InlineData("poolAway", "poolAway")]
    [InlineData("poolFull", "poolFull")]
    [InlineData("tooOld", "tooOldForPool")]
    [InlineData("movesOn", "movesOn")]
    public async Task What_the_recorder_refuses_is_refused_at_once_with_its_words(string told, string code)
    {
        _refusal = new RpcException(RpcStatus.FailedPrecondition, $"{told}: Why it is not done.");
        using var refused = await _world.Http.PostAsync("/api/jobs", Json(new { kind = "move", fromPool = "main", toPool = "big" }));
        Assert.Equal("Why it is not done.", (await refused.ProblemAsync(409, code)).Text("detail"));
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.job"));
    }

    [Fact]
    public async Task Without_the_recorder_nothing_is_begun_and_what_is_begun_waits_for_it()
    {
        _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = await BeginAsync();
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("done") == "1000");
        await _recorder.StopAsync();
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Dig("error") is { ValueKind: JsonValueKind.Object } error && error.Text("code") == "recorderAway");
        using (var refused = await _world.Http.PostAsync("/api/jobs", Json(new { kind = "move", fromPool = "main", toPool = "big" })))
            await refused.ProblemAsync(503, "planeUnavailable");

        _hold = null;
        await _recorder.StartAsync();
        await _world.ExecuteAsync("update control.job set lease_until = now()");
        var done = await UntilAsync(job, "done");
        Assert.Equal(("3", "3000", "3000"), (done.Text("result.segments"), done.Text("result.bytes"), done.Text("total")));
        Assert.Equal(2, _moves.Count);
    }

    [Fact]
    public async Task A_control_that_is_restarted_goes_on_with_what_is_left()
    {
        _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = await BeginAsync();
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("done") == "1000");
        var hold = _hold;
        _hold = null;
        var (directory, postgres) = (_world.Directory, _world.ConnectionString);
        await _world.StopAsync();
        await Eventually.TrueAsync(() => hold.Task.IsCanceled, text: "the recorder hears that nobody listens any more");

        _world = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Postgres = postgres, WaitUntilReady = false });
        await Eventually.TrueAsync(async () => await _world.ScalarAsync($"select state from control.job where id = '{job}'") is "done");
        _world.Http.DefaultRequestHeaders.Authorization = _world.BearerOf("admin", "admin");
        var done = await _world.Http.GetJsonAsync($"/api/jobs/{job}");
        Assert.Equal(("3", "3000", "3000"), (done.Text("result.segments"), done.Text("result.bytes"), done.Text("total")));
        Assert.Equal(0, _left);
    }

    [Fact]
    public async Task A_move_that_is_cancelled_ends_at_the_recorder_too()
    {
        _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = await BeginAsync();
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("done") == "1000");
        (await _world.Http.DeleteAsync($"/api/jobs/{job}")).Dispose();
        await Eventually.TrueAsync(() => _hold.Task.IsCanceled, text: "the recorder hears of it");
        Assert.Equal("cancelled", (await _world.Http.GetJsonAsync($"/api/jobs/{job}")).Text("state"));
        Assert.Equal(2, _left);
    }

    [Fact]
    public async Task What_could_not_be_moved_is_named()
    {
        _stuck = 2;
        var done = await UntilAsync(await BeginAsync(), "done");
        Assert.Equal(("1", "2", "damaged"), (done.Text("result.segments"), done.Text("result.left"), done.Text("result.items.0.reason")));

        (_left, _stuck) = (2, 2);
        Assert.Equal("nothingMoved", (await UntilAsync(await BeginAsync(), "failed")).Text("error.code"));
    }

    [Fact]
    public async Task Only_who_administers_the_installation_moves_and_the_fields_are_checked()
    {
        using var manager = _world.As("site-admin", ("admin", "site", "default"));
        using (var refused = await manager.PostAsync("/api/jobs", Json(new { kind = "move", fromPool = "main", toPool = "big" })))
            await refused.ProblemAsync(403, "forbidden");
        using var empty = await _world.Http.PostAsync("/api/jobs", Json(new { kind = "move", cameraId = "nobody", to = "2126-01-01T00:00:00Z" }));
        Assert.Equal(["fromPool:required", "toPool:required", "to:outOfRange"], (await empty.ProblemAsync(400, "invalidInput")).FieldCodes().Where(f => !f.StartsWith("cameraId", StringComparison.Ordinal)));
        using var backwards = await _world.Http.PostAsync(
            "/api/jobs", Json(new { kind = "move", fromPool = "main", toPool = "big", from = "2026-11-20T00:00:00Z", to = "2026-11-20T00:00:00Z" }));
        Assert.Equal(["to:empty"], (await backwards.ProblemAsync(400, "invalidInput")).FieldCodes());
        using var unknown = await _world.Http.PostAsync("/api/jobs", Json(new { kind = "dance" }));
        Assert.Equal(["kind:invalidValue"], (await unknown.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    private async IAsyncEnumerable<MoveFootageProgress> MoveAsync(MoveFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _moves.Enqueue(request);
        var told = new MoveFootageProgress { LeftSegments = _left, LeftBytes = _left * 1000 };
        yield return told.Clone();
        while (told.LeftSegments > 0)
        {
            if (told.LeftSegments <= _stuck)
            {
                told.StuckSegments++;
                told.Stuck.Add(new StuckSegment { CameraId = "cam1", FromUnixMs = 1000, Reason = "damaged" });
            }
            else
            {
                _left--;
                (told.Segments, told.Bytes) = (told.Segments + 1, told.Bytes + 1000);
            }

            told.LeftSegments--;
            told.LeftBytes = told.LeftSegments * 1000;
            yield return told.Clone();
            if (_hold is { } hold)
            {
                await using var ended = cancellationToken.Register(() => hold.TrySetCanceled(CancellationToken.None));
                await hold.Task;
            }
        }
    }

    private async Task<string> BeginAsync() =>
        (await _world.Http.PostAsync("/api/jobs", new { kind = "move", fromPool = "main", toPool = "big" }, 202)).Text("id")!;

    private async Task<JsonElement> UntilAsync(string id, string state)
    {
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{id}")).Text("state") == state, text: $"the job is {state}");
        return await _world.Http.GetJsonAsync($"/api/jobs/{id}");
    }

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
}
