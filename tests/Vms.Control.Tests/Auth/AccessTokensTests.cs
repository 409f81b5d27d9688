using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Vms.Control.Auth;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Control.Tests.Auth;

public sealed class AccessTokensTests : IDisposable
{
    private static readonly SignedIn s_user = new(Guid.NewGuid(), "default", "Änne", Guid.NewGuid());

    private readonly TestDirectory _directory = new();
    private readonly SteppedTime _time = new();
    private readonly AccessTokens _tokens;

    public AccessTokensTests() => _tokens = New(_directory.Path);

    [Fact]
    public void A_token_says_who_it_speaks_for_until_it_expires()
    {
        var token = _tokens.Issue(s_user);
        Assert.True(_tokens.TryRead(token, out var user, out _));
        Assert.Equal(s_user, user);
        _time.Advance(AccessTokens.Lifetime - TimeSpan.FromSeconds(2));
        Assert.True(_tokens.TryRead(token, out _, out _));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(_tokens.TryRead(token, out _, out var expired));
        Assert.True(expired);
    }

    [Fact]
    public void A_restart_keeps_tokens_and_another_installation_knows_them_not()
    {
        var token = _tokens.Issue(s_user);
        using var same = New(_directory.Path);
        Assert.True(same.TryRead(token, out _, out _));
        using var elsewhere = new TestDirectory();
        using var other = New(elsewhere.Path);
        Assert.False(other.TryRead(token, out _, out _));
    }

    [Fact]
    public void No_altered_token_counts()
    {
        var token = _tokens.Issue(s_user);
        var parts = token.Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var asAdmin = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload.Replace("default", "another", StringComparison.Ordinal)));
        var none = Base64Url.EncodeToString("""{"alg":"none","typ":"at+jwt"}"""u8);
        var hs256 = Base64Url.EncodeToString("""{"alg":"HS256","typ":"at+jwt"}"""u8);
        foreach (var forged in new[]
        {
            "", ".", "..", "a.b.c", token[..^1], token + "A", token + ".", parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".",
            $"{parts[0]}.{asAdmin}.{parts[2]}", $"{none}.{parts[1]}.", $"{none}.{parts[1]}.{parts[2]}", $"{hs256}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.!!!!", $"{parts[0]}..{parts[2]}", new string('A', 10_000), parts[0] + "." + new string('A', 4000) + "." + parts[2],
        })
        {
            Assert.False(_tokens.TryRead(forged, out _, out _), forged);
        }
    }

    /// <summary>Each with a signature that is right for what it says, and a key that the token itself would like to be checked with.</summary>
    [Theory]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"../../../../dev/null"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"' union select 'AA' --"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","jku":"http://10.0.0.1/keys"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","x5u":"http://10.0.0.1/cert"}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","x5c":["AA"]}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","crit":["exp"]}""")]
    [InlineData("""{"alg":"ES384","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"nOnE","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"ES256","alg":"none","typ":"at+jwt"}""")]
    [InlineData("""{"typ":"at+jwt","alg":"ES256"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT"}""")]
    [InlineData("""{"alg":"ES256"}""")]
    public void No_header_but_our_own_counts_whoever_signed_it(string header)
    {
        var payload = _tokens.Issue(s_user).Split('.')[1];
        using var ours = OurKey();
        using var theirs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(_tokens.TryRead(Signed(ours, header, payload), out _, out _));
        Assert.False(_tokens.TryRead(Signed(theirs, header, payload), out _, out _));
    }

    [Fact]
    public void A_token_of_our_key_for_something_else_is_no_access_token()
    {
        using var ours = OurKey();
        var own = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(_tokens.Issue(s_user).Split('.')[1]));
        Assert.True(_tokens.TryRead(Signed(ours, Header, Encode(own)), out _, out _));
        foreach (var payload in new[]
        {
            own.Replace("\"aud\":\"vms-api\"", "\"aud\":\"somebody-else\"", StringComparison.Ordinal),
            own.Replace("\"aud\":\"vms-api\",", "", StringComparison.Ordinal),
            own.Replace("\"iss\":\"vms\"", "\"iss\":\"smv\"", StringComparison.Ordinal),
            own.Replace("\"tid\":\"default\",", "", StringComparison.Ordinal),
            own[..^1] + ",\"sub\":\"" + Guid.NewGuid() + "\"}",        // the same key twice: whichever counts, another parser takes the other
            own[..^1] + ",\"aud\":\"vms-api\"}",
            "{}", "[]", "null", "\"text\"", own[..^1],
        })
        {
            Assert.NotEqual(own, payload);
            Assert.False(_tokens.TryRead(Signed(ours, Header, Encode(payload)), out _, out var expired), payload);
            Assert.False(expired);
        }
    }

    /// <summary>JOSE has the two numbers of a signature side by side (RFC 7518 §3.4), X.509 has them in DER: a verifier that takes both takes more
    /// spellings of one token than it thinks.</summary>
    [Fact]
    public void A_signature_in_der_does_not_count()
    {
        using var ours = OurKey();
        var signed = string.Join('.', _tokens.Issue(s_user).Split('.')[..2]);
        var der = ours.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        Assert.False(_tokens.TryRead($"{signed}.{Base64Url.EncodeToString(der)}", out _, out _));
        Assert.False(_tokens.TryRead($"{signed}.{Base64Url.EncodeToString(new byte[64])}", out _, out _));    // r and s of zero: CVE-2022-21449
    }

    private const string Header = """{"alg":"ES256","typ":"at+jwt"}""";

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string Signed(ECDsa key, string header, string payload)
    {
        var signed = $"{Encode(header)}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private ECDsa OurKey()
    {
        var options = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", _directory.Path)]).Build());
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(NodeKey.LoadOrCreate(options).Unprotect(File.ReadAllBytes(Path.Combine(options.KeysDirectory, "access.key"))), out _);
        return key;
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _directory.Dispose();
    }

    private AccessTokens New(string data)
    {
        var options = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", data)]).Build());
        return new AccessTokens(options, NodeKey.LoadOrCreate(options), _time);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
