using System.Globalization;
using System.Text;

namespace Vms.Rtsp.Server;

/// <summary>
/// The server's side of one RTSP connection (RFC 2326 A.2) with its one session:
/// Init → SETUP → Ready → PLAY → Playing → PAUSE → Ready; TEARDOWN leads back to Init. Sans-IO: takes requests, says what to do, makes the replies.
/// </summary>
/// <remarks>One request at a time: every <see cref="Receive"/> ends in exactly one reply. One caller at a time.</remarks>
/// <param name="sessionId">Unguessable.</param>
/// <param name="offersUdp">There are UDP ports.</param>
public sealed class RtspServerSession(string sessionId, bool offersUdp)
{
    /// <summary>A client that says nothing for so long may be forgotten; it is told at SETUP.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private const string Methods = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN";
    private const int MaxMethodLength = 32;

    private RtspMessage _request = new();
    private RtspTarget? _target;
    private RtspTransportOffer _transport;
    private string? _grantedPath;
    private RtspCredential _granted;
    private string? _path;              // of the session
    private bool _interleaved;          // of its tracks

    /// <summary>A track is set up.</summary>
    public bool IsReady { get; private set; }

    public bool IsPlaying { get; private set; }

    /// <summary>What the client has last shown and was accepted; empty before.</summary>
    public RtspCredential Granted => _granted;

    /// <summary>Takes up a request.</summary>
    public RtspAction Receive(RtspMessage request)
    {
        _request = request;
        _target = null;
        if (request.IsResponse || request.CSeq is null || request.Method.Length > MaxMethodLength)
            return ReplyAndClose(400);
        bool asterisk = request.Uri == "*";
        if (!asterisk && !RtspTarget.TryParse(request.Uri, out _target))
            return Refuse(400);

        var credential = RtspCredential.Of(_target, request.Headers["Authorization"]);
        if (asterisk)
            return _grantedPath is null ? Challenge() : Go();
        if (IsReady && _target!.Path != _path)
            return Reply(455, ("Allow", Methods));      // one presentation a session
        if (_grantedPath == _target!.Path && (credential.IsEmpty || credential == _granted))
            return Go();
        if (credential.IsEmpty)
            return Challenge();
        return new(RtspActionKind.Authorize) { Target = _target, Credential = credential };
    }

    /// <summary>The credential is good for the target.</summary>
    public RtspAction Authorized(RtspCredential credential)
    {
        _granted = credential;
        _grantedPath = _target!.Path;
        return Go();
    }

    /// <summary>Answers the request with an error; 401 carries a challenge.</summary>
    public RtspAction Refuse(int status) => status == 401 ? Challenge() : Reply(status);

    /// <param name="description">SDP.</param>
    public RtspAction Described(string description) => new(RtspActionKind.Reply)
    {
        Reply = Write(200, Encoding.UTF8.GetBytes(description), ("Content-Base", _target!.BaseUri), ("Content-Type", "application/sdp")),
    };

    /// <summary>The track is ready.</summary>
    /// <param name="serverPorts">RTP and RTCP; not used for an interleaved track, whose channels are twice its number and the next.</param>
    public RtspAction SetUp(uint ssrc, (int Rtp, int Rtcp) serverPorts)
    {
        _path = _target!.Path;
        _interleaved = _transport.IsInterleaved;
        IsReady = true;
        int channel = 2 * _target.Track!.Value;
        string transport = _interleaved
            ? string.Create(CultureInfo.InvariantCulture, $"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1};ssrc={ssrc:X8}")
            : string.Create(CultureInfo.InvariantCulture, $"RTP/AVP;unicast;client_port={_transport.ClientRtpPort}-{_transport.ClientRtcpPort};server_port={serverPorts.Rtp}-{serverPorts.Rtcp};ssrc={ssrc:X8}");
        return Reply(200, ("Transport", transport), SessionHeader);
    }

