namespace Vms.Media.Ingest;

/// <summary>What an operator reads at a stream. In the API and in NATS in camel case.</summary>
internal enum PullStateKind
{
    Connecting,
    Online,

    /// <summary>On demand, and nobody wants it.</summary>
    Idle,
    Offline,
    Unauthorized,
    Unsupported,
}

/// <summary>Why a stream is not online. Stable codes, in camel case.</summary>
internal enum PullReason
{
    None,
    Unreachable,
    NoSuchPath,
    BadCredentials,
    UnsupportedCodec,
    NoVideo,
    Timeout,
    ProtocolViolation,

    /// <summary>The node has as many streams, or as much memory in stream logs, as it may.</summary>
    LimitReached,

    /// <summary>TLS: not the pinned certificate, or none that can be agreed on.</summary>
    BadCertificate,

    /// <summary>A stream that is sent to us, and nobody sends.</summary>
    NoPublisher,
}

/// <param name="Detail">One sentence for the operator, without credentials; empty when all is well.</param>
/// <param name="Since">When <paramref name="Kind"/> began.</param>
/// <param name="RetryAt">When the next try is due; null when none waits.</param>
internal sealed record PullState(PullStateKind Kind, PullReason Reason, string Detail, DateTimeOffset Since, DateTimeOffset? RetryAt);
