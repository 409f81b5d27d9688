using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Jobs;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Features;

public sealed class JobsTests : IAsyncLifetime
{
    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_whose_runner_was_killed_goes_on_with_another_and_does_no_step_twice(bool killed)
    {
        await AddStepsAsync("steps-1");
        await using var theirs = NpgsqlDataSource.Create(_world.ConnectionString);
        var stuck = new Steps(theirs) { StopsAt = 5 };
        using var first = Runner(theirs, stuck, killed ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(10));
        await first.StartAsync(default);
        await stuck.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(60));
        // Killed, it says nothing more, and its lease runs out by itself; otherwise it is as good as dead, and comes back later.
        if (killed)
            await theirs.DisposeAsync();
        else
            await _world.ExecuteAsync("update control.job set lease_until = now() - interval '1 second'");

        using var second = Runner(_world.Database, new Steps(_world.Database), TimeSpan.FromSeconds(30));
        await second.StartAsync(default);
        var done = await UntilAsync("steps-1", "done");
        Assert.Equal(("10", "10", "1", "5"), (done.Text("done"), done.Text("total"), done.Text("progress"), done.Text("result.begunAt")));
        // Begun twice, once since it came further last.
        Assert.Equal(1, await _world.ScalarAsync("select attempts from control.job"));

