namespace Vms.Rtsp;

public enum RtspTransport
{
    /// <summary>RTP on the RTSP connection.</summary>
    Tcp,
    Udp,

    /// <summary>RTP to a group that the camera names.</summary>
    Multicast,

    /// <summary>As <see cref="Tcp"/>, with the RTSP connection inside HTTP.</summary>
    Http,
}

/// <summary>What an <see cref="RtspSession"/> needs to know before it starts.</summary>
public sealed record RtspSessionOptions
{
    public required RtspUrl Url { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public RtspTransport Transport { get; init; }

    /// <summary>UDP only: even port of RTP for the n-th track, RTCP's is the next one. Asked once per track.</summary>
    public Func<int, int> ClientRtpPort { get; init; } = _ => 0;

    /// <summary>Encoding names that are spoken, as in <c>a=rtpmap</c>; the first video track of one of them is pulled.</summary>
    public IReadOnlyList<string> VideoEncodings { get; init; } = ["H264"];

    /// <summary>Which tracks are pulled beside the video track, as long as there are at most <see cref="RtspSession.MaxTracks"/>.</summary>
    public Predicate<MediaDescription> AlsoPulled { get; init; } = _ => false;

    /// <summary>The connection is encrypted.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Basic credentials, which anybody on the way can read, may go over a connection that is not encrypted.</summary>
    public bool AllowBasicInClear { get; init; }

    /// <summary>How long the camera may think about one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A stretch of the past instead of what the camera sees now.</summary>
    public RtspReplay? Replay { get; init; }

    /// <summary>The caller followed a redirect already: a second one is a failure.</summary>
    public bool RedirectFollowed { get; init; }
}
