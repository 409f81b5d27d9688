using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Vms.Testing.FakeDevice;

/// <summary>Which credentials a fake device takes. Several offer a choice.</summary>
[Flags]
public enum DeviceAuthentication
{
    /// <summary>Everybody may do everything.</summary>
    None = 0,

    /// <summary>A digest in SOAP's header.</summary>
    TokenDigest = 1,

    /// <summary>The password in SOAP's header.</summary>
    TokenText = 2,

    HttpDigest = 4,
    HttpBasic = 8,

    /// <summary>HTTP's and SOAP's credentials, both in each request.</summary>
    Both = 16,
}

/// <summary>A stream of a fake device.</summary>
/// <param name="Codec">As in Media 2: H264, H265, JPEG; empty: a profile without pictures.</param>
/// <param name="StreamUri">Null: <c>rtsp://HOST:554/Token</c>.</param>
public sealed record FakeProfile(string Token, string Name, string VideoSource, string Codec, int Width, int Height, string? StreamUri = null);

/// <summary>What a fake device is when it starts.</summary>
public sealed record FakeDeviceOptions
{
    /// <summary>Every address of 127.0.0.0/8 makes another device.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    public DeviceAuthentication Authentication { get; init; } = DeviceAuthentication.TokenDigest;

    public string User { get; init; } = "admin";

    public string Password { get; init; } = "secret";

    public string Manufacturer { get; init; } = "Fake & Sons";

    public string Model { get; init; } = "FD-1 <dome>";

    public string Firmware { get; init; } = "1.0.7";

    public string SerialNumber { get; init; } = "0123456789";

    public string Mac { get; init; } = "00-1a-2b-3c-4d-5e";

    /// <summary>Name in discovery, without <c>urn:uuid:</c>.</summary>
    public string Uuid { get; init; } = Guid.NewGuid().ToString();

    public IReadOnlyList<FakeProfile> Profiles { get; init; } =
    [
        new("profile_1", "main", "source_1", "H264", 1920, 1080),
        new("profile_2", "sub", "source_1", "H264", 640, 360),
        new("profile_3", "tiny", "source_1", "H264", 176, 144),
        new("profile_4", "main", "source_1", "JPEG", 1280, 720),
        new("profile_5", "events only", "source_1", "", 0, 0),
    ];

    /// <summary>What it has recorded itself; with none it has neither search nor replay service.</summary>
    public IReadOnlyList<FakeDeviceRecording> Recordings { get; init; } = [];

    /// <summary>It speaks HTTPS with it; null: plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>What its clock is based on.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