        // The first one wakes: what it wanted to do is done by somebody else, and its own attempt is undone.
        stuck.GoOn.TrySetResult();
        await stuck.Ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(10L, await _world.ScalarAsync("select count(*) from control.seeded where name like 'step %'"));
        await first.StopAsync(default);
        await second.StopAsync(default);
    }

    [Fact]
    public async Task A_job_that_is_cancelled_ends_before_its_next_step()
    {
        await AddStepsAsync("steps-2");
        var stuck = new Steps(_world.Database) { StopsAt = 3 };
        using var runner = Runner(_world.Database, stuck, TimeSpan.FromSeconds(30));
        await runner.StartAsync(default);
        await stuck.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var running = await _world.Http.GetJsonAsync("/api/jobs/steps-2");
        Assert.Equal(("running", "3", "0.3"), (running.Text("state"), running.Text("done"), running.Text("progress")));

        // Somebody else's job is not there for an operator of a site, and none to cancel for one who only reads.
        using var operatorOfSite = _world.As("site-operator", ("operator", "site", "default"));
        using (var hidden = await operatorOfSite.DeleteAsync("/api/jobs/steps-2"))
            await hidden.ProblemAsync(404, "jobNotFound");
        using var reader = _world.AsRole("operator");
        using (var refused = await reader.DeleteAsync("/api/jobs/steps-2"))
            await refused.ProblemAsync(403, "forbidden");

        for (var i = 0; i < 2; i++)   // again is as good as once
        {
            using var cancelled = await _world.Http.DeleteAsync("/api/jobs/steps-2");
            Assert.Equal(204, (int)cancelled.StatusCode);
        }

        stuck.GoOn.TrySetResult();
        await stuck.Ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await runner.StopAsync(default);
        Assert.Equal("cancelled", (await _world.Http.GetJsonAsync("/api/jobs/steps-2")).Text("state"));
        Assert.Equal(3L, await _world.ScalarAsync("select count(*) from control.seeded where name like 'step %'"));
    }

    [Fact]
    public async Task A_runner_that_stops_in_order_leaves_its_job_to_the_next_at_once_and_a_broken_one_is_given_up()
    {
        await AddStepsAsync("steps-3");
        var waiting = new Steps(_world.Database) { StopsAt = 2 };
        using var runner = Runner(_world.Database, waiting, TimeSpan.FromMinutes(10));
        await runner.StartAsync(default);
        await waiting.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await runner.StopAsync(default);
        Assert.Equal("running 0", await _world.ScalarAsync("select state || ' ' || attempts from control.job where lease_until <= now() + interval '1 second'"));

        await _world.ExecuteAsync("update control.job set attempts = 5");
        using var next = Runner(_world.Database, new Steps(_world.Database), TimeSpan.FromMinutes(10));
        await next.StartAsync(default);
        Assert.Equal("gaveUp", (await UntilAsync("steps-3", "failed")).Text("error.code"));
        await next.StopAsync(default);
    }

    [Fact]
    public async Task A_job_that_comes_further_each_time_is_not_given_up()
    {
        await AddStepsAsync("steps-4");
        await _world.ExecuteAsync("update control.job set attempts = 4");
        var dies = new Steps(_world.Database) { StopsAt = 2 };
        using var runner = Runner(_world.Database, dies, TimeSpan.FromMinutes(10));
        await runner.StartAsync(default);
        await dies.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, await _world.ScalarAsync("select attempts from control.job where id = 'steps-4'"));

        // As if its process had gone: nobody gives the lease back.
        await _world.ExecuteAsync("update control.job set lease_owner = gen_random_uuid(), lease_until = now()");
        using var next = Runner(_world.Database, new Steps(_world.Database), TimeSpan.FromMinutes(10));
        await next.StartAsync(default);
        await UntilAsync("steps-4", "done");
        await next.StopAsync(default);
        await runner.StopAsync(default);
    }

    [Fact]
    public async Task The_index_is_checked_camera_by_camera_and_listeners_hear_how_it_goes()
    {
        await using var recorder = new FakeRecorder(_world.Options);
        await recorder.StartAsync();
        var (door, yard) = ((await _world.AddCameraAsync("Door")).Text("id")!, (await _world.AddCameraAsync("Yard")).Text("id")!);
        recorder.TooShort = yard;
        using var feed = await FeedTests.OpenAsync(_world);

        Assert.Equal(["kind:invalidValue"], (await _world.Http.PostAsync("/api/jobs", new { level = "deep" }, 400)).FieldCodes());
        Assert.Equal(
            ["level:invalidValue", "cameraId:cameraNotFound"], (await _world.Http.PostAsync("/api/jobs", new { kind = "indexCheck", level = "deep", cameraId = "x" }, 400)).FieldCodes());
        var job = await _world.Http.PostAsync("/api/jobs", new { kind = "indexCheck", level = "hash" }, 202);
        var over = await FeedTests.UntilAsync(feed, m => m.Text("type") == "job" && m.Text("job.id") == job.Text("id") && m.Text("job.state") == "done");
        Assert.Equal(("2", "2", "1"), (over.Text("job.total"), over.Text("job.result.segments"), over.Text("job.result.findings")));
        Assert.False(over.Dig("job.result").TryGetProperty("items", out _));
        var whole = await _world.Http.GetJsonAsync($"/api/jobs/{job.Text("id")}");
        Assert.Equal(("tooShort", yard), (whole.Text("result.items.0.problem"), whole.Text("result.items.0.cameraId")));
        Assert.Contains($"check hash {door}", recorder.Calls);

        // Everything recorded is more than what one tenant may look at.
        await _world.AddTenantAsync("neighbour");
        using var neighbour = _world.Anonymous();
        neighbour.DefaultRequestHeaders.Authorization = _world.BearerOf("neighbour", "nina", ("admin", "tenant", null));
        Assert.Equal("forbidden", (await neighbour.PostAsync("/api/jobs", new { kind = "indexCheck" }, 403)).Text("code"));
        using (var hidden = await neighbour.GetAsync($"/api/jobs/{job.Text("id")}"))
            await hidden.ProblemAsync(404, "jobNotFound");
        Assert.Empty((await neighbour.GetJsonAsync("/api/jobs")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_job_waits_for_the_recorder_and_exports_are_jobs_too()
    {
        var door = (await _world.AddCameraAsync("Door")).Text("id")!;
        var check = await _world.Http.PostAsync("/api/jobs", new { kind = "indexCheck", cameraId = door }, 202);
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{check.Text("id")}")).GetProperty("error").ValueKind == JsonValueKind.Object);
        Assert.Equal("recorderAway", (await _world.Http.GetJsonAsync($"/api/jobs/{check.Text("id")}")).Text("error.code"));

        var export = await _world.Http.PostAsync(
            "/api/exports", new { cameras = new[] { door }, from = "2026-01-01T00:00:00Z", to = "2026-01-01T00:01:00Z" }, 202);
        var page = await _world.Http.GetJsonAsync("/api/jobs?limit=1");
        Assert.Equal(("export", export.Text("id")), (page.Text("items.0.kind"), page.Text("items.0.id")));
        Assert.Equal(check.Text("id"), (await _world.Http.GetJsonAsync($"/api/jobs?limit=1&cursor={page.Text("nextCursor")}")).Text("items.0.id"));
        using (var cancelled = await _world.Http.DeleteAsync($"/api/jobs/{export.Text("id")}"))
            Assert.Equal(204, (int)cancelled.StatusCode);
        Assert.Equal("cancelled", (await _world.Http.GetJsonAsync($"/api/jobs/{export.Text("id")}")).Text("state"));
        using var gone = await _world.Http.DeleteAsync($"/api/jobs/{check.Text("id")}");
        Assert.Equal(204, (int)gone.StatusCode);
    }

    [Fact]
    public async Task Cameras_come_from_a_list_and_go_into_one()
    {
        var group = (await _world.Http.PostAsync("/api/groups", new { name = "Gates" }, 201)).Text("id")!;
        await _world.AddCameraAsync("Old", new { mainUrl = "rtsp://10.0.0.7:554/main" });
        var csv = $"""
            Name;mainUrl;password;username;groupIds;enabled;recordingMode
            "Door; left";rtsp://10.0.0.8/main;"pa;""ss";admin;{group};yes;off
            '=1+1;rtsp://10.0.0.9/main;;;;no;

            Again;RTSP://10.0.0.7/main/;;;;;
            Twin;rtsp://10.0.0.8/main;;;;;
            ;nowhere;;;;perhaps;
            """;
        var dry = await SendAsync("/api/cameras/import?dryRun=true", csv, 200);
        Assert.Equal(("2", "3"), (dry.Text("valid"), dry.Text("invalid")));
        Assert.Equal(
            ["2 Door; left ", "3 =1+1 ", "5 Again duplicate", "6 Twin duplicate", "7  invalidInput"],
            dry.GetProperty("lines").EnumerateArray().Select(l => $"{l.Text("line")} {l.Text("name")} {l.Text("code")}"));
        Assert.Equal(["enabled:invalidValue", "mainUrl:invalidUrl", "name:required"], dry.Dig("lines.4").FieldCodes());
        Assert.Equal("1", (await _world.Http.GetJsonAsync("/api/sites/default")).Text("cameras"));

        var job = await SendAsync("/api/cameras/import", csv, 202);
        var done = await UntilAsync(job.Text("id")!, "done");
        Assert.Equal(("2", "3", "duplicate"), (done.Text("result.added"), done.Text("result.refused"), done.Text("result.lines.3.code")));
        var door = await _world.Http.GetJsonAsync($"/api/cameras/{done.Text("result.lines.0.cameraId")}");
        Assert.Equal(("Door; left", "True", "admin", group, "off"), (door.Text("name"), door.Text("hasPassword"), door.Text("username"), door.Text("groupIds.0"), door.Text("recording.mode")));
        Assert.Equal("{}", await _world.ScalarAsync("select args::text from control.job"));
        Assert.Equal(2L, await _world.ScalarAsync("select count(*) from control.audit where action = 'camera.created' and actor = 'admin' and at > (select created_at from control.job)"));

        // What is written is read again, and nothing in it is a formula.
        var written = await _world.Http.GetStringAsync("/api/cameras/export.csv");
        Assert.Contains(",'=1+1,", written, StringComparison.Ordinal);
        Assert.DoesNotContain("pa;", written, StringComparison.Ordinal);
        var again = await SendAsync("/api/cameras/import?dryRun=true", written, 200);
        Assert.Equal(["duplicate", "duplicate", "duplicate"], again.GetProperty("lines").EnumerateArray().Select(l => l.Text("code")));
        Assert.Contains(again.GetProperty("lines").EnumerateArray(), l => l.Text("name") == "=1+1");
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_is_refused_as_a_whole()
    {
        Assert.Equal(["$:empty"], (await SendAsync("/api/cameras/import", "", 400)).FieldCodes());
        Assert.Equal(["$:unknownColumn", "$:missingColumn", "$:empty"], (await SendAsync("/api/cameras/import", "name,address\r\n", 400)).FieldCodes());
        Assert.Equal(["$:tooMany"], (await SendAsync("/api/cameras/import", "name,mainUrl\n" + string.Concat(Enumerable.Repeat("x,rtsp://h/x\n", 2001)), 400)).FieldCodes());
        using var json = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        using var refused = await _world.Http.PostAsync("/api/cameras/import", json);
        await refused.ProblemAsync(415, "unsupportedMediaType");
    }

    [Fact]
    public async Task The_list_shows_of_a_large_result_what_it_comes_to_and_the_job_itself_all_of_it()
    {
        const int Lines = 2000;
        await _world.ExecuteAsync($$"""
            insert into control.job (id, tenant_id, kind, args, state, cursor, result, created_by, created_by_id, created_at, finished_at)
            select 'large-' || n, 'default', 'cameraImport', '{}', 'done', null,
                jsonb_build_object('added', 7, 'refused', 1, 'lines', (select jsonb_agg(jsonb_build_object('line', i, 'name', repeat('x', 60))) from generate_series(1, {{Lines}}) i), 'first', jsonb_build_object('line', 1)),
                'admin', (select id from control.account where username = 'admin'), now(), now()
            from generate_series(1, 50) n
            """);
        var list = await _world.Http.GetStringAsync("/api/jobs?limit=50");
        Assert.InRange(list.Length, 1, 50_000);
        using var read = JsonDocument.Parse(list);
        Assert.Equal(50, read.RootElement.GetProperty("items").GetArrayLength());
        Assert.All(read.RootElement.GetProperty("items").EnumerateArray(), job =>
            Assert.Equal(["added:7", "refused:1"], job.GetProperty("result").EnumerateObject().Select(p => $"{p.Name}:{p.Value}")));
        Assert.Equal(Lines, (await _world.Http.GetJsonAsync("/api/jobs/large-7")).Dig("result.lines").GetArrayLength());
    }

    private async Task<JsonElement> SendAsync(string path, string csv, int status)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var response = await _world.Http.PostAsync(path, content);
        return await response.JsonAsync(status);
    }

    private async Task<JsonElement> UntilAsync(string id, string state)
    {
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync($"/api/jobs/{id}")).Text("state") == state, text: $"the job is {state}");
        return await _world.Http.GetJsonAsync($"/api/jobs/{id}");
    }

    private Task AddStepsAsync(string id) => _world.ExecuteAsync($$"""
        insert into control.job (id, tenant_id, kind, args, state, created_by, created_by_id, created_at)
        select '{{id}}', 'default', 'steps', '{}', 'queued', username, id, now() from control.account where username = 'admin'
        """);

    private JobRunner Runner(NpgsqlDataSource database, IJobKind kind, TimeSpan lease) =>
        new(database, [kind], _world.Services.GetRequiredService<JobFeed>(), TimeProvider.System, NullLogger<JobRunner>.Instance) { Lease = lease };

    /// <summary>Ten steps; a second time, each of them would break a key. The first run of them stops on its way.</summary>
    private sealed class Steps(NpgsqlDataSource database) : IJobKind
    {
        private int _runs;

        public int? StopsAt { get; init; }

        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "steps";

        private sealed record Place(int Next);

        public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
        {
            var isFirst = Interlocked.Increment(ref _runs) == 1;
            try
            {
                var begunAt = run.CursorAs<Place>()?.Next ?? 0;
                for (var i = begunAt; i < 10; i++)
                {
                    if (isFirst && i == StopsAt)
                    {
                        Stopped.TrySetResult();
                        await GoOn.Task.WaitAsync(cancellationToken);
                    }

                    await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
                    await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
                    await run.SaveAsync(connection, new Place(i + 1), i + 1, 10, CancellationToken.None);
                    await connection.ExecuteAsync("insert into control.seeded (name, at) values ($1, now())", [$"step {i}"], CancellationToken.None);
                    await transaction.CommitAsync(CancellationToken.None);
                    run.Saved();
                }

                return new { begunAt };
            }
            finally
            {
                if (isFirst)
                    Ended.TrySetResult();
            }
        }
    }
}
