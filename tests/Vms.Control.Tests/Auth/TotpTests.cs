using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Vms.Control.Auth;
using Vms.Control.Tests.Support;

namespace Vms.Control.Tests.Auth;

public sealed class TotpTests
{
    private static readonly byte[] s_rfcSecret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238 Appendix B, the rows of SHA-1.</summary>
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_the_standard(long unixSeconds, string code)
    {
        var step = Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(unixSeconds));
        Assert.Equal(code, Totp.CodeOf(s_rfcSecret, step, digits: 8));
        Assert.Equal(code[2..], Totp.CodeOf(s_rfcSecret, step));
    }

    /// <summary>RFC 4648 §10, without padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_is_that_of_the_standard(string text, string encoded) => Assert.Equal(encoded, Totp.Base32(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_code_counts_in_its_step_and_in_the_one_before_and_after()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_234_567_890);
        var step = Totp.StepAt(now);
        for (var offset = -3; offset <= 3; offset++)
            Assert.Equal(Math.Abs(offset) <= 1 ? step + offset : null, Totp.Match(s_rfcSecret, Totp.CodeOf(s_rfcSecret, step + offset), now));
        foreach (var wrong in new[] { "", "12345", "1234567", "abcdef", "٠٠٥٩٢٤", "00592é" })
            Assert.Null(Totp.Match(s_rfcSecret, wrong, now));
    }

    [Fact]
    public async Task A_second_factor_is_enrolled_asked_for_and_taken_away()
    {
        await using var world = await ControlWorld.StartAsync();
        using var anonymous = world.Anonymous();
        await world.SignInAsync();
        Assert.Equal((false, 0), await StateAsync());
        var enrolled = await world.Http.PostAsync("/api/auth/totp", new { });
        var secret = FromBase32(enrolled.Text("secret")!);
        Assert.StartsWith("otpauth://totp/VMS:admin?secret=" + enrolled.Text("secret"), enrolled.Text("uri"), StringComparison.Ordinal);
        await world.LoginAsync();                                     // until it is confirmed nothing has changed
        Assert.Equal(["code:wrongCode"], (await world.Http.PostAsync("/api/auth/totp/confirm", new { code = "000000x" }, 400)).FieldCodes());
        var step = Totp.StepAt(TimeProvider.System.GetUtcNow());
        var confirmed = await world.Http.PostAsync("/api/auth/totp/confirm", new { code = Totp.CodeOf(secret, step) });
        var recovery = confirmed.GetProperty("recoveryCodes").EnumerateArray().Select(c => c.GetString()!).ToList();
        Assert.Equal((10, 10), (recovery.Count, recovery.Distinct().Count()));
        Assert.Equal("totpOn", (await world.Http.PostAsync("/api/auth/totp", new { }, 409)).Text("code"));
        Assert.DoesNotContain(enrolled.Text("secret")!, (string)(await world.ScalarAsync("select totp_secret_protected from control.account"))!, StringComparison.Ordinal);

        Assert.Equal("codeRequired", (await LoginAsync(null, 401)).Text("code"));
        Assert.Equal("wrongCode", (await LoginAsync(Totp.CodeOf(secret, step), 401)).Text("code"));      // it counted already, when it was confirmed
        await LoginAsync(Totp.CodeOf(secret, step + 1), 200);
        Assert.Equal("wrongCode", (await LoginAsync(Totp.CodeOf(secret, step + 1), 401)).Text("code"));
        await LoginAsync(recovery[0].ToLowerInvariant(), 200);
        Assert.Equal("wrongCode", (await LoginAsync(recovery[0], 401)).Text("code"));
        await LoginAsync(recovery[9].Replace("-", " ", StringComparison.Ordinal), 200);
        Assert.Equal("True", (await world.Http.GetJsonAsync("/api/users")).Text("items.0.twoFactor"));
        Assert.Equal((true, 8), await StateAsync());

        Assert.Equal(["password:wrongPassword"], (await world.Http.PostAsync("/api/auth/totp/disable", new { password = "wrong" }, 400)).FieldCodes());
        using (var off = await world.Http.PostAsJsonAsync("/api/auth/totp/disable", new { password = ControlWorld.AdminPassword }))
            Assert.Equal(204, (int)off.StatusCode);
        await LoginAsync(null, 200);
        Assert.Equal((false, 0), await StateAsync());

        async Task<(bool On, int Left)> StateAsync()
        {
            var state = await world.Http.GetJsonAsync("/api/auth/totp");
            return (state.GetProperty("on").GetBoolean(), state.GetProperty("recoveryCodesLeft").GetInt32());
        }

        Task<JsonElement> LoginAsync(string? code, int status) =>
            anonymous.PostAsync("/api/auth/login", new { username = "admin", password = ControlWorld.AdminPassword, code }, status);
    }

    [Fact]
    public async Task Codes_are_not_guessed_faster_than_passwords_and_an_administrator_helps_who_lost_the_app()
    {
        await using var world = await ControlWorld.StartAsync();
        var bert = (await world.Http.PostAsync("/api/users", new { username = "bert", password = ControlWorld.AdminPassword, grants = new[] { new { roleId = "viewer" } } }, 201)).Text("id");
        using var client = world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await world.LoginAsync("bert")).AccessToken);
        var secret = FromBase32((await client.PostAsync("/api/auth/totp", new { })).Text("secret")!);
        await client.PostAsync("/api/auth/totp/confirm", new { code = Totp.CodeOf(secret, Totp.StepAt(TimeProvider.System.GetUtcNow())) });

        using (var reset = await world.Http.DeleteAsync($"/api/users/{bert}/totp"))
            Assert.Equal(204, (int)reset.StatusCode);
        using (var ended = await client.GetAsync("/api/cameras"))
            await ended.ProblemAsync(401, "tokenExpired");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await world.LoginAsync("bert")).AccessToken);
        secret = FromBase32((await client.PostAsync("/api/auth/totp", new { })).Text("secret")!);
        await client.PostAsync("/api/auth/totp/confirm", new { code = Totp.CodeOf(secret, Totp.StepAt(TimeProvider.System.GetUtcNow())) });

        var answers = new List<int>();
        for (var i = 0; i < 7; i++)
        {
            using var guess = await client.PostAsJsonAsync("/api/auth/login", new { username = "bert", password = ControlWorld.AdminPassword, code = "000000" });
            answers.Add((int)guess.StatusCode);
        }

        Assert.Equal([401, 401, 401, 401, 401, 429, 429], answers);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}
