using System.Net;
using System.Net.Http.Json;
using Vms.Control.Auth;
using Vms.Control.FrontDoor;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.FrontDoor;

public sealed class RateLimitTests
{
    private readonly HeldStopwatch _time = new();

    /// <summary>What the web client asks for: the wall with sixteen cameras, opened five times in a minute, then playback of all of them while
    /// somebody drags along the timeline.</summary>
    [Fact]
    public async Task A_page_of_sixteen_tiles_with_scrubbing_is_never_refused()
    {
        await using var world = await StartAsync();
        var ids = new List<string>();
        for (int i = 0; i < 16; i++)
            ids.Add((await world.AddCameraAsync("Tile " + i)).Text("id")!);
        var answers = new Dictionary<string, int>();
        for (int visit = 0; visit < 5; visit++)
        {
            await AskAsync(HttpMethod.Get, "/api/auth/me");
            await AskAsync(HttpMethod.Get, "/api/cameras?limit=200");
            await AskAsync(HttpMethod.Post, "/api/tickets", new { kind = "ws" });
            foreach (string id in ids)
            {
                await AskAsync(HttpMethod.Post, $"/api/cameras/{id}/live", new { stream = "sub" });
                await AskAsync(HttpMethod.Post, $"/api/cameras/{id}/live", new { stream = "main" });
                await AskAsync(HttpMethod.Post, $"/webrtc/cam_{id}/whep?stream=main", new { });
                await AskAsync(HttpMethod.Patch, $"/webrtc/cam_{id}/whep/1", new { });
                await AskAsync(HttpMethod.Get, $"/mse/cam_{id}?stream=main");
            }
        }

        await AskAsync(HttpMethod.Post, "/api/tickets", new { kind = "playback" });
        await AskAsync(HttpMethod.Post, "/api/tickets", new { kind = "snapshot" });
        foreach (string id in ids)
        {
            for (int i = 0; i < 40; i++)
            {
                await AskAsync(HttpMethod.Get, $"/api/cameras/{id}/preview.jpg?at=2026-11-21T10:00:{i:00}Z");
                await AskAsync(HttpMethod.Get, $"/api/cameras/{id}/playback/{i}.m4s");
                await AskAsync(HttpMethod.Get, $"/hls/cam_{id}/main/{i}.m4s");
            }

            await AskAsync(HttpMethod.Get, $"/api/cameras/{id}/timeline?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z");
        }

        Assert.DoesNotContain("429", answers.Keys);
        Assert.True(answers.Values.Sum() > 2000);

        async Task AskAsync(HttpMethod method, string path, object? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await world.Http.SendAsync(request);
            string status = $"{(int)response.StatusCode}";
            answers[status] = answers.GetValueOrDefault(status) + 1;
        }
    }

