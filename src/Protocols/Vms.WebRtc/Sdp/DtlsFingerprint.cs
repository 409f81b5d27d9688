using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Vms.WebRtc.Sdp;

/// <summary>A certificate's fingerprint as announced in SDP (RFC 8122 §5). SHA-1 and MD5 are refused.</summary>
public sealed class DtlsFingerprint
{
    private readonly HashAlgorithmName _algorithm;
    private readonly byte[] _hash;

    private DtlsFingerprint(HashAlgorithmName algorithm, byte[] hash)
    {
        _algorithm = algorithm;
        _hash = hash;
    }

    /// <param name="certificate">DER.</param>
    public static DtlsFingerprint Sha256Of(ReadOnlySpan<byte> certificate) =>
        new(HashAlgorithmName.SHA256, SHA256.HashData(certificate));

    /// <param name="value">"sha-256 AB:CD:…" as after <c>a=fingerprint:</c>.</param>
    /// <param name="fingerprint">Null when malformed or of a hash that is not accepted.</param>
    public static bool TryParse(string? value, [NotNullWhen(true)] out DtlsFingerprint? fingerprint)
    {
        fingerprint = null;
        var fields = value?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields is not { Length: 2 } || fields[1].Length > 64 * 3)
            return false;

        var (algorithm, length) = fields[0].ToUpperInvariant() switch
        {
            "SHA-256" => (HashAlgorithmName.SHA256, 32),
            "SHA-384" => (HashAlgorithmName.SHA384, 48),
            "SHA-512" => (HashAlgorithmName.SHA512, 64),
            _ => (default, 0),
        };
        var hash = new byte[length];
        var hex = fields[1].Replace(":", "", StringComparison.Ordinal);
        if (length == 0 || hex.Length != 2 * length
            || Convert.FromHexString(hex, hash, out _, out int written) != System.Buffers.OperationStatus.Done || written != length)
            return false;

        fingerprint = new DtlsFingerprint(algorithm, hash);
        return true;
    }

    /// <param name="certificate">DER, as the peer presented it.</param>
    public bool Matches(ReadOnlySpan<byte> certificate) =>
        CryptographicOperations.FixedTimeEquals(_hash, CryptographicOperations.HashData(_algorithm, certificate));

    public override string ToString()
    {
        var name = _algorithm == HashAlgorithmName.SHA256 ? "sha-256" : _algorithm == HashAlgorithmName.SHA384 ? "sha-384" : "sha-512";
        return $"{name} {string.Join(':', _hash.Select(b => b.ToString("X2")))}";
    }
}
