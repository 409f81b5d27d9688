using Vms.Control.Auth.Oidc;
using Vms.Testing;

namespace Vms.Control.Tests.Auth.Oidc;

/// <summary>Against a certified provider.</summary>
public sealed class OidcProviderTests : IAsyncLifetime
{
    private const string Redirect = "http://127.0.0.1:9/api/auth/oidc/callback";

    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private IdentityProvider _peer = null!;
    private OidcProvider _provider = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _peer = await IdentityProvider.StartAsync();
        _provider = new OidcProvider(_peer.Options(), _time);
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _peer.DisposeAsync();
    }

    [Theory]
    [InlineData("RS256", "client_secret_basic", false)]
    [InlineData("PS256", "client_secret_post", true)]
    [InlineData("ES256", "client_secret_basic", true)]
    public async Task A_code_becomes_a_person_and_their_groups(string algorithm, string authentication, bool groupsInToken)
    {
        await _peer.MakeAsync(Redirect, algorithm, authentication, groupsInToken);
        var attempt = Begin();
        var answer = await SignInAsync(attempt, "anna");
        Assert.Equal(attempt.State, IdentityProvider.Query(answer, "state"));

        var person = await RedeemAsync(attempt, answer);
        Assert.Equal("anna", person.Subject);
        Assert.Equal(["anna", "anna@example.org"], person.Names);
        Assert.Equal(["vms-admins", "staff"], person.Groups);
    }

    [Fact]
    public async Task A_code_works_once_and_only_for_whoever_asked_for_it()
    {
        await _peer.MakeAsync(Redirect);
        var attempt = Begin();
        var answer = await SignInAsync(attempt, "ben");
        await RedeemAsync(attempt, answer);
        Assert.Equal("ssoExpired", await FailureOfAsync(RedeemAsync(attempt, answer)));

        var stolen = await SignInAsync(attempt, "ben");
        Assert.Equal("ssoExpired", await FailureOfAsync(RedeemAsync(Begin(), stolen)));     // another verifier
    }

    [Fact]
    public async Task An_answer_to_another_sign_in_or_of_another_provider_does_not_count()
    {
        await _peer.MakeAsync(Redirect);
        var attempt = Begin();
        var answer = await SignInAsync(attempt, "anna");
        Assert.Equal("ssoFailed", await FailureOfAsync(RedeemAsync(attempt with { Nonce = "another" }, answer)));
        Assert.Equal("ssoFailed", await FailureOfAsync(_provider.RedeemAsync("x", attempt.Verifier, Redirect, attempt.Nonce, "http://127.0.0.1:9", Token)));
        Assert.Equal(_peer.Issuer, IdentityProvider.Query(answer, "iss"));
    }

    [Fact]
    public async Task New_keys_of_the_provider_are_fetched_when_a_token_names_one_and_not_more_than_once_a_minute()
    {
        await _peer.MakeAsync(Redirect);
        var first = Begin();
        await RedeemAsync(first, await SignInAsync(first, "anna"));

        await _peer.MakeAsync(Redirect);
        var second = Begin();
        Assert.Equal("ssoFailed", await FailureOfAsync(RedeemAsync(second, await SignInAsync(second, "anna"))));
        _time.Advance(TimeSpan.FromMinutes(1));
        var third = Begin();
        Assert.Equal("anna", (await RedeemAsync(third, await SignInAsync(third, "anna"))).Subject);
    }

    [Fact]
    public async Task A_wrong_secret_and_a_provider_that_is_away_are_told_apart_from_a_refusal()
    {
        await _peer.MakeAsync(Redirect);
        using var wrong = new OidcProvider(_peer.Options(secret: "wrong"), _time);
        var attempt = Begin();
        var answer = await SignInAsync(attempt, "anna");
        var refused = await Assert.ThrowsAsync<OidcException>(() =>
            wrong.RedeemAsync(IdentityProvider.Query(answer, "code")!, attempt.Verifier, Redirect, attempt.Nonce, null, Token));
        Assert.Equal("ssoUnavailable", refused.Code);
        Assert.Contains("invalid_client", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refused.Message, StringComparison.Ordinal);

        await _peer.StopAsync();
        using var away = new OidcProvider(_peer.Options(), _time);
        Assert.Equal("ssoUnavailable", await FailureOfAsync(away.SignInAddressAsync(Redirect, "s", "n", "c", Token)));
    }

    [Fact]
    public async Task Somebody_who_refuses_is_sent_back_with_the_reason()
    {
        await _peer.MakeAsync(Redirect);
        var answer = await SignInAsync(Begin(), "nobody");
        Assert.Equal("access_denied", IdentityProvider.Query(answer, "error"));
        Assert.Null(IdentityProvider.Query(answer, "code"));
    }

    private OidcAttempt Begin() => OidcAttempt.Begin(Redirect, "/live", _time.GetUtcNow());

    private async Task<Uri> SignInAsync(OidcAttempt attempt, string user) => await IdentityProvider.SignInAsync(
        await _provider.SignInAddressAsync(Redirect, attempt.State, attempt.Nonce, attempt.Challenge, Token), user, Redirect);

    private Task<OidcPerson> RedeemAsync(OidcAttempt attempt, Uri answer) => _provider.RedeemAsync(
        IdentityProvider.Query(answer, "code")!, attempt.Verifier, Redirect, attempt.Nonce, IdentityProvider.Query(answer, "iss"), Token);

    private static async Task<string> FailureOfAsync(Task task) => (await Assert.ThrowsAsync<OidcException>(() => task)).Code;
}