    [Fact]
    public async Task The_hundred_and_first_change_in_a_minute_waits_and_reads_go_on()
    {
        await using var world = await StartAsync();
        for (int i = 0; i < 100; i++)
            Assert.Equal(404, await DeleteAsync(world.Http));
        using (var refused = await world.Http.DeleteAsync("/api/cameras/none"))
        {
            var problem = await refused.ProblemAsync(429, "rateLimited");
            Assert.Contains("VMS_RATE_WRITES", problem.Text("detail"), StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        }

        for (int i = 0; i < 300; i++)
            await world.Http.GetJsonAsync("/api/cameras");
        await world.Http.PostAsync("/api/tickets", new { kind = "ws" });     // streams have a limit of their own
        using var other = world.AsRole(Role.Admin);
        Assert.Equal(404, await DeleteAsync(other));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(404, await DeleteAsync(world.Http));
        Assert.Equal(429, await DeleteAsync(world.Http));

        // By pattern, whatever was asked for: addresses that do not exist make no label.
        using var lost = await world.Http.GetAsync("/api/no/such/" + Guid.NewGuid());
        string metrics = await world.Http.GetStringAsync("/metrics");
        Assert.Contains("vms_http_requests_total{route=\"/api/cameras/{id}\",method=\"DELETE\",status=\"4xx\"} 104\n", metrics, StringComparison.Ordinal);
        Assert.Contains("vms_http_rate_limited_total{route=\"/api/cameras/{id}\",limit=\"writes\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("vms_http_request_seconds_count{route=\"/api/cameras/\"} 300\n", metrics, StringComparison.Ordinal);
        Assert.Contains("vms_http_requests_total{route=\"other\",method=\"GET\",status=\"4xx\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("no/such", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_and_addresses_have_their_own_shares_and_only_a_trusted_proxy_says_whose_they_are()
    {
        await using var world = await StartAsync("--VMS_RATE_WRITES=3", "--VMS_RATE_STREAMS=4", "--VMS_TRUSTED_PROXIES=127.0.0.1 10.9.9.9");
        // Guessing: by address alone, the proxy's entry at the end counts, what a client writes before it does not.
        for (int i = 0; i < 3; i++)
            Assert.Equal(401, await LoginAsync($"1.2.3.{i}, 203.0.113.7"));
        Assert.Equal(429, await LoginAsync("9.9.9.9, 203.0.113.7, 10.9.9.9"));
        Assert.Equal(401, await LoginAsync("203.0.113.8"));

        // Ten accounts' worth behind one address; each has its own share of it.
        int passed = 0;
        for (int i = 0; i < 12; i++)
        {
            using var client = world.As($"person-{i}", (Role.Admin, "tenant", null));
            for (int j = 0; j < 4; j++)
                passed += await DeleteAsync(client) == 404 ? 1 : 0;
        }

        Assert.Equal(30, passed);

        // Streams: those of RTSP clients, whom the media plane asks about, are counted by the client's address.
        using var local = LocalHttp.Client(world.Options.SocketOf("control", "http"));
        for (int i = 0; i < 5; i++)
        {
            using var answer = await local.PostAsJsonAsync("/local/viewers", new { username = "nobody", password = "wrong password", cameraId = "c", address = "203.0.113.9" });
            Assert.Equal(i < 4 ? 401 : 429, (int)answer.StatusCode);
        }

        for (int i = 0; i < 5; i++)
        {
            using var answer = await world.Http.PostAsJsonAsync("/api/tickets", new { kind = "ws" });
            Assert.Equal(i < 4 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, answer.StatusCode);
        }

        async Task<int> LoginAsync(string forwardedFor)
        {
            using var client = world.Anonymous();
            client.DefaultRequestHeaders.Add("X-Forwarded-For", forwardedFor);
            using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = "someone", password = "wrong password" });
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task Without_a_trusted_proxy_nobody_hides_behind_a_header()
    {
        await using var world = await StartAsync("--VMS_RATE_WRITES=3");
        for (int i = 0; i < 4; i++)
        {
            using var client = world.Anonymous();
            client.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.{i}");
            using var answer = await client.PostAsJsonAsync("/api/cameras", new { name = "Door" });
            Assert.Equal(i < 3 ? 401 : 429, (int)answer.StatusCode);
        }

        // What could not have been done anyway leaves the login alone.
        using var nobody = world.Anonymous();
        for (int i = 0; i < 4; i++)
        {
            using var login = await nobody.PostAsJsonAsync("/api/auth/login", new { username = $"someone-{i}", password = "wrong password" });
            if (i < 3)
                await login.ProblemAsync(401, "badCredentials");
            else
                await login.ProblemAsync(429, "rateLimited");
        }
    }

    [Fact]
    public async Task Whoever_is_signed_in_stays_so_whatever_others_make_up()
    {
        await using var world = await StartAsync();
        var tokens = await world.LoginAsync();
        using var nobody = world.Anonymous();
        // One token over and over is one token; the address has ten times as many.
        for (int i = 0; i < 101; i++)
        {
            using var again = await nobody.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = "made up" });
            Assert.Equal(i < 100 ? 401 : 429, (int)again.StatusCode);
        }

        for (int i = 0; i < 101; i++)
        {
            using var junk = await nobody.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = $"made up {i}" });
            Assert.Equal(401, (int)junk.StatusCode);
        }

        using var next = await nobody.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = tokens.RefreshToken });
        await next.JsonAsync();
        Assert.Contains("limit=\"refreshes\"} 1\n", await world.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_programs_report_and_record_has_a_limit_of_its_own()
    {
        await using var world = await StartAsync("--VMS_RATE_WRITES=2", "--VMS_RATE_EVENTS=6");
        for (int i = 0; i < 7; i++)
        {
            using var answer = (i % 3) switch
            {
                0 => await world.Http.PostAsJsonAsync("/api/events", new { }),
                1 => await world.Http.PostAsJsonAsync("/api/cameras/none/record", new { reason = "test" }),
                _ => await world.Http.DeleteAsync("/api/cameras/none/record"),
            };
            if (i < 6)
                Assert.InRange((int)answer.StatusCode, 400, 404);
            else
                Assert.Contains("VMS_RATE_EVENTS", (await answer.ProblemAsync(429, "rateLimited")).Text("detail"), StringComparison.Ordinal);
        }

        Assert.Equal(404, await DeleteAsync(world.Http));
    }

    [Fact]
    public async Task A_share_is_the_account_s_and_not_its_name_s()
    {
        await using var world = await StartAsync("--VMS_RATE_WRITES=2");
        using var first = world.As("someone", (Role.Admin, "tenant", null));
        for (int i = 0; i < 3; i++)
            Assert.Equal(i < 2 ? 404 : 429, await DeleteAsync(first));
        await world.ExecuteAsync("update control.account set username = 'gone', username_key = 'gone' where username_key = 'someone'");
        using var next = world.As("someone", (Role.Admin, "tenant", null));
        Assert.Equal(404, await DeleteAsync(next));
        Assert.Equal(429, await DeleteAsync(first));
    }

    private Task<ControlWorld> StartAsync(params IReadOnlyList<string> arguments) =>
        ControlWorld.StartAsync(new WorldSettings { Time = _time, Arguments = ["--VMS_RATE_WRITES=100", "--VMS_RATE_STREAMS=500", .. arguments] });

    /// <summary>Everything runs in real time, except that buckets fill when the test says so.</summary>
    private sealed class HeldStopwatch : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerHour;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
    }

    private static async Task<int> DeleteAsync(HttpClient http)
    {
        using var response = await http.DeleteAsync("/api/cameras/none");
        return (int)response.StatusCode;
    }
}
