using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Vms.Control.Auth.Oidc;

/// <summary>The provider's public keys (RFC 7517) for RS256, PS256 and ES256 (RFC 7518 §3.3 to 3.5). What a key may verify follows from the key, never from the
/// token alone: a public key can thus not be used as the secret of an HMAC (RFC 8725 §2.1). Immutable, any thread.</summary>
internal sealed class SigningKeys
{
    private const int MaxKeys = 64;
    private const int MinRsaBits = 2048;

    private readonly List<Key> _keys = [];

    /// <summary>Keys of other kinds, or for encryption, are passed over.</summary>
    /// <exception cref="JsonException">Not a key set.</exception>
    public static SigningKeys Parse(ReadOnlySpan<byte> json)
    {
        var set = JsonSerializer.Deserialize<KeySet>(json, JsonSerializerOptions.Web);
        var keys = new SigningKeys();
        foreach (var key in (set?.Keys ?? throw new JsonException("no keys")).Take(MaxKeys))
        {
            if (key.Use is null or "sig" && Public(key) is { } parameters)
                keys._keys.Add(new Key(key.Kid, key.Alg, parameters));
        }

        return keys;
    }

    /// <param name="keyId">Of the token's header; null where the provider has a single key.</param>
    public bool Has(string? keyId) => keyId is null || _keys.Any(k => k.Id == keyId);

    /// <summary>Is that the signature of the provider over that text?</summary>
    public bool Verify(string algorithm, string? keyId, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        foreach (var key in _keys)
        {
            if ((keyId is null || key.Id == keyId) && (key.Algorithm is null || key.Algorithm == algorithm) && Verify(key.Public, algorithm, signed, signature))
                return true;
        }

        return false;
    }

    private static bool Verify(object parameters, string algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        switch (algorithm, parameters)
        {
            case ("ES256", ECParameters curve):
                using (var ecdsa = ECDsa.Create(curve))
                    return signature.Length == 64 && ecdsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            case ("RS256" or "PS256", RSAParameters numbers):
                using (var rsa = RSA.Create(numbers))
                    return rsa.KeySize >= MinRsaBits && rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, algorithm == "RS256" ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss);
            default:
                return false;
        }
    }

    private static object? Public(JsonKey key)
    {
        try
        {
            return key switch
            {
                { Kty: "RSA", N: { } n, E: { } e } => new RSAParameters { Modulus = Bytes(n), Exponent = Bytes(e) },
                { Kty: "EC", Crv: "P-256", X: { } x, Y: { } y } => Checked(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(x), Y = Bytes(y) } }),
                _ => null,
            };
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static ECParameters Checked(ECParameters curve)
    {
        using var key = ECDsa.Create(curve);    // refuses a point that is not on the curve
        return curve;
    }

    private static byte[] Bytes(string text) => Base64Url.DecodeFromChars(text);

    private sealed record Key(string? Id, string? Algorithm, object Public);

    private sealed record KeySet(IReadOnlyList<JsonKey>? Keys);

    private sealed record JsonKey(string? Kty, string? Kid, string? Use, string? Alg, string? N, string? E, string? Crv, string? X, string? Y);
}
