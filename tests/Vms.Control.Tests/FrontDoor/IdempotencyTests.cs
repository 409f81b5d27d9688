using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.FrontDoor;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.FrontDoor;

public sealed class IdempotencyTests(IdempotencyTests.World shared) : IClassFixture<IdempotencyTests.World>
{
    private static int s_number;

    private readonly ControlWorld _world = shared.Value;

    private readonly string _key = "key-" + Interlocked.Increment(ref s_number);

    private readonly string _name = "Camera " + s_number;

    [Fact]
    public async Task Asked_again_a_create_answers_what_it_answered_and_makes_nothing()
    {
        using var first = await CreateAsync(_key, _name);
        var made = await first.JsonAsync(201);
        using var again = await CreateAsync(_key, _name);
        Assert.Equal(made.GetRawText(), (await again.JsonAsync(201)).GetRawText());
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (again.Headers.Location, again.Headers.ETag));
        Assert.Equal("application/json", again.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("true", false), (again.Headers.GetValues("Idempotent-Replayed").Single(), first.Headers.Contains("Idempotent-Replayed")));
        Assert.Equal(1L, await CountAsync());
    }

    [Fact]
    public async Task Another_body_or_another_address_with_the_same_key_is_refused()
    {
        (await CreateAsync(_key, _name)).Dispose();
        using var other = await CreateAsync(_key, _name + "!");
        await other.ProblemAsync(422, "idempotencyKeyReused");
        using var elsewhere = new HttpRequestMessage(HttpMethod.Post, "/api/holds") { Content = JsonContent.Create(new { name = _name, mainUrl = "rtsp://10.0.0.7/main" }) };
        elsewhere.Headers.Add("Idempotency-Key", _key);
        using var refused = await _world.Http.SendAsync(elsewhere, TestContext.Current.CancellationToken);
        await refused.ProblemAsync(422, "idempotencyKeyReused");
    }

    [Fact]
    public async Task After_a_refusal_the_key_is_free()
    {
        using var refused = await CreateAsync(_key, "");
        await refused.ProblemAsync(400, "invalidInput");
        using var malformed = await SendAsync(_key, new StringContent("{", System.Text.Encoding.UTF8, "application/json"));
        await malformed.ProblemAsync(400, "malformedJson");
        using var made = await CreateAsync(_key, _name);
        await made.JsonAsync(201);
    }

    [Fact]
    public async Task Keys_are_each_account_s_own()
    {
        (await CreateAsync(_key, _name)).Dispose();
        using var other = _world.AsRole("operator");
        using var request = Request(_key, JsonContent.Create(new { name = _name, mainUrl = "rtsp://10.0.0.7/main" }));
        using var answer = await other.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.NotEqual(422, (int)answer.StatusCode);
        Assert.False(answer.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task Of_two_at_once_the_second_is_told_to_come_back()
    {
        await using var connection = await _world.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await LockCamerasAsync(connection);
        var first = CreateAsync(_key, _name);
        await Eventually.TrueAsync(IsTakenAsync);
        using var second = await CreateAsync(_key, _name);
        await second.ProblemAsync(409, "idempotencyInProgress");
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter?.Delta);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        using var answer = await first;
        await answer.JsonAsync(201);
    }

    [Fact]
    public async Task A_client_that_went_away_finds_its_answer_when_it_comes_back()
    {
        await using var connection = await _world.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await LockCamerasAsync(connection);
        using var away = new CancellationTokenSource();
        var first = CreateAsync(_key, _name, away.Token);
        await Eventually.TrueAsync(IsTakenAsync);
        await away.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () =>
        {
            using var again = await CreateAsync(_key, _name);
            return (int)again.StatusCode == 201 && again.Headers.Contains("Idempotent-Replayed");
        });
        Assert.Equal(1L, await CountAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_while_its_key_is_taken_leaves_no_key_that_nobody_answers()
    {
        await using var connection = await _world.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await LockAsync(connection, "control.idempotent_answer");
        using var away = new CancellationTokenSource();
        var first = CreateAsync(_key, _name, away.Token);
        await Eventually.TrueAsync(async () => await _world.ScalarAsync("select 1 from pg_locks where not granted and relation = 'control.idempotent_answer'::regclass") is not null);
        await away.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => await CountAsync() == 1);
        await Eventually.TrueAsync(async () =>
        {
            using var again = await CreateAsync(_key, _name);
            return again.Headers.Contains("Idempotent-Replayed");
        });
    }

    [Fact]
    public async Task Of_a_request_that_was_cut_off_nothing_is_claimed()
    {
        (await CreateAsync(_key, _name)).Dispose();
        await _world.ScalarAsync($"update control.idempotent_answer set status = null, headers = null, body_sealed = null where key = '{_key}'");
        using var again = await CreateAsync(_key, _name);
        await again.ProblemAsync(409, "idempotencyOutcomeUnknown");
    }

    [Fact]
    public async Task After_a_failure_that_was_undone_the_key_is_free()
    {
        await FailAsync("40P01");      // deadlock_detected
        using (var failed = await CreateAsync(_key, _name))
            await failed.ProblemAsync(503, "databaseUnavailable");
        using (var again = await CreateAsync(_key, _name))
            await again.ProblemAsync(503, "databaseUnavailable");
        await _world.ExecuteAsync($"drop trigger fail_{s_number} on control.camera");
        using var made = await CreateAsync(_key, _name + ", corrected");
        await made.JsonAsync(201);
        using var replayed = await CreateAsync(_key, _name + ", corrected");
        Assert.True(replayed.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_failure_after_something_was_made_leaves_the_outcome_unknown()
    {
        await FailAsync("40P01");
        using (var failed = await CreateAsync(_key, _name))
            await failed.ProblemAsync(503, "databaseUnavailable");
        await _world.ExecuteAsync($"drop trigger fail_{s_number} on control.camera");
        // As it would stand there had it been committed before the failure.
        await _world.ExecuteAsync("insert into control.audit (tenant_id, at, actor, action, subject, detail) values ('default', now(), 'admin', 'camera.created', 'x', '{}')");
        for (int i = 0; i < 2; i++)
        {
            using var again = await CreateAsync(_key, _name);
            await again.ProblemAsync(409, "idempotencyOutcomeUnknown");
        }
    }

    [Fact]
    public async Task Only_failures_that_leave_nothing_going_on_end_a_request()
    {
        await using var away = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");
        Assert.True(IdempotentCreates.HasEnded(await Assert.ThrowsAsync<Npgsql.NpgsqlException>(() => away.OpenConnectionAsync(TestContext.Current.CancellationToken).AsTask())));
        Assert.True(IdempotentCreates.HasEnded(await FailureOfAsync("select 1 / 0")));
        Assert.False(IdempotentCreates.HasEnded(await FailureOfAsync("select pg_terminate_backend(pg_backend_pid())")));
        Assert.False(IdempotentCreates.HasEnded(new Npgsql.NpgsqlException("Exception while reading from stream", new IOException())));
        Assert.False(IdempotentCreates.HasEnded(new InvalidOperationException()));

        Task<Npgsql.PostgresException> FailureOfAsync(string sql) => Assert.ThrowsAsync<Npgsql.PostgresException>(() => _world.ExecuteAsync(sql));
    }

    [Fact]
    public async Task After_a_day_the_key_is_new()
    {
        (await CreateAsync(_key, _name)).Dispose();
        await _world.ScalarAsync($"update control.idempotent_answer set created_at = created_at - interval '23 hours' where key = '{_key}'");
        using var sameDay = await CreateAsync(_key, _name);
        Assert.True(sameDay.Headers.Contains("Idempotent-Replayed"));
        await _world.ScalarAsync($"update control.idempotent_answer set created_at = created_at - interval '2 hours' where key = '{_key}'");
        using var nextDay = await CreateAsync(_key, _name + " again");
        await nextDay.JsonAsync(201);
    }

    [Fact]
    public async Task What_was_answered_is_stored_encrypted()
    {
        (await CreateAsync(_key, _name)).Dispose();
        var stored = (string)(await _world.ScalarAsync($"select body_sealed from control.idempotent_answer where key = '{_key}'"))!;
        Assert.DoesNotContain(_name, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(stored)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        using var request = Request(null, JsonContent.Create(new { name = _name, mainUrl = "rtsp://10.0.0.7/main" }));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key == "256" ? new string('k', 256) : key);
        using var refused = await _world.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(["Idempotency-Key:invalidValue"], (await refused.ProblemAsync(400, "invalidInput")).FieldCodes());
    }

    [Fact]
    public async Task Every_create_that_says_so_answers_once()
    {
        var camera = (await _world.AddCameraAsync(_name)).Text("id");
        object range = new { from = "2026-11-21T08:00:00Z", to = "2026-11-21T09:00:00Z", title = "t", name = "n", reason = "r", cameraId = camera, cameraIds = new[] { camera }, cameras = new[] { camera } };
        var named = new { name = _name };
        var grants = new[] { new { roleId = "viewer" } };
        var creates = new Dictionary<string, object>
        {
            ["/api/bookmarks"] = range,
            ["/api/clips"] = range,
            ["/api/holds"] = range,
            ["/api/exports"] = range,
            ["/api/users"] = new { username = $"user-{_key}", password = "ten characters at least", grants },
            ["/api/user-groups"] = new { name = _name, grants },
            ["/api/roles"] = new { name = _name, permissions = new[] { "cameras.read" } },
            ["/api/api-keys"] = new { name = _name, grants },
            ["/api/sites"] = named,
            ["/api/groups"] = named,
            ["/api/layouts"] = named,
            ["/api/tenants"] = new { id = $"t-{_key}", name = _name },
            ["/api/jobs"] = new { kind = "indexCheck", cameraId = camera },
            ["/api/cameras/onboard/many"] = new { devices = new[] { new { ip = "192.0.2.9" } } },
            [$"/api/cameras/{camera}/fetch"] = new { from = DateTimeOffset.UtcNow.AddHours(-2), to = DateTimeOffset.UtcNow.AddHours(-1) },
            ["/api/webhooks"] = new { name = _name, url = "https://198.51.100.7/hook" },
            ["/api/rules"] = new { name = _name, when = new { types = new[] { "motion" } }, actions = new[] { new { type = "alarm" } } },
            ["/api/plate-lists"] = new { name = _name, entries = new[] { new { plate = "B-AB 1" } } },
            ["/api/discovery/scan"] = new { subnet = "127.0.0.1/32" },
        };
        foreach (var (path, body) in creates)
            await AnswersOnceAsync(path, JsonContent.Create(body));
        await AnswersOnceAsync("/api/cameras/import", new StringContent($"name,mainUrl\n{_name} 2,rtsp://10.0.0.8/main\n", System.Text.Encoding.UTF8, "text/csv"));

        // Those that a test of their own, or none, asks: a device, a browser's push service, or something that failed has to be there.
        string[] elsewhere =
        [
            "/api/cameras", "/api/cameras/onboard", "/api/servers", "/api/cameras/{id}/ptz/presets", "/api/sensors", "/api/notifications/subscriptions", "/api/outbox/dead/{letterId}/retry",
        ];
        var document = await _world.Http.GetJsonAsync("/api/openapi.json");
        var say = document.GetProperty("paths").EnumerateObject()
            .Where(p => p.Value.TryGetProperty("post", out var post) && post.TryGetProperty("parameters", out var parameters) && parameters.EnumerateArray().Any(x => x.Text("name") == IdempotentCreates.Header))
            .Select(p => p.Name);
        Assert.Equal(say.Order(), creates.Keys.Select(path => path.Replace(camera!, "{id}", StringComparison.Ordinal)).Concat(elsewhere).Append("/api/cameras/import").Order());
    }

    [Fact]
    public async Task A_key_that_is_shown_once_is_shown_again_to_its_maker_alone_and_is_stored_nowhere_in_the_clear()
    {
        var body = new { name = _name, grants = new[] { new { roleId = "viewer" } } };
        var made = await AnswersOnceAsync("/api/api-keys", JsonContent.Create(body));
        var secret = made.Text("key")!;
        Assert.StartsWith("vms_", secret, StringComparison.Ordinal);
        Assert.Equal(0L, await _world.ScalarAsync($"select count(*) from control.idempotent_answer a where a::text like '%{secret}%'"));
        Assert.Equal(0L, await _world.ScalarAsync($"select count(*) from control.audit a where a::text like '%{secret}%'"));
        using var other = _world.As("other-" + _key, ("admin", "tenant", null));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/api-keys") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", _key + "/api/api-keys");
        using var refused = await other.SendAsync(request, TestContext.Current.CancellationToken);
        await refused.ProblemAsync(409, "nameTaken");
    }

    private async Task<JsonElement> AnswersOnceAsync(string path, HttpContent content)
    {
        var bytes = await content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        JsonElement first = default;
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(bytes) };
            request.Content.Headers.ContentType = content.Headers.ContentType;
            request.Headers.Add("Idempotency-Key", _key + path);
            using var answer = await _world.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)answer.StatusCode is 201 or 202, $"{path}: {text}");
            Assert.Equal(i > 0, answer.Headers.Contains("Idempotent-Replayed"));
            if (i == 0)
                first = JsonDocument.Parse(text).RootElement.Clone();
            else
                Assert.Equal(first.GetRawText(), text);
        }

        return first;
    }

    private Task<HttpResponseMessage> CreateAsync(string key, string name, CancellationToken cancellationToken = default) =>
        SendAsync(key, JsonContent.Create(new { name, mainUrl = "rtsp://10.0.0.7/main" }), cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(string key, HttpContent body, CancellationToken cancellationToken = default)
    {
        using var request = Request(key, body);
        return await _world.Http.SendAsync(request, cancellationToken);
    }

    private static HttpRequestMessage Request(string? key, HttpContent body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/cameras") { Content = body };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private async Task<long> CountAsync() => (long)(await _world.ScalarAsync($"select count(*) from control.camera where name = '{_name}'"))!;

    private async Task<bool> IsTakenAsync() => await _world.ScalarAsync($"select 1 from control.idempotent_answer where key = '{_key}'") is not null;

    /// <summary>Cameras of this test cannot be stored.</summary>
    private Task FailAsync(string state) => _world.ExecuteAsync($"""
        create function fail_{s_number}() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '{state}'; end $$;
        create trigger fail_{s_number} before insert on control.camera for each row when (new.name = '{_name}') execute function fail_{s_number}()
        """);

    /// <summary>Nobody adds a camera meanwhile.</summary>
    private static Task LockCamerasAsync(Npgsql.NpgsqlConnection connection) => LockAsync(connection, "control.camera");

    private static async Task LockAsync(Npgsql.NpgsqlConnection connection, string table)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"lock table {table} in exclusive mode";
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>One control plane for all of these tests: each has its own key and camera.</summary>
    public sealed class World : IAsyncLifetime
    {
        internal ControlWorld Value { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Value = await ControlWorld.StartAsync();

        public ValueTask DisposeAsync() => Value.DisposeAsync();
    }
}
