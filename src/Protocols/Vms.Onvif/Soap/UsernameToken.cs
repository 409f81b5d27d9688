using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Vms.Onvif.Soap;

/// <summary>WS-Security's header with a user name and the digest of a password (OASIS Username Token Profile 1.0 §3; ONVIF Core Specification §5.9.4).</summary>
public static class UsernameToken
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceLength = 16;

    private const string Profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
    private const string Base64Binary = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

    /// <param name="created">By the device's clock: it refuses what lies more than some seconds beside.</param>
    /// <param name="nonce">Random, never the same twice.</param>
    public static XElement Digest(OnvifCredentials credentials, DateTimeOffset created, ReadOnlySpan<byte> nonce)
    {
        string text = TimeOf(created);
        return Security(
            credentials.Username, new XAttribute("Type", Profile + "#PasswordDigest"), DigestOf(nonce, text, credentials.Password),
            new XElement(OnvifNamespaces.Security + "Nonce", new XAttribute("EncodingType", Base64Binary), Convert.ToBase64String(nonce)),
            new XElement(OnvifNamespaces.SecurityUtility + "Created", text));
    }

    /// <summary>The password as it is, for devices that take nothing else.</summary>
    public static XElement Clear(OnvifCredentials credentials) =>
        Security(credentials.Username, new XAttribute("Type", Profile + "#PasswordText"), credentials.Password);

    /// <summary>Base64(SHA-1(nonce + created + password)).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The profile names SHA-1, and devices know nothing else.")]
    public static string DigestOf(ReadOnlySpan<byte> nonce, string created, string password) =>
        Convert.ToBase64String(SHA1.HashData([.. nonce, .. Encoding.UTF8.GetBytes(created), .. Encoding.UTF8.GetBytes(password)]));

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static XElement Security(string username, XAttribute type, string password, params object[] more) => new(
        OnvifNamespaces.Security + "Security",
        new XAttribute(OnvifNamespaces.Envelope + "mustUnderstand", "1"),
        new XElement(
            OnvifNamespaces.Security + "UsernameToken",
            new XElement(OnvifNamespaces.Security + "Username", username),
            new XElement(OnvifNamespaces.Security + "Password", type, password),
            more));
}
