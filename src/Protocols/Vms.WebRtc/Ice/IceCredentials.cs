using System.Buffers;
using System.Security.Cryptography;

namespace Vms.WebRtc.Ice;

/// <summary>A user name fragment and password for one ICE session (RFC 8839 §5.4): ice-char, 4..256 and 22..256 characters.</summary>
public sealed record IceCredentials(string UserFragment, string Password)
{
    public const int MaxLength = 256;
    private const int MinUserFragmentLength = 4;
    private const int MinPasswordLength = 22;

    // "-", "_" and "=" are no ice-char, but clients that encode with another base64 alphabet send them.
    private static readonly SearchValues<char> s_accepted =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=");

    /// <summary>48 and 144 random bits: a fragment is also the key under which a session is found, so it must not collide.</summary>
    public static IceCredentials Generate() => new(
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(6)), Convert.ToBase64String(RandomNumberGenerator.GetBytes(18)));

    internal static bool IsUserFragment(string? value) => IsIceChars(value, MinUserFragmentLength);

    internal static bool IsPassword(string? value) => IsIceChars(value, MinPasswordLength);

    private static bool IsIceChars(string? value, int minLength) =>
        value is not null && value.Length >= minLength && value.Length <= MaxLength
        && value.AsSpan().IndexOfAnyExcept(s_accepted) < 0;
}
