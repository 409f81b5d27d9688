using Vms.Testing.FakeDevice.Http;

namespace Vms.Testing.FakeDevice.Hikvision;

/// <summary>A stream as /ISAPI/Streaming/channels lists it.</summary>
/// <param name="Id">101 for the main stream of channel 1.</param>
public sealed record FakeHikvisionStream(int Id, string Codec, int Width, int Height)
{
    public bool Enabled { get; init; } = true;

    public string Name { get; init; } = "";
}

/// <summary>A camera of the network behind the recorder.</summary>
/// <param name="StreamIds">Told where the recorder is a hybrid.</param>
public sealed record FakeHikvisionProxy(int Id, string Name, bool Online, params int[] StreamIds);

/// <summary>What the recorder has recorded, in UTC.</summary>
public sealed record FakeHikvisionRecording(int Channel, DateTime Start, DateTime End);

/// <summary>How playback URIs stand in a search's answer.</summary>
public enum UriEscaping
{
    /// <summary>As XML wants it.</summary>
    Right,

    /// <summary>A bare ampersand: the document is not well-formed.</summary>
    Bare,

    /// <summary>"&amp;amp;": an ampersand escaped twice.</summary>
    Twice,
}

/// <summary>A recorder of Hikvision: what it has, and how it deviates.</summary>
public sealed record FakeHikvisionOptions
{
    public DeviceGate Gate { get; init; } = new() { Realm = "DS-7608NI-K2" };

    public string? Server { get; init; } = "App-webs/";

    public string SerialNumber { get; init; } = "DS-7608NI-K2/8P0820200101CCRR000000001WCVU";

    public string Namespace { get; init; } = "http://www.hikvision.com/ver20/XMLSchema";

    public IReadOnlyList<FakeHikvisionProxy> Proxies { get; init; } = [];

    public IReadOnlyList<FakeHikvisionStream> Streams { get; init; } = [];

    /// <summary>Listed apart, as ContentMgmt/StreamingProxy/channels.</summary>
    public IReadOnlyList<FakeHikvisionStream> ProxyStreams { get; init; } = [];

    /// <summary>Sockets by id; a name and whether a picture comes.</summary>
    public IReadOnlyDictionary<int, (string Name, bool Seen)> VideoInputs { get; init; } = new Dictionary<int, (string, bool)>();

    /// <summary>Contacts by number, and whether they are closed.</summary>
    public IReadOnlyDictionary<int, bool> Inputs { get; init; } = new Dictionary<int, bool>();

    public IReadOnlyList<FakeHikvisionRecording> Recordings { get; init; } = [];

    public int RtspPort { get; init; } = 554;

    /// <summary>As in /ISAPI/System/time, and what it means.</summary>
    public string ZoneRule { get; init; } = "CST-0:00:00";

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Its clock minus the world's; null: it always says the same time.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>Times of recordings have the zone's offset, as newer firmwares write them, instead of a Z that means nothing.</summary>
    public bool WritesOffsets { get; init; }

    public UriEscaping Escaping { get; init; }

    /// <summary>The host in playback URIs: its own, which is not the one that it is reached at.</summary>
    public string OwnHost { get; init; } = "192.168.254.1";

    /// <summary>Says MORE also on the last page, and then goes on with empty ones.</summary>
    public bool AlwaysMore { get; init; }

    /// <summary>What this model does not have is status 403 with a reason instead of 404.</summary>
    public bool ForbidsWhatItLacks { get; init; }

    /// <summary>Paths that this user may not use: 403 with lowPrivilege.</summary>
    public Func<string, bool> IsClosed { get; init; } = _ => false;

    public DeviceEvents Events { get; init; } = new();
}
