namespace Vms.Rtsp;

public enum RtspItemKind
{
    /// <summary>Nothing complete yet. <see cref="RtspItem.Consumed"/> may still be positive: skipped bytes.</summary>
    NeedMore,

    /// <summary>One <c>$</c> frame (RFC 2326 §10.12).</summary>
    Interleaved,

    Message,

    /// <summary>The connection cannot be used any more; see <see cref="RtspItem.Violation"/>.</summary>
    Violation,
}

/// <summary>Why a byte stream is given up. Stable names.</summary>
public enum RtspViolation
{
    None,
    HeadersTooLarge,
    BodyTooLarge,
    BadContentLength,
    NotRtsp,
}

/// <summary>What <see cref="RtspMessageReader.Read"/> found at the start of the buffer.</summary>
public readonly ref struct RtspItem
{
    public RtspItemKind Kind { get; init; }

    /// <summary>Bytes of the buffer that are done with; the next call starts behind them.</summary>
    public int Consumed { get; init; }

    /// <summary>With <see cref="RtspItemKind.NeedMore"/>: how long the rest of the buffer must become for progress to be possible.
    /// Never above <see cref="RtspMessageReader.MaxItemBytes"/>.</summary>
    public int Wanted { get; init; }

    public byte Channel { get; init; }

    /// <summary>The interleaved frame without its four bytes; borrowed from the buffer.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    public RtspMessage? Message { get; init; }

    public RtspViolation Violation { get; init; }
}
