namespace Vms.Rtsp;

/// <summary>How an RTSP session ends. Stable: states, metrics and logs use the names.</summary>
public enum RtspFailureKind
{
    /// <summary>Ended by us.</summary>
    None,
    BadCredentials,

    /// <summary>The camera asks for credentials and none are configured.</summary>
    CredentialsMissing,

    /// <summary>404, 410: nothing lives at that path.</summary>
    NoSuchPath,

    /// <summary>457: it has nothing of the time that was asked for.</summary>
    NoSuchRange,

    /// <summary>The description has no video track that is spoken here.</summary>
    UnsupportedCodec,

    /// <summary>461, or another refusal that the other transport may cure.</summary>
    TransportRefused,

    /// <summary>The camera answers and gives no video: 453 (too many sessions), 5xx.</summary>
    Refused,

    /// <summary>The camera no longer knows the session (454), or ended it.</summary>
    SessionLost,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>Not RTSP, beyond a ceiling, or an answer that makes no sense.</summary>
    ProtocolViolation,

    /// <summary>Not a failure: go on at <see cref="RtspFailure.RedirectTo"/>.</summary>
    Redirected,
}

/// <summary>Why a session ended, and where.</summary>
/// <param name="Detail">One sentence for the operator; no credentials, text of the camera shortened.</param>
public sealed record RtspFailure(RtspFailureKind Kind, string Detail)
{
    public RtspUrl? RedirectTo { get; init; }
}
