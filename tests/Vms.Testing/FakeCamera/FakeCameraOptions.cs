using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>Which credentials a fake camera asks for. Several offer a choice, in the order of the flags.</summary>
[Flags]
public enum RtspAuthentication
{
    None = 0,
    Basic = 1,
    DigestSha256 = 2,
    DigestMd5 = 4,
}

/// <summary>What a <see cref="FakeCameraServer"/> serves.</summary>
public sealed record FakeCameraOptions
{
    /// <summary>Of all cameras, until <see cref="FakeCamera.SwitchTo"/>.</summary>
    public required VideoFootage Footage { get; init; }

    /// <summary>Footage of single cameras instead of <see cref="Footage"/>: number of the camera, from 1.</summary>
    public IReadOnlyDictionary<int, VideoFootage> FootageOf { get; init; } = new Dictionary<int, VideoFootage>();

    public int Cameras { get; init; } = 1;

    /// <summary>Tracks of every camera beside its video.</summary>
    public IReadOnlyList<SideTrack> SideTracks { get; init; } = [];

    /// <summary>What all cameras have recorded themselves; null: nothing, and ranges are not looked at.</summary>
    public FakeRecording? Recording { get; init; }

    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>Where multicast goes, when it is asked for; null: it is refused.</summary>
    public System.Net.IPEndPoint? MulticastGroup { get; init; }

    /// <summary>Even; RTCP goes from the next one. 0: any free pair.</summary>
    public int UdpPort { get; init; }

    public RtspAuthentication Authentication { get; init; }

    public string User { get; init; } = "admin";

    public string Password { get; init; } = "secret";

    /// <summary>Largest RTP payload, bytes.</summary>
    public int MaxPayload { get; init; } = 1400;

    /// <summary>Every RTP packet in a write of its own, spread over half a frame's time: what real cameras do.</summary>
    public bool WirePaced { get; init; }

    /// <summary>Begins anywhere in the GOP instead of waiting for a keyframe.</summary>
    public bool StartAnywhere { get; init; }

    /// <summary>Announced in the Session header; a session without any request or RTCP for this long is closed.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
