using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Auth.Oidc;

/// <summary>The whole way: our start, a certified provider, our call-back, our tokens.</summary>
public sealed class OidcSignInTests : IAsyncLifetime
{
    private const string Start = "/api/auth/oidc/start";
    private const string Callback = "/api/auth/oidc/callback";

    private IdentityProvider _peer = null!;
    private ControlWorld _world = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _peer = await IdentityProvider.StartAsync();
        _world = await ControlWorld.StartAsync(new WorldSettings { Arguments = [.. _peer.Settings(), "--VMS_OIDC_NAME=Contoso"] });
        await _peer.MakeAsync(_world.Address + Callback[1..]);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _peer.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_is_in_a_group_with_a_role_is_signed_in_with_it_and_the_address_holds_a_token_for_one_use()
    {
        var page = await SignInAsync("anna", next: "/clips?tag=door");
        Assert.Equal("/login?next=%2Fclips%3Ftag%3Ddoor", page[..page.IndexOf('#', StringComparison.Ordinal)]);

        using var client = _world.Anonymous();
        var handedOver = new { refreshToken = page[(page.IndexOf('#', StringComparison.Ordinal) + "#token=".Length)..] };
        using var swapped = await client.PostAsJsonAsync("/api/auth/refresh", handedOver, Token);
        var tokens = (await swapped.Content.ReadFromJsonAsync<Tokens>(Token))!;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        var me = await client.GetJsonAsync("/api/auth/me");
        Assert.Equal(("anna", "admin"), (me.Text("username"), me.Text("role")));

        using var again = await client.PostAsJsonAsync("/api/auth/refresh", handedOver, Token);
        await again.ProblemAsync(401, "invalidRefreshToken");       // and that ends the sign-in: somebody read it
        using var ended = await client.GetAsync("/api/auth/me", Token);
        await ended.ProblemAsync(401, "tokenExpired");

        Assert.Equal("operator", (await MeAfterAsync(await SignInAsync("ben"))).Text("role"));
        Assert.Equal("operator", (await MeAfterAsync(await SignInAsync("ben"))).Text("role"));
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.account where username = 'ben'"));
        Assert.Equal(1L, await _world.ScalarAsync("select count(*) from control.audit where action = 'user.added' and actor = 'ben'"));
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_role_with_a_taken_name_or_with_a_disabled_account()
    {
        Assert.Equal("/login?next=%2F&problem=ssoNoRole", await SignInAsync("cleo"));
        Assert.Equal("/login?next=%2F&problem=ssoRefused", await SignInAsync("nobody"));
        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.account where username in ('cleo', 'nobody')"));

        await _world.ExecuteAsync(
            "insert into control.account (id, username, username_key, password_hash, created_at) values (gen_random_uuid(), 'Anna', 'anna', 'x', now())");
        Assert.Equal("/login?next=%2F&problem=ssoNameTaken", await SignInAsync("anna"));

        await MeAfterAsync(await SignInAsync("ben"));
        await _world.ExecuteAsync("update control.account set enabled = false where username = 'ben'");
        Assert.Equal("/login?next=%2F&problem=ssoDisabled", await SignInAsync("ben"));
        using var client = _world.Anonymous();
        using var byPassword = await client.PostAsJsonAsync("/api/auth/login", new { username = "ben", password = "" }, Token);
        await byPassword.ProblemAsync(400, "invalidInput");
    }

    [Fact]
    public async Task What_a_group_gave_ends_when_the_group_has_no_role_any_more()
    {
        using var directory = new TestDirectory();
        var first = await ControlWorld.StartAsync(new WorldSettings { Directory = directory, Arguments = _peer.Settings() });
        await _peer.MakeAsync(first.Address + Callback[1..]);
        var ben = await TokensAfterAsync(first, await SignInAsync(first, "ben"));
        await first.StopAsync();

        await using var second = await ControlWorld.StartAsync(
            new WorldSettings { Directory = directory, Postgres = first.ConnectionString, WaitUntilReady = false, Arguments = _peer.Settings(roles: "vms-admins=admin") });
        await _peer.MakeAsync(second.Address + Callback[1..]);
        await Eventually.TrueAsync(async () => (await second.Http.GetAsync("/api/auth/oidc/start", Token)).StatusCode == HttpStatusCode.Redirect);
        Assert.Equal("/login?next=%2F&problem=ssoNoRole", await SignInAsync(second, "ben"));
        using var client = second.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ben.AccessToken);
        await Eventually.TrueAsync(async () => (await client.GetAsync("/api/auth/me", Token)).StatusCode != HttpStatusCode.ServiceUnavailable);
        Assert.Empty((await client.GetJsonAsync("/api/auth/me")).GetProperty("permissions").EnumerateArray());
    }