    /// <summary>Sending begins behind this reply.</summary>
    /// <param name="starts">Tracks whose first packet is known.</param>
    public RtspAction Played(IReadOnlyList<RtspTrackStart> starts)
    {
        IsPlaying = true;
        string information = string.Join(",", starts.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"url={_target!.TrackUri(s.Track)};seq={s.SequenceNumber};rtptime={s.Timestamp}")));
        return information.Length == 0
            ? Reply(200, SessionHeader, ("Range", "npt=now-"))
            : Reply(200, SessionHeader, ("Range", "npt=now-"), ("RTP-Info", information));
    }

    /// <summary>The request may be carried out.</summary>
    private RtspAction Go()
    {
        string? session = _request.Headers["Session"]?.Split(';')[0].Trim();
        if (session is not null && (session != sessionId || !IsReady))
            return Refuse(454);
        if (_request.Headers["Require"] is { } feature)
            return Reply(551, ("Unsupported", OneLine(feature)));

        switch (_request.Method)
        {
            case "OPTIONS":
                return Reply(200, ("Public", Methods));
            case "GET_PARAMETER" or "SET_PARAMETER":
                return IsReady ? Reply(200, SessionHeader) : Reply(200);
            case "DESCRIBE" when _target is not null:
                return new(RtspActionKind.Describe) { Target = _target };
            case "SETUP" when _target is not null:
                return ChooseTransport();
            case "PLAY" when IsPlaying:
                return Reply(200, SessionHeader);
            case "PLAY" when IsReady && _target is not null:
                return new(RtspActionKind.Play) { Target = _target };
            case "PAUSE" when IsReady:
                IsPlaying = false;
                return Reply(200, SessionHeader) with { Kind = RtspActionKind.Pause };
            case "TEARDOWN" when IsReady:
                IsReady = IsPlaying = false;
                return Reply(200) with { Kind = RtspActionKind.TearDown };
            case "PLAY" or "PAUSE" or "TEARDOWN" or "DESCRIBE" or "SETUP":
                return Reply(455, ("Allow", Methods));
            default:
                return Reply(501, ("Public", Methods));
        }
    }

    private RtspAction ChooseTransport()
    {
        if (IsPlaying)
            return Reply(455, ("Allow", Methods));
        if (_target!.Track is not { } track)
            return Refuse(459);         // aggregate operation not allowed
        if (!RtspTransportOffer.TryChoose(_request.Headers["Transport"], offersUdp, out _transport) || (IsReady && _transport.IsInterleaved != _interleaved))
            return Refuse(461);
        return new(RtspActionKind.SetUp) { Target = _target, Transport = _transport, Track = track };
    }

    private (string, string) SessionHeader => ("Session", string.Create(CultureInfo.InvariantCulture, $"{sessionId};timeout={(int)Timeout.TotalSeconds}"));

    private RtspAction Challenge() => Reply(401, ("WWW-Authenticate", "Basic realm=\"VMS\""));

    private RtspAction Reply(int status, params ReadOnlySpan<(string, string)> headers) => new(RtspActionKind.Reply) { Reply = Write(status, [], headers) };

    private RtspAction ReplyAndClose(int status) => new(RtspActionKind.ReplyAndClose) { Reply = Write(status, []) };

    private byte[] Write(int status, byte[] body, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var text = new StringBuilder(256);
        text.Append(CultureInfo.InvariantCulture, $"RTSP/1.0 {status} {ReasonOf(status)}\r\n");
        if (_request.CSeq is { } sequence)
            text.Append(CultureInfo.InvariantCulture, $"CSeq: {sequence}\r\n");
        text.Append("Server: VMS\r\n");
        foreach (var (name, value) in headers)
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        if (body.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        text.Append("\r\n");
        return [.. Encoding.ASCII.GetBytes(text.ToString()), .. body];
    }

    /// <summary>A client's text on its way back.</summary>
    private static string OneLine(string text) =>
        text.Length > 100 || text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "unknown" : text;

    private static string ReasonOf(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        415 => "Unsupported Media Type",
        453 => "Not Enough Bandwidth",
        454 => "Session Not Found",
        455 => "Method Not Valid in This State",
        459 => "Aggregate Operation Not Allowed",
        461 => "Unsupported Transport",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        551 => "Option not supported",
        _ => "Error",
    };
}
