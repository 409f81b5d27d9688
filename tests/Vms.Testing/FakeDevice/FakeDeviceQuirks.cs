namespace Vms.Testing.FakeDevice;

/// <summary>How an answer comes back broken.</summary>
public enum BrokenAnswer
{
    None,

    /// <summary>A prefix that nothing declares (Reolink TrackMix: <c>tad</c>).</summary>
    UndeclaredPrefix,

    /// <summary>A web page with status 500.</summary>
    HtmlError,

    Truncated,

    /// <summary>Entities that double ten times, and one that names a file.</summary>
    Bomb,

    /// <summary>More bytes than anybody should read.</summary>
    Endless,

    /// <summary>The connection is closed without a word (onvif_srvd: services it does not have).</summary>
    Dropped,

    /// <summary>No answer as long as the client waits.</summary>
    Hanging,

    /// <summary>To another host.</summary>
    RedirectAway,

    /// <summary>To another path of itself.</summary>
    RedirectHome,

    /// <summary>Fault without a code anybody knows.</summary>
    OddFault,

    /// <summary>The user may not do this.</summary>
    Forbidden,
}

/// <summary>What is wrong with a fake device: every property is a fault seen at real ones. Any thread; takes effect at the next request.</summary>
public sealed class FakeDeviceQuirks
{
    /// <summary>Its clock against that of the options.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>How far the time in credentials may be off.</summary>
    public TimeSpan MaxSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The local time, told as UTC (OpenIPC), is what it judges credentials by.</summary>
    public bool TellsNoUtc { get; set; }

    /// <summary>No GetSystemDateAndTime (HiKam A7).</summary>
    public bool HasNoClock { get; set; }

    public bool ClockNeedsCredentials { get; set; }

    /// <summary>Only refuses requests without credentials (onvif_srvd).</summary>
    public bool TakesAnyPassword { get; set; }

    /// <summary>HTTP status of a fault for credentials: 400, 401 and 500 are all seen.</summary>
    public int RefusalStatus { get; set; } = 400;

    /// <summary>Every nonce of HTTP Digest is good for one request.</summary>
    public bool OneTimeNonces { get; set; }

    /// <summary>Host and port in every address it tells, e.g. "10.0.0.9:8080"; empty: none at all (Raysharp).</summary>
    public string? ToldHost { get; set; }

    /// <summary>Addresses have blanks around them.</summary>
    public bool PadsAddresses { get; set; }

    /// <summary>GetServices is not there.</summary>
    public bool HasOnlyCapabilities { get; set; }

    /// <summary>Announces Media 2 and refuses it.</summary>
    public bool RefusesMedia2 { get; set; }

    /// <summary>Namespaces of services that are not announced.</summary>
    public HashSet<string> MissingServices { get; } = [];

    /// <summary>By operation: GetProfiles.</summary>
    public Dictionary<string, BrokenAnswer> Broken { get; } = [];

    /// <summary>By operation: it answers when the task is over.</summary>
    public Dictionary<string, Task> Held { get; } = [];

    /// <summary>What it says of its firmware instead of the options' from now on: after an update.</summary>
    public string? Firmware { get; set; }

    /// <summary>No profile says that anything moves.</summary>
    public bool HasNoPtz { get; set; }

    /// <summary>Only the last profile says so.</summary>
    public bool HasPtzInLastProfile { get; set; }

    /// <summary>Positions in degrees, 0..360 (roleoroleo).</summary>
    public bool Degrees { get; set; }

    public bool HasNoZoom { get; set; }

    /// <summary>Refuses Stop with arguments.</summary>
    public bool StopsOnlyBare { get; set; }

    public bool HasNoPtzStatus { get; set; }

    /// <summary>Refuses Renew with 400 (XiongMai).</summary>
    public bool RefusesRenew { get; set; }

    /// <summary>The address of a subscription is empty (OMNY).</summary>
    public bool TellsNoSubscriptionAddress { get; set; }

    /// <summary>The subscription is told apart by a reference parameter, not by its address (Axis).</summary>
    public bool UsesReferenceParameters { get; set; }

    /// <summary>Long polls end without an answer.</summary>
    public bool CutsLongPolls { get; set; }

    /// <summary>All zeros as its name in discovery.</summary>
    public bool HasNilUuid { get; set; }

    /// <summary>Answers to probes it leaves out, from the first on: lost datagrams.</summary>
    public int LostProbes { get; set; }
}
