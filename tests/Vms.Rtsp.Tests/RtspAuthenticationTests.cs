namespace Vms.Rtsp.Tests;

public sealed class RtspAuthenticationTests
{
    private const string Uri = "rtsp://10.0.0.5/cam?channel=1";

    [Fact]
    public void Basic_is_answered() =>
        Assert.Equal("Basic YWRtaW46c2VjcmV0", Answer(["Basic realm=\"x\""]));

    [Fact]
    public void Digest_without_qop_is_that_of_RFC_2069()
    {
        // By md5sum: HA1 = md5(admin:IPC:secret), HA2 = md5(DESCRIBE:<uri>), md5(HA1:abc:HA2).
        string answer = Answer(["Digest realm=\"IPC\", nonce=\"abc\""])!;

        Assert.Equal(
            $"Digest username=\"admin\", realm=\"IPC\", nonce=\"abc\", uri=\"{Uri}\", response=\"186a79af3a9532d680b43c384c4f8922\"",
            answer);
    }

    [Fact]
    public void Digest_with_qop_matches_the_example_of_RFC_7616()
    {
        foreach (var (algorithm, response) in new[]
        {
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        })
        {
            var authentication = new RtspAuthentication("Mufasa", "Circle of Life", allowBasic: true, () => "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
            authentication.OnUnauthorized(
                [$"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""],
                answered: false, alreadyRepeated: false);

            string answer = authentication.Authorize("GET", "/dir/index.html")!;

            Assert.Contains($"response=\"{response}\"", answer, StringComparison.Ordinal);
            Assert.Contains("qop=auth, nc=00000001", answer, StringComparison.Ordinal);
            Assert.Contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"", answer, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string[], RtspAuthenticationScheme> Offers => new()
    {
        { "Digest then Basic", ["Digest realm=\"a\", nonce=\"n\"", "Basic realm=\"a\""], RtspAuthenticationScheme.DigestMd5 },
        { "Basic then Digest (Dahua)", ["Basic realm=\"a\"", "Digest realm=\"a\", nonce=\"n\""], RtspAuthenticationScheme.DigestMd5 },
        { "both in one header", ["Basic realm=\"a, b\", Digest realm=\"a\", nonce=\"n\""], RtspAuthenticationScheme.DigestMd5 },
        { "SHA-256 and MD5", ["Digest realm=\"a\", nonce=\"n\", algorithm=MD5", "Digest realm=\"a\", nonce=\"n\", algorithm=SHA-256"], RtspAuthenticationScheme.DigestSha256 },
        { "SHA-256 only (Hikvision 5.8.5)", ["Digest realm=\"a\",nonce=\"n\",algorithm=\"SHA-256\",qop=\"auth\""], RtspAuthenticationScheme.DigestSha256 },
        { "an algorithm nobody speaks, and MD5", ["Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256", "Digest realm=\"a\", nonce=\"n\""], RtspAuthenticationScheme.DigestMd5 },
        { "auth-int only", ["Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"", "Basic realm=\"a\""], RtspAuthenticationScheme.Basic },
        { "lower case and bare values", ["digest realm=a,nonce=n,stale=FALSE"], RtspAuthenticationScheme.DigestMd5 },
        { "escaped quote in the realm", ["Digest realm=\"a\\\"b\", nonce=\"n\""], RtspAuthenticationScheme.DigestMd5 },
    };

    [Theory, MemberData(nameof(Offers))]
    public void The_strongest_offer_that_is_spoken_is_taken(string name, string[] challenges, RtspAuthenticationScheme expected)
    {
        Assert.NotEmpty(name);
        Assert.Equal(expected, RtspChallenge.Strongest(challenges)!.Scheme);
    }

    [Theory]
    [InlineData("")]
    [InlineData("=,==,\"")]
    [InlineData("Negotiate abc")]
    [InlineData("Digest realm=\"unterminated")]
    public void Nonsense_is_no_challenge(string text) => Assert.Null(RtspChallenge.Strongest([text]));

    [Fact]
    public void A_wrong_password_is_rejected_at_the_first_answer()
    {
        var authentication = Create();
        Assert.Equal(RtspUnauthorizedOutcome.Answer, authentication.OnUnauthorized([Digest("1")], answered: false, alreadyRepeated: false));
        Assert.Equal(RtspUnauthorizedOutcome.Rejected, authentication.OnUnauthorized([Digest("2")], answered: true, alreadyRepeated: false));
    }

    [Fact]
    public void A_refused_digest_does_not_fall_back_to_basic()
    {
        var authentication = Create();
        authentication.OnUnauthorized([Digest("1")], answered: false, alreadyRepeated: false);

        Assert.Equal(RtspUnauthorizedOutcome.Rejected, authentication.OnUnauthorized(["Basic realm=\"a\""], answered: true, alreadyRepeated: false));
    }

    [Fact]
    public void A_stale_nonce_is_worth_one_repetition()
    {
        var authentication = Create();
        authentication.OnUnauthorized([Digest("1")], answered: false, alreadyRepeated: false);

        Assert.Equal(RtspUnauthorizedOutcome.Answer, authentication.OnUnauthorized([Digest("2") + ", stale=true"], answered: true, alreadyRepeated: false));
        Assert.Equal(RtspUnauthorizedOutcome.Rejected, authentication.OnUnauthorized([Digest("3") + ", stale=true"], answered: true, alreadyRepeated: true));
    }

    [Fact]
    public void A_new_nonce_after_success_is_not_a_wrong_password()
    {
        var authentication = Create();
        authentication.OnUnauthorized([Digest("1")], answered: false, alreadyRepeated: false);
        authentication.Accepted();

        Assert.Equal(RtspUnauthorizedOutcome.Answer, authentication.OnUnauthorized([Digest("2")], answered: true, alreadyRepeated: false));
    }

    [Fact]
    public void Without_credentials_nothing_is_answered()
    {
        var authentication = new RtspAuthentication(null, null, allowBasic: true);

        Assert.Equal(RtspUnauthorizedOutcome.NoCredentials, authentication.OnUnauthorized([Digest("1")], answered: false, alreadyRepeated: false));
        Assert.Null(authentication.Authorize("DESCRIBE", Uri));
    }

    private static string Digest(string nonce) => $"Digest realm=\"a\", nonce=\"{nonce}\", qop=\"auth\"";

    private static RtspAuthentication Create() => new("admin", "secret", allowBasic: true, () => "c");

    private static string? Answer(string[] challenges)
    {
        var authentication = Create();
        authentication.OnUnauthorized(challenges, answered: false, alreadyRepeated: false);
        return authentication.Authorize("DESCRIBE", Uri);
    }
}
