using Vms.Testing.FakeDevice.Http;

namespace Vms.Testing.FakeDevice.Dahua;

/// <summary>A stream as the encoder is set.</summary>
public sealed record FakeDahuaStream(string Codec, int Width, int Height, bool Enabled = true);

/// <summary>One place of the recorder.</summary>
/// <param name="Taken">A camera of the network is entered here; null: the place has a socket.</param>
/// <param name="Dark">No picture comes.</param>
/// <param name="Streams">Main stream, then further ones.</param>
public sealed record FakeDahuaChannel(string Name, bool? Taken, bool Dark, params FakeDahuaStream[] Streams);

/// <summary>What the recorder has recorded, in UTC.</summary>
/// <param name="Channel">From 1.</param>
public sealed record FakeDahuaFile(int Channel, DateTime Start, DateTime End);

/// <summary>A recorder of Dahua: what it has, and how it deviates.</summary>
public sealed record FakeDahuaOptions
{
    public DeviceGate Gate { get; init; } = new() { Realm = "Login to 4A0000FPAZ00001" };

    public IReadOnlyList<FakeDahuaChannel> Channels { get; init; } = [];

    /// <summary>Names of the contacts.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>A bit for each contact that is closed.</summary>
    public ulong InputStates { get; init; }

    public IReadOnlyList<FakeDahuaFile> Files { get; init; } = [];

    public int RtspPort { get; init; } = 554;

    /// <summary>The number in NTP.TimeZone, and what it means together with <see cref="Locales"/>.</summary>
    public int ZoneNumber { get; init; }

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Its clock minus the world's; null: it does not tell the time.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>Lines of configManager Locales.</summary>
    public string Locales { get; init; } = "table.Locales.DSTEnable=false";

    /// <summary>Files that one answer holds at most, however many were asked for.</summary>
    public int FilesAtOnce { get; init; } = 100;

    /// <summary>Searches that may be open at a time; a client that forgets to close them is refused.</summary>
    public int MaxFinders { get; init; } = 2;

    /// <summary>Sizes only as "1920x1080", as older firmwares write them.</summary>
    public bool WritesResolution { get; init; }

    /// <summary>Errors have status 200.</summary>
    public bool ErrorsAreGood { get; init; }

    public DeviceEvents Events { get; init; } = new();
}
