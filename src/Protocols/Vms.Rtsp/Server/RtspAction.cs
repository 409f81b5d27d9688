namespace Vms.Rtsp.Server;

/// <summary>What the connection has to do next for a request.</summary>
public enum RtspActionKind
{
    /// <summary>Send <see cref="RtspAction.Reply"/>; the request is done.</summary>
    Reply,

    /// <summary>Send <see cref="RtspAction.Reply"/>, then close the connection.</summary>
    ReplyAndClose,

    /// <summary>Check <see cref="RtspAction.Credential"/> for <see cref="RtspAction.Target"/>, then
    /// <see cref="RtspServerSession.Authorized"/> or <see cref="RtspServerSession.Refuse"/>.</summary>
    Authorize,

    /// <summary>Get the description, then <see cref="RtspServerSession.Described"/> or <see cref="RtspServerSession.Refuse"/>.</summary>
    Describe,

    /// <summary>Prepare <see cref="RtspAction.Track"/> for <see cref="RtspAction.Transport"/>, then
    /// <see cref="RtspServerSession.SetUp"/> or <see cref="RtspServerSession.Refuse"/>.</summary>
    SetUp,

    /// <summary>Get ready to send, then <see cref="RtspServerSession.Played"/>; media follow its reply.</summary>
    Play,

    /// <summary>Stop sending, then send <see cref="RtspAction.Reply"/>. The tracks stay set up.</summary>
    Pause,

    /// <summary>Stop sending and forget the tracks, then send <see cref="RtspAction.Reply"/>.</summary>
    TearDown,

    /// <summary>The client wants to send what <see cref="RtspAction.Description"/> says: <see cref="RtspServerSession.Announced"/> or
    /// <see cref="RtspServerSession.Refuse"/>.</summary>
    Announce,

    /// <summary>Get ready to receive section <see cref="RtspAction.Track"/> of the announced description, then
    /// <see cref="RtspServerSession.SetUpToRecord"/> or <see cref="RtspServerSession.Refuse"/>.</summary>
    SetUpToRecord,

    /// <summary>Receive, then <see cref="RtspServerSession.Recorded"/> or <see cref="RtspServerSession.Refuse"/>.</summary>
    Record,
}

/// <summary>What a right is for.</summary>
public enum RtspPurpose
{
    Watch,
    Publish,

    /// <summary>The request does not say: either will do.</summary>
    Either,
}

/// <summary>See <see cref="RtspActionKind"/>.</summary>
public readonly record struct RtspAction(RtspActionKind Kind)
{
    /// <summary>The bytes of the response.</summary>
    public byte[] Reply { get; init; } = [];

    public RtspTarget? Target { get; init; }

    public RtspCredential Credential { get; init; }

    /// <summary>What <see cref="Credential"/> has to be good for.</summary>
    public RtspPurpose Purpose { get; init; }

    public SessionDescription? Description { get; init; }

    public RtspTransportOffer Transport { get; init; }

    public int Track { get; init; }
}

/// <summary>Where a track begins, for the RTP-Info header (RFC 2326 §12.33).</summary>
public readonly record struct RtspTrackStart(int Track, ushort SequenceNumber, uint Timestamp);
