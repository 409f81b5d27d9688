namespace Vms.Rtsp;

public enum RtspTransport
{
    Tcp,
    Udp,
}

/// <summary>What an <see cref="RtspSession"/> needs to know before it starts.</summary>
public sealed record RtspSessionOptions
{
    public required RtspUrl Url { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public RtspTransport Transport { get; init; }

    /// <summary>UDP only: even port of RTP, RTCP's is the next one.</summary>
    public int ClientRtpPort { get; init; }

    /// <summary>Encoding names that are spoken, as in <c>a=rtpmap</c>; the first video track of one of them is pulled.</summary>
    public IReadOnlyList<string> VideoEncodings { get; init; } = ["H264"];

    /// <summary>How long the camera may think about one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The caller followed a redirect already: a second one is a failure.</summary>
    public bool RedirectFollowed { get; init; }
}
