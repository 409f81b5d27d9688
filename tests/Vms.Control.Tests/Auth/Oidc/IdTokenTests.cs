using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Vms.Control.Auth.Oidc;

namespace Vms.Control.Tests.Auth.Oidc;

/// <summary>Tokens made by hand: what a good provider never sends.</summary>
public sealed class IdTokenTests : IDisposable
{
    private const string Issuer = "https://login.example.org/realm";
    private static readonly DateTimeOffset s_now = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);
    private static readonly OidcOptions s_options = OidcOptions.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["VMS_OIDC_ISSUER"] = Issuer,
        ["VMS_OIDC_CLIENT_ID"] = "vms",
    }).Build())!;

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly SigningKeys _keys;

    public IdTokenTests()
    {
        var rsa = _rsa.ExportParameters(includePrivateParameters: false);
        var point = _curve.ExportParameters(includePrivateParameters: false).Q;
        _keys = SigningKeys.Parse(JsonSerializer.SerializeToUtf8Bytes(new
        {
            keys = new object[]
            {
                new { kty = "RSA", kid = "r", use = "sig", alg = "RS256", n = Base64Url.EncodeToString(rsa.Modulus), e = Base64Url.EncodeToString(rsa.Exponent) },
                new { kty = "EC", kid = "c", crv = "P-256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) },
                new { kty = "RSA", kid = "enc", use = "enc", n = Base64Url.EncodeToString(rsa.Modulus), e = Base64Url.EncodeToString(rsa.Exponent) },
                new { kty = "OKP", kid = "o", crv = "Ed25519", x = "AAAA" },
                new { kty = "EC", kid = "off", crv = "P-256", x = Base64Url.EncodeToString(new byte[32]), y = Base64Url.EncodeToString(new byte[32]) },
                new { kty = "RSA", kid = "text", n = "!!", e = "AQAB" },
            },
        }));
    }

    [Fact]
    public void A_good_token_names_who_it_is()
    {
        Assert.Equal("anna", Check(Rsa(Claims())).Subject);
        Assert.Equal("anna", Check(Curve(Claims())).Subject);
        Assert.Equal("anna", Check(Rsa(Claims(c => (c["aud"], c["azp"]) = (new JsonArray("vms", "other"), "vms")))).Subject);
        Assert.Equal("anna", Check(Rsa(Claims(c => c["exp"] = s_now.ToUnixTimeSeconds() - 59))).Subject);     // a minute's difference of clocks
    }

    [Fact]
    public void No_other_algorithm_counts_than_the_keys_own()
    {
        var claims = Claims();
        string[] forged =
        [
            Token("""{"alg":"none"}""", claims, _ => []),
            Token("""{"alg":"none","kid":"r"}""", claims, _ => []),
            Token("""{"alg":"HS256","kid":"r"}""", claims, t => HMACSHA256.HashData(_rsa.ExportSubjectPublicKeyInfo(), t)),
            Token("""{"alg":"HS256","kid":"r"}""", claims, t => HMACSHA256.HashData(Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), t)),
            Token("""{"alg":"RS512","kid":"r"}""", claims, t => _rsa.SignData(t, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)),
            Token("""{"alg":"RS256","kid":"r"}""", claims, t => _rsa.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
            Token("""{"alg":"PS256","kid":"r"}""", claims, t => _rsa.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),     // the key says RS256
            Token("""{"alg":"RS256","kid":"enc"}""", claims, SignRsa),
            Token("""{"alg":"RS256","kid":"unknown"}""", claims, SignRsa),
            Token("""{"alg":"RS256","kid":"c"}""", claims, SignRsa),
            Token("""{"alg":"RS256","kid":"r","crit":["b64"],"b64":false}""", claims, SignRsa),
            Token("""{"alg":"ES256","kid":"c"}""", claims, t => _curve.SignData(t, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            Token("""{"alg":"ES256","kid":"c"}""", claims, _ => new byte[64]),
            Token("""{"alg":"ES256","kid":"off"}""", claims, _ => new byte[64]),
        ];
        foreach (var token in forged)
            Refused(token);
    }

    [Fact]
    public void A_key_in_the_token_itself_is_not_looked_at()
    {
        using var own = RSA.Create(2048);
        var numbers = own.ExportParameters(false);
        var header = JsonSerializer.Serialize(new
        {
            alg = "RS256",
            kid = "r",
            jku = "https://attacker.example.org/keys",
            jwk = new { kty = "RSA", n = Base64Url.EncodeToString(numbers.Modulus), e = Base64Url.EncodeToString(numbers.Exponent) },
        });
        Refused(Token(header, Claims(), t => own.SignData(t, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    [Fact]
    public void Claims_of_somebody_else_or_of_another_time_do_not_count()
    {
        Action<JsonObject>[] changes =
        [
            c => c["iss"] = Issuer + "/", c => c["iss"] = "https://other.example.org", c => c.Remove("iss"),
            c => c["aud"] = "other", c => c["aud"] = new JsonArray("other"), c => c.Remove("aud"), c => c["aud"] = new JsonArray("vms", "other"),
            c => c["azp"] = "other", c => c["exp"] = s_now.ToUnixTimeSeconds() - 61, c => c.Remove("exp"), c => c["exp"] = "never", c => c["exp"] = 1e300,
            c => c["iat"] = s_now.ToUnixTimeSeconds() + 61, c => c.Remove("iat"), c => c["nonce"] = "other", c => c.Remove("nonce"),
            c => c["sub"] = "", c => c.Remove("sub"), c => c["sub"] = 7, c => c["sub"] = new string('x', 256),
        ];
        foreach (var change in changes)
            Refused(Rsa(Claims(change)));
    }

    [Fact]
    public void Text_that_is_no_token_is_refused()
    {
        var good = Rsa(Claims());
        var parts = good.Split('.');
        string[] bad =
        [
            "", ".", "..", "...", "a.b.c", parts[0] + "." + parts[1], good + ".x", good[..^2], $"{parts[0]}..{parts[2]}", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}.!!",
            $".{parts[1]}.{parts[2]}", new string('A', 40_000), Rsa("[]"), Rsa("7"), Rsa("not json"), Rsa(Claims().Insert(1, "\"sub\":\"admin\",")),
            Rsa(new string('[', 100) + new string(']', 100)), Token("[]", Claims(), SignRsa), Token("null", Claims(), SignRsa), Token("{", Claims(), SignRsa),
        ];
        foreach (var token in bad)
            Refused(token);
    }

    public void Dispose()
    {
        _rsa.Dispose();
        _curve.Dispose();
    }

    private static string Claims(Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = "anna",
            ["aud"] = "vms",
            ["nonce"] = "n",
            ["iat"] = s_now.ToUnixTimeSeconds(),
            ["exp"] = s_now.ToUnixTimeSeconds() + 300,
        };
        change?.Invoke(claims);
        return claims.ToJsonString();
    }

    private string Rsa(string claims) => Token("""{"alg":"RS256","kid":"r"}""", claims, SignRsa);

    private string Curve(string claims) => Token(
        """{"alg":"ES256","kid":"c"}""", claims, t => _curve.SignData(t, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    private byte[] SignRsa(byte[] text) => _rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static string Token(string header, string claims, Func<byte[], byte[]> sign)
    {
        var signed = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
        return signed + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)));
    }

    private IdToken Check(string token) => IdToken.Check(token, _keys, s_options, "n", s_now);

    private void Refused(string token) => Assert.Equal("ssoFailed", Assert.Throws<OidcException>(() => Check(token)).Code);
}
