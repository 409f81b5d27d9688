using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>How one try to pull a camera ended.</summary>
internal enum PullEndKind
{
    /// <summary>By us.</summary>
    Stopped,
    Unreachable,
    Timeout,
    BadCredentials,
    NoSuchPath,
    UnsupportedCodec,
    TransportRefused,

    /// <summary>The camera answers and sends no pictures.</summary>
    NoVideo,

    /// <summary>It plays over UDP or multicast, and not one packet comes.</summary>
    NoPackets,

    /// <summary>TLS: the certificate is not the one that was pinned, or no agreement was reached.</summary>
    TlsRefused,
    PeerClosed,
    ProtocolViolation,
    Redirected,

    /// <summary>Our own fault: see <see cref="PullEnd.Error"/>.</summary>
    Internal,
}

/// <param name="Detail">One sentence for the operator, without credentials.</param>
internal sealed record PullEnd(PullEndKind Kind, string Detail)
{
    public RtspUrl? RedirectTo { get; init; }

    public Exception? Error { get; init; }

    public static PullEnd From(RtspFailure failure) => new(
        failure.Kind switch
        {
            RtspFailureKind.None => PullEndKind.Stopped,
            RtspFailureKind.BadCredentials or RtspFailureKind.CredentialsMissing => PullEndKind.BadCredentials,
            RtspFailureKind.NoSuchPath => PullEndKind.NoSuchPath,
            RtspFailureKind.UnsupportedCodec => PullEndKind.UnsupportedCodec,
            RtspFailureKind.TransportRefused => PullEndKind.TransportRefused,
            RtspFailureKind.Refused => PullEndKind.NoVideo,
            RtspFailureKind.SessionLost => PullEndKind.PeerClosed,
            RtspFailureKind.Timeout => PullEndKind.Timeout,
            RtspFailureKind.Redirected => PullEndKind.Redirected,
            _ => PullEndKind.ProtocolViolation,
        },
        failure.Detail)
    { RedirectTo = failure.RedirectTo };
}
