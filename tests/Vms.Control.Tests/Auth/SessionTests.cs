using System.Net.Http.Headers;
using System.Net.Http.Json;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Auth;

public sealed class SessionTests
{
    [Fact]
    public async Task A_sign_in_lives_by_refreshing_and_ends_at_once_by_logging_out()
    {
        await using var world = await ControlWorld.StartAsync();
        using var client = world.Anonymous();
        var first = await world.LoginAsync();
        Assert.Equal(900, first.ExpiresIn);

        var second = await RefreshAsync(client, first.RefreshToken);
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", second.AccessToken);
        var me = await client.GetJsonAsync("/api/auth/me");
        Assert.Equal("admin", me.Text("username"));
        Assert.Contains("cameras.write", me.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));

        using var logout = await client.PostAsync("/api/auth/logout", null);
        Assert.Equal(204, (int)logout.StatusCode);
        using var after = await client.GetAsync("/api/auth/me");
        await after.ProblemAsync(401, "tokenExpired");
        using var refreshed = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = second.RefreshToken });
        await refreshed.ProblemAsync(401, "invalidRefreshToken");
    }

    [Fact]
    public async Task Using_a_refresh_token_twice_ends_the_whole_sign_in()
    {
        await using var world = await ControlWorld.StartAsync();
        using var client = world.Anonymous();
        var stolen = await world.LoginAsync();
        var other = await world.LoginAsync();
        var owner = await RefreshAsync(client, stolen.RefreshToken);

        using var thief = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = stolen.RefreshToken });
        await thief.ProblemAsync(401, "invalidRefreshToken");

        using var next = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = owner.RefreshToken });
        await next.ProblemAsync(401, "invalidRefreshToken");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", owner.AccessToken);
        using var access = await client.GetAsync("/api/auth/me");
        await access.ProblemAsync(401, "tokenExpired");
        Assert.Contains("used a second time", world.Log.Text, StringComparison.Ordinal);

        await RefreshAsync(client, other.RefreshToken);   // another sign-in of the same person is not concerned
    }

    [Fact]
    public async Task An_ended_sign_in_stays_ended_across_a_restart()
    {
        var directory = new Vms.Testing.TestDirectory();
        var first = await ControlWorld.StartAsync(new WorldSettings { Directory = directory });
        await first.SignInAsync();
        var bearer = first.Http.DefaultRequestHeaders.Authorization;
        using (await first.Http.PostAsync("/api/auth/logout", null))
            await first.StopAsync();

        await using var second = await ControlWorld.StartAsync(
            new WorldSettings { Directory = directory, Postgres = first.ConnectionString, WaitUntilReady = false });
        await Vms.Testing.Eventually.TrueAsync(async () =>
            !(await (await second.Http.GetAsync("/health/ready")).Content.ReadAsStringAsync()).Contains("postgres", StringComparison.Ordinal));
        second.Http.DefaultRequestHeaders.Authorization = bearer;
        await Vms.Testing.Eventually.TrueAsync(async () => (int)(await second.Http.GetAsync("/api/auth/me")).StatusCode != 503);
        using var answer = await second.Http.GetAsync("/api/auth/me");
        await answer.ProblemAsync(401, "tokenExpired");
    }

    [Fact]
    public async Task Guessing_is_slowed_down_for_known_and_unknown_names_alike()
    {
        await using var world = await ControlWorld.StartAsync();
        using var client = world.Anonymous();
        foreach (var username in new[] { "admin", "nobody" })
        {
            for (var i = 0; i < 5; i++)
            {
                using var refused = await client.PostAsJsonAsync("/api/auth/login", new { username, password = "wrong" });
                await refused.ProblemAsync(401, "badCredentials");
            }

            using var blocked = await client.PostAsJsonAsync("/api/auth/login", new { username, password = ControlWorld.AdminPassword });
            await blocked.ProblemAsync(429, "tooManyTries");
            Assert.InRange(blocked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
        }
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_written_nowhere()
    {
        await using var world = await ControlWorld.StartAsync();
        using var client = world.Anonymous();
        for (var i = 0; i < 3; i++)
        {
            using var refused = await client.PostAsJsonAsync("/api/auth/login", new { username = "my-secret-password", password = "x" });
            await refused.ProblemAsync(401, "badCredentials");
        }

        Assert.DoesNotContain("my-secret-password", world.Log.Text, StringComparison.Ordinal);
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.audit where actor = '(unknown)' and result = 'refused'"));
        Assert.Equal(0L, await world.ScalarAsync("select count(*) from control.audit where audit::text like '%my-secret-password%'"));
    }

    [Fact]
    public async Task A_hundred_guesses_at_once_are_not_a_hundred_tries()
    {
        await using var world = await ControlWorld.StartAsync();
        using var client = world.Anonymous();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            client.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = "wrong" })));
        Assert.Equal(5, answers.Count(a => (int)a.StatusCode == 401));
        Assert.Equal(95, answers.Count(a => (int)a.StatusCode == 429));
    }

    private static async Task<Tokens> RefreshAsync(HttpClient client, string refreshToken)
    {
        using var response = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<Tokens>())!;
    }
}