    [Fact]
    public async Task The_provider_is_asked_again_after_half_a_day_and_its_administrators_are_administrators()
    {
        var anna = await TokensAfterAsync(_world, await SignInAsync("anna"));
        using var client = _world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", anna.AccessToken);
        var local = (await client.GetJsonAsync("/api/users")).GetProperty("items").EnumerateArray().Single(u => u.Text("username") == "admin").Text("id");
        using (var disabled = await client.PatchAsJsonAsync($"/api/users/{local}", new { enabled = false }, Token))
            Assert.Equal(HttpStatusCode.OK, disabled.StatusCode);       // somebody is left who may administer
        using (var last = await client.PatchAsJsonAsync($"/api/users/{(await client.GetJsonAsync("/api/auth/me")).Text("id")}", new { enabled = false }, Token))
            await last.ProblemAsync(409, "lastAdministrator");

        using var refreshed = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = anna.RefreshToken }, Token);
        var next = (await refreshed.Content.ReadFromJsonAsync<Tokens>(Token))!;
        await _world.ExecuteAsync("update control.sign_in set started_at = now() - interval '12 hours 1 minute'");
        using var late = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = next.RefreshToken }, Token);
        await late.ProblemAsync(401, "invalidRefreshToken");
    }

    [Fact]
    public async Task An_answer_counts_only_in_the_browser_that_asked_and_only_for_what_it_asked()
    {
        using var browser = Browser();
        using var started = await browser.GetAsync(Start + "?next=//evil.example.org", Token);
        var answer = await IdentityProvider.SignInAsync(started.Headers.Location!.OriginalString, "anna", _world.Address + Callback[1..]);

        using var other = Browser();
        Assert.Equal("/login?next=%2F&problem=ssoExpired", await LocationAsync(other, answer.PathAndQuery));
        Assert.Equal("/login?next=%2F&problem=ssoExpired", await LocationAsync(browser, answer.PathAndQuery.Replace("state=", "state=x", StringComparison.Ordinal)));
        Assert.Equal("/login?next=%2F&problem=ssoExpired", await LocationAsync(browser, answer.PathAndQuery));      // the try before ended it

        using var again = Browser();
        using var restarted = await again.GetAsync(Start + "?next=//evil.example.org", Token);
        answer = await IdentityProvider.SignInAsync(restarted.Headers.Location!.OriginalString, "anna", _world.Address + Callback[1..]);
        Assert.StartsWith("/login?next=%2F#token=", await LocationAsync(again, answer.PathAndQuery), StringComparison.Ordinal);
        var cookie = restarted.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(IdentityProvider.ClientSecret, _world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sign_in_page_can_ask_whether_there_is_a_provider_and_what_it_is_called()
    {
        using var client = _world.Anonymous();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        Assert.Equal("Contoso", (await client.GetJsonAsync(Start)).Text("name"));

        await using var without = await ControlWorld.StartAsync();
        using var asking = without.Anonymous();
        asking.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        Assert.Null((await asking.GetJsonAsync(Start)).Text("name"));
        using var nobody = await without.Http.GetAsync(Start, Token);
        await nobody.ProblemAsync(404, "ssoNotConfigured");
        using var callback = await without.Http.GetAsync(Callback + "?code=x&state=y", Token);
        await callback.ProblemAsync(404, "ssoNotConfigured");
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_on_the_sign_in_page()
    {
        await _peer.StopAsync();
        using var browser = Browser();
        Assert.Equal("/login?next=%2Flive&problem=ssoUnavailable", await LocationAsync(browser, Start + "?next=/live"));
    }

    [Theory]
    [InlineData("VMS_OIDC_ISSUER=http://login.example.org", "VMS_OIDC_ISSUER is")]
    [InlineData("VMS_OIDC_ROLES=guards", "VMS_OIDC_ROLES holds 'guards'")]
    public async Task A_wrong_setting_is_said_at_the_start(string setting, string message)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ControlWorld.StartAsync(new WorldSettings
        {
            Arguments = ["--VMS_OIDC_ISSUER=https://login.example.org", "--VMS_OIDC_CLIENT_ID=vms", "--" + setting],
        }));
        Assert.Contains(message, refused.ToString(), StringComparison.Ordinal);
    }

    private Task<string> SignInAsync(string user, string? next = null) => SignInAsync(_world, user, next);

    /// <returns>Where the browser ends up.</returns>
    private static async Task<string> SignInAsync(ControlWorld world, string user, string? next = null)
    {
        using var browser = Browser(world);
        using var started = await browser.GetAsync(Start + (next is null ? "" : "?next=" + Uri.EscapeDataString(next)), Token);
        Assert.Equal(HttpStatusCode.Redirect, started.StatusCode);
        var answer = await IdentityProvider.SignInAsync(started.Headers.Location!.OriginalString, user, world.Address + Callback[1..]);
        return await LocationAsync(browser, answer.PathAndQuery);
    }

    private async Task<JsonElement> MeAfterAsync(string page)
    {
        using var client = _world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await TokensAfterAsync(_world, page)).AccessToken);
        return await client.GetJsonAsync("/api/auth/me");
    }

    private static async Task<Tokens> TokensAfterAsync(ControlWorld world, string page)
    {
        Assert.Contains("#token=", page, StringComparison.Ordinal);
        using var client = world.Anonymous();
        using var swapped = await client.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = page[(page.IndexOf('#', StringComparison.Ordinal) + 7)..] }, Token);
        return (await swapped.Content.ReadFromJsonAsync<Tokens>(Token))!;
    }

    private static async Task<string> LocationAsync(HttpClient browser, string path)
    {
        using var response = await browser.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }

    private HttpClient Browser() => Browser(_world);

    private static HttpClient Browser(ControlWorld world) =>
        new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = world.Address };
}
