using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Auth;

public sealed partial class SetupTests
{
    private static readonly WorldSettings s_empty = new() { AdminPassword = null };

    [Fact]
    public async Task The_printed_link_creates_the_first_administrator_once()
    {
        await using var world = await ControlWorld.StartAsync(s_empty);
        var token = await TokenAsync(world);

        using var wrong = await world.Http.PostAsJsonAsync("/api/setup", new { token = "guess", username = "boss", password = ControlWorld.AdminPassword });
        await wrong.ProblemAsync(403, "invalidToken");
        using var before = await world.Http.PostAsJsonAsync("/api/auth/login", new { username = "boss", password = ControlWorld.AdminPassword });
        await before.ProblemAsync(409, "setupRequired");

        await world.Http.PostAsync("/api/setup", new { token, username = "boss", password = ControlWorld.AdminPassword }, 201);
        await world.SignInAsync("Boss");
        Assert.Equal("admin", (await world.Http.GetJsonAsync("/api/auth/me")).Text("role"));

        using var again = await world.Http.PostAsJsonAsync("/api/setup", new { token, username = "other", password = ControlWorld.AdminPassword });
        await again.ProblemAsync(409, "setupDone");
    }

    [Fact]
    public async Task Of_many_who_use_the_link_at_once_one_becomes_administrator()
    {
        await using var world = await ControlWorld.StartAsync(s_empty);
        var token = await TokenAsync(world);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            world.Http.PostAsJsonAsync("/api/setup", new { token, username = $"boss{i}", password = ControlWorld.AdminPassword })));
        Assert.Equal(1, answers.Count(a => (int)a.StatusCode == 201));
        Assert.Equal(1L, await world.ScalarAsync("select count(*) from control.account"));
    }

    [Fact]
    public async Task The_database_holds_no_token_and_no_password()
    {
        await using var world = await ControlWorld.StartAsync(s_empty);
        var token = await TokenAsync(world);
        var stored = (byte[])(await world.ScalarAsync("select token_hash from control.setup_token"))!;
        Assert.DoesNotContain(token, Convert.ToBase64String(stored), StringComparison.Ordinal);

        await world.Http.PostAsync("/api/setup", new { token, username = "boss", password = ControlWorld.AdminPassword }, 201);
        Assert.DoesNotContain(
            ControlWorld.AdminPassword, (string)(await world.ScalarAsync("select password_hash from control.account"))!, StringComparison.Ordinal);
        Assert.DoesNotContain(ControlWorld.AdminPassword, world.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_name_or_password_is_named_by_field()
    {
        await using var world = await ControlWorld.StartAsync(s_empty);
        var token = await TokenAsync(world);
        foreach (var (username, password, expected) in new[]
        {
            ("boss", "short", "password:tooShort"),
            ("bossbossboss", "BossBossBoss", "password:sameAsUsername"),
            ("boss", "password123", "password:tooCommon"),
            ("boss", "aaaaaaaaaaaaaa", "password:tooCommon"),
            ("boss", new string('x', 300), "password:tooLong"),
            ("bo ss", "correct horse battery", "username:invalidCharacters"),
            ("", "correct horse battery", "username:required"),
        })
        {
            using var answer = await world.Http.PostAsJsonAsync("/api/setup", new { token, username, password });
            Assert.Equal([expected], (await answer.ProblemAsync(400, "invalidInput")).FieldCodes());
        }
    }

    [Fact]
    public async Task A_restart_prints_a_new_link_and_voids_the_old_one()
    {
        var directory = new Vms.Testing.TestDirectory();
        var first = await ControlWorld.StartAsync(s_empty with { Directory = directory });
        var old = await TokenAsync(first);
        var postgres = first.ConnectionString;
        await first.StopAsync();

        await using var second = await ControlWorld.StartAsync(s_empty with { Directory = directory, Postgres = postgres });
        var token = await TokenAsync(second);
        Assert.NotEqual(old, token);
        using var answer = await second.Http.PostAsJsonAsync("/api/setup", new { token = old, username = "boss", password = ControlWorld.AdminPassword });
        await answer.ProblemAsync(403, "invalidToken");
    }

    [Fact]
    public async Task A_configured_password_that_is_too_short_is_refused_aloud_and_the_link_remains()
    {
        await using var world = await ControlWorld.StartAsync(new WorldSettings { AdminPassword = "seven77", WaitUntilReady = false });
        await TokenAsync(world);
        Assert.Contains("VMS_ADMIN_PASSWORD is not used: Use at least 8 characters", world.Log.Text, StringComparison.Ordinal);
    }

    private static async Task<string> TokenAsync(ControlWorld world)
    {
        await world.Log.WaitForAsync("setup link: ", "the first start prints the link");
        var link = Link().Match(world.Log.Text);
        Assert.Equal(world.Address.Port.ToString(), link.Groups[1].Value);
        return link.Groups[2].Value;
    }

    [GeneratedRegex(@"setup link: http://127\.0\.0\.1:(\d+)/setup#token=(\S+)")]
    private static partial Regex Link();
}
