namespace Vms.Control.Devices.Http;

/// <summary>How one device is talked to.</summary>
internal sealed record DeviceHttpOptions
{
    /// <summary>The operator wants the password sent as it is where the device takes nothing else. With TLS it is allowed anyway.</summary>
    public bool AllowBasicInClear { get; init; }

    /// <summary>https: the only certificate that is accepted, as its SHA-256; null: any, devices sign their own.</summary>
    public ReadOnlyMemory<byte>? CertificateSha256 { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a whole answer, from the request to its last byte; the password's challenge is part of it.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
