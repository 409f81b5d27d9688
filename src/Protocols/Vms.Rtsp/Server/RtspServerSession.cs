using System.Globalization;
using System.Text;

namespace Vms.Rtsp.Server;

/// <summary>
/// The server's side of one RTSP connection (RFC 2326 A.2) with its one session:
/// Init → SETUP → Ready → PLAY → Playing → PAUSE → Ready; TEARDOWN leads back to Init. A publisher goes Init → ANNOUNCE → Announced → SETUP →
/// Ready → RECORD → Playing. Sans-IO: takes requests, says what to do, makes the replies.
/// </summary>
/// <remarks>One request at a time: every <see cref="Receive"/> ends in exactly one reply. One caller at a time.</remarks>
/// <param name="sessionId">Unguessable.</param>
/// <param name="offersUdp">There are UDP ports.</param>
public sealed class RtspServerSession(string sessionId, bool offersUdp)
{
    /// <summary>A client that says nothing for so long may be forgotten; it is told at SETUP.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private const string Methods = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, ANNOUNCE, RECORD, GET_PARAMETER, SET_PARAMETER, TEARDOWN";
    private const int MaxMethodLength = 32;

    private RtspMessage _request = new();
    private RtspTarget? _target;
    private RtspTransportOffer _transport;
    private string? _grantedPath;
    private RtspCredential _granted;
    private RtspPurpose _grantedFor;
    private SessionDescription? _announced;     // by a publisher
    private string? _path;              // of the session
    private bool _interleaved;          // of its tracks

    /// <summary>A track is set up.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Media flow, in whichever direction.</summary>
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
        if (!asterisk && !(_announced is null ? RtspTarget.TryParse(request.Uri, out _target) : RtspTarget.TryParse(request.Uri, _announced, out _target)))
            return Refuse(400);

        var credential = RtspCredential.Of(_target, request.Headers["Authorization"]);
        if (asterisk)
            return _grantedPath is null ? Challenge() : Go();
        if (IsReady && _target!.Path != _path)
            return Reply(455, ("Allow", Methods));      // one presentation a session
        var purpose = PurposeOf(request.Method);
        if (IsReady)
        {
            // Another credential may take over, for what the session does and nothing else.
            var ofSession = _announced is null ? RtspPurpose.Watch : RtspPurpose.Publish;
            if (purpose != RtspPurpose.Either && purpose != ofSession)
                return Reply(455, ("Allow", Methods));
            purpose = ofSession;
        }

        if (_grantedPath == _target!.Path && (credential.IsEmpty || credential == _granted))
        {
            if (purpose == RtspPurpose.Either || purpose == _grantedFor)
                return Go();
            credential = _granted;      // the same right, for something else
        }

        if (credential.IsEmpty)
            return Challenge();
        return new(RtspActionKind.Authorize) { Target = _target, Credential = credential, Purpose = purpose };
    }

    /// <summary>The credential is good for the target.</summary>
    /// <param name="purpose">What for.</param>
    public RtspAction Authorized(RtspCredential credential, RtspPurpose purpose = RtspPurpose.Watch)
    {
        _granted = credential;
        _grantedFor = purpose;
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

    /// <summary>What the client wants to send can be taken.</summary>
    public RtspAction Announced(SessionDescription description)
    {
        _announced = description;
        return Reply(200);
    }

    /// <summary>The track may be sent.</summary>
    /// <param name="rtpPort">Where to, over UDP; RTCP goes to the next.</param>
    public RtspAction SetUpToRecord(int rtpPort)
    {
        _path = _target!.Path;
        _interleaved = _transport.IsInterleaved;
        IsReady = true;
        string transport = _interleaved
            ? string.Create(CultureInfo.InvariantCulture, $"RTP/AVP/TCP;unicast;interleaved={_transport.RtpChannel}-{_transport.RtcpChannel};mode=record")
            : string.Create(CultureInfo.InvariantCulture, $"RTP/AVP;unicast;client_port={_transport.ClientRtpPort}-{_transport.ClientRtcpPort};server_port={rtpPort}-{rtpPort + 1};mode=record");
        return Reply(200, ("Transport", transport), SessionHeader);
    }

    /// <summary>Packets are taken from now on.</summary>
    public RtspAction Recorded()
    {
        IsPlaying = true;
        return Reply(200, SessionHeader);
    }

    private RtspPurpose PurposeOf(string method) => method switch
    {
        "ANNOUNCE" or "RECORD" => RtspPurpose.Publish,
        "SETUP" or "PAUSE" => _announced is null ? RtspPurpose.Watch : RtspPurpose.Publish,
        "DESCRIBE" or "PLAY" => RtspPurpose.Watch,
        _ => RtspPurpose.Either,
    };

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
            case "ANNOUNCE" when _target is not null && !IsReady:
                return SessionDescription.Parse(_request.Body.Span) is { } description
                    ? new(RtspActionKind.Announce) { Target = _target, Description = description }
                    : Refuse(400);
            case "RECORD" when IsPlaying && _announced is not null:
                return Reply(200, SessionHeader);
            case "RECORD" when IsReady && _announced is not null && _target is not null:
                return new(RtspActionKind.Record) { Target = _target };
            case "PLAY" when IsPlaying && _announced is null:
                return Reply(200, SessionHeader);
            case "PLAY" when IsReady && _announced is null && _target is not null:
                return new(RtspActionKind.Play) { Target = _target };
            case "PAUSE" when IsReady && _announced is null:
                IsPlaying = false;
                return Reply(200, SessionHeader) with { Kind = RtspActionKind.Pause };
            case "TEARDOWN" when IsReady:
                IsReady = IsPlaying = false;
                _announced = null;
                return Reply(200) with { Kind = RtspActionKind.TearDown };
            case "PLAY" or "PAUSE" or "TEARDOWN" or "DESCRIBE" or "SETUP" or "ANNOUNCE" or "RECORD":
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
        if (!RtspTransportOffer.TryChoose(_request.Headers["Transport"], offersUdp, _announced is not null, out _transport) || (IsReady && _transport.IsInterleaved != _interleaved))
            return Refuse(461);
        if (_announced is null)
            return new(RtspActionKind.SetUp) { Target = _target, Transport = _transport, Track = track };
        if (_transport is { IsInterleaved: true, RtpChannel: null })
            _transport = _transport with { RtpChannel = (byte)(2 * track), RtcpChannel = (byte)((2 * track) + 1) };
        return new(RtspActionKind.SetUpToRecord) { Target = _target, Transport = _transport, Track = track };
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
        405 => "Method Not Allowed",
        409 => "Conflict",
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
