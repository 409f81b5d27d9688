using System.Net;

namespace Vms.Control.Devices.Onvif;

/// <summary>How patient a client is with its device.</summary>
internal sealed record OnvifClientOptions
{
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the request to the last byte of the answer; a long poll has its own time beside it.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>SHA-256 of the certificate a device shows over HTTPS, hexadecimal; null: any, because devices make their own. The password goes as a
    /// digest either way.</summary>
    public string? CertificateSha256 { get; init; }

    /// <summary>Asked before each connection: why not to this address and port; null: it may be. Null here: every address may be.</summary>
    public Func<IPAddress, int, string?>? Refusal { get; init; }
}
