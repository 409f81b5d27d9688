using Vms.Onvif.Soap;

namespace Vms.Onvif.Tests.Soap;

public sealed class OnvifAuthenticationTests
{
    private const string Challenge = """Digest realm="r", nonce="n", qop="auth" """;

    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly OnvifCredentials s_credentials = new("admin", "secret");
    private static readonly SoapFault s_notAuthorized = new(SoapFaultKind.NotAuthorized, ["Sender", "NotAuthorized"], "");
    private static readonly SoapFault s_expired = new(SoapFaultKind.Expired, ["MessageExpired"], "");

    /// <summary>The example of the ONVIF Application Programmer's Guide.</summary>
    [Fact]
    public void The_digest_is_that_of_the_programmers_guide() => Assert.Equal(
        "tuOSpGlFlIXsozq4HFNeeGeFLEI=",
        UsernameToken.DigestOf(Convert.FromBase64String("LKqI6G/AikKCQrN0zqZFlg=="), "2010-09-16T07:50:45Z", "userpassword"));

    [Fact]
    public void The_first_request_carries_nothing()
    {
        var authentication = new OnvifAuthentication(s_credentials);
        Assert.Null(authentication.Token(s_now));
        Assert.Null(authentication.Authorization("/onvif"));
        Assert.False(authentication.IsCarrying);
    }

    [Fact]
    public void A_fault_without_a_challenge_asks_for_a_token_with_the_devices_time()
    {
        var authentication = new OnvifAuthentication(s_credentials) { ClockOffset = TimeSpan.FromHours(8) };
        Assert.Equal(AuthenticationStep.Repeat, Refuse(authentication, 0));
        var token = authentication.Token(s_now)!;
        Assert.Equal("2026-01-02T11:04:05.000Z", token.Descendants(OnvifNamespaces.SecurityUtility + "Created").Single().Value);
        Assert.DoesNotContain("secret", token.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(token.ToString(), authentication.Token(s_now)!.ToString());
        Assert.Null(authentication.Authorization("/onvif"));
    }

    [Fact]
    public void A_wrong_password_is_tried_once()
    {
        var authentication = new OnvifAuthentication(s_credentials);
        Refuse(authentication, 0);
        Assert.Equal(AuthenticationStep.Rejected, Refuse(authentication, 1));
        Assert.True(authentication.IsRejected);

        authentication = new OnvifAuthentication(s_credentials);
        Assert.Equal(AuthenticationStep.Repeat, RefuseByHttp(authentication, 0));
        Assert.Contains("username=\"admin\"", authentication.Authorization("/onvif")!, StringComparison.Ordinal);
        Assert.Equal(AuthenticationStep.Rejected, RefuseByHttp(authentication, 1));
        Assert.True(authentication.IsRejected);

        // The token was refused: HTTP's challenge that comes along is no second chance.
        authentication = new OnvifAuthentication(s_credentials);
        Refuse(authentication, 0);
        Assert.Equal(AuthenticationStep.Rejected, RefuseByHttp(authentication, 1));
    }

    [Fact]
    public void HTTP_and_token_go_together_where_HTTP_let_it_pass_and_SOAP_did_not()
    {
        var authentication = new OnvifAuthentication(s_credentials);
        RefuseByHttp(authentication, 0);
        Assert.Equal(AuthenticationStep.Repeat, Refuse(authentication, 1));
        Assert.NotNull(authentication.Authorization("/onvif"));
        Assert.NotNull(authentication.Token(s_now));
        Assert.Equal(AuthenticationStep.Rejected, Refuse(authentication, 2));
    }

    [Fact]
    public void The_clock_is_read_once_where_it_may_be_the_reason()
    {
        var expired = new OnvifAuthentication(s_credentials);
        Refuse(expired, 0);
        Assert.Equal(AuthenticationStep.ReadClock, expired.Refused(isHttp: false, [], s_expired, 1));
        Assert.Equal(AuthenticationStep.Rejected, expired.Refused(isHttp: false, [], s_expired, 2));
        Assert.True(expired.IsRejected);

        var jumped = new OnvifAuthentication(s_credentials);
        Refuse(jumped, 0);
        jumped.Accepted();
        Assert.Equal(AuthenticationStep.ReadClock, Refuse(jumped, 0));
        Assert.Equal(AuthenticationStep.Rejected, Refuse(jumped, 1));
        Assert.False(jumped.IsRejected);        // it may be a right that the account lacks
        Assert.Equal(AuthenticationStep.Rejected, Refuse(jumped, 0));
        Assert.True(jumped.IsRejected);
    }

    [Fact]
    public void An_old_nonce_is_no_wrong_password_but_not_for_ever()
    {
        var authentication = new OnvifAuthentication(s_credentials);
        RefuseByHttp(authentication, 0);
        for (int sent = 1; sent <= 2; sent++)
            Assert.Equal(AuthenticationStep.Repeat, authentication.Refused(isHttp: true, [$"Digest realm=\"r\", nonce=\"{sent}\", qop=\"auth\", stale=true"], null, sent));
        Assert.Equal(AuthenticationStep.Rejected, authentication.Refused(isHttp: true, ["Digest realm=\"r\", nonce=\"z\", stale=true"], null, 3));
    }

    [Fact]
    public void Basic_needs_leave_and_no_credentials_are_said_so()
    {
        Assert.Equal(AuthenticationStep.BasicInClear, new OnvifAuthentication(s_credentials).Refused(isHttp: true, ["Basic realm=\"r\""], null, 0));
        Assert.Equal(AuthenticationStep.Repeat, new OnvifAuthentication(s_credentials with { AllowClear = true }).Refused(isHttp: true, ["Basic realm=\"r\""], null, 0));
        Assert.Equal(AuthenticationStep.NoCredentials, Refuse(new OnvifAuthentication(null), 0));
    }

    [Fact]
    public void The_password_goes_in_clear_only_where_somebody_wants_it()
    {
        var authentication = new OnvifAuthentication(s_credentials with { TokenInClear = true });
        Refuse(authentication, 0);
        Assert.Contains("PasswordText", authentication.Token(s_now)!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", s_credentials.ToString(), StringComparison.Ordinal);
    }

    private static AuthenticationStep Refuse(OnvifAuthentication authentication, int repetitions) => authentication.Refused(isHttp: false, [], s_notAuthorized, repetitions);

    private static AuthenticationStep RefuseByHttp(OnvifAuthentication authentication, int repetitions) => authentication.Refused(isHttp: true, [Challenge], null, repetitions);
}
