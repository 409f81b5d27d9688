using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Control.Auth;

/// <summary>What an API key looks like: <c>vms_</c> and 256 random bits. Only its SHA-256 is stored: nobody guesses such a number, so a slow hash gains nothing.</summary>
internal static class ApiKey
{
    public const string Prefix = "vms_";

    private const int SecretBytes = 32;
    private const int MaxLength = 64;
    private const int ShownLength = 12;

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>What it is recognised by in lists.</summary>
    public static string ShownOf(string key) => key[..ShownLength];

    public static bool LooksLikeOne(string text) => text.Length <= MaxLength && text.StartsWith(Prefix, StringComparison.Ordinal);

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
