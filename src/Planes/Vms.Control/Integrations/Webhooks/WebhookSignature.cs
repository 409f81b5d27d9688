using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Control.Integrations.Webhooks;

/// <summary>How a receiver knows that a request is ours and not an old one: HMAC-SHA-256 over id, time and body, as libraries of many languages check it.</summary>
/// <remarks>Source: Standard Webhooks 1.0.0 (webhook-id, webhook-timestamp, webhook-signature; secrets begin with whsec_).</remarks>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const int SecretBytes = 32;

    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <param name="id">Without full stops.</param>
    public static string Of(string secret, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(secret[SecretPrefix.Length..]);
        var head = Encoding.UTF8.GetBytes($"{id}.{TimestampOf(at)}.");
        var signed = new byte[head.Length + body.Length];
        head.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(head.Length));
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }

    public static string TimestampOf(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The same for the same event and rule, however often it is sent; fit for a header.</summary>
    public static string IdOf(string eventId, string? ruleId) =>
        Uri.EscapeDataString(ruleId is null ? eventId : $"{eventId}:{ruleId}").Replace(".", "%2E", StringComparison.Ordinal);
}
