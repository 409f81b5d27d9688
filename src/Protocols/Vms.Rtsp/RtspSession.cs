using System.Globalization;

namespace Vms.Rtsp;

/// <summary>
/// The client side of one RTSP connection, without the connection: OPTIONS → DESCRIBE → SETUP → PLAY → keep-alive → TEARDOWN
/// (RFC 2326). Messages and the time go in, bytes to send and a state come out. One caller at a time.
/// </summary>
/// <remarks>
/// <code>
/// Idle → Options → Describing → SettingUp → Starting → Playing → Ended
///                  └────────── any step ──────────────────────→ Ended (Failure says why)
/// </code>
/// <c>now</c> is monotonic, from any origin. Media may arrive from SettingUp on: some cameras do not wait for PLAY's answer.
/// Deviations accepted: no answer or an error to OPTIONS; answers without CSeq; another session id at a later answer; blanks in
/// the Session header; keep-alives that are never answered, or refused (GW4089IP: then OPTIONS).
/// </remarks>
public sealed partial class RtspSession
{
    /// <summary>Tracks that are pulled at most; more are left out.</summary>
    public const int MaxTracks = 8;

    private const int MaxDetail = 120;
    private static readonly TimeSpan s_defaultSessionTimeout = TimeSpan.FromSeconds(60);    // RFC 2326 §12.37
    private static readonly TimeSpan s_longestKeepAlive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_shortestKeepAlive = TimeSpan.FromSeconds(1);

    private readonly RtspSessionOptions _options;
    private readonly RtspAuthentication _authentication;
    private readonly Queue<byte[]> _outgoing = new();
    private readonly List<RtspTrack> _tracks = [];
    private readonly Queue<MediaDescription> _toSetUp = new();
    private readonly List<string> _leftOut = [];
    private RtspUrl _base;
    private RtspUrl _aggregate;
    private PendingRequest? _pending;
    private int _cseq;
    private string? _sessionId;
    private bool _hasGetParameter;
    private TimeSpan _sessionTimeout = s_defaultSessionTimeout;
    private TimeSpan? _keepAliveAt;
    private bool _replaysBare;      // the server does not know ONVIF's replay feature

    public RtspSession(RtspSessionOptions options)
    {
        _options = options;
        _authentication = new(options.Username, options.Password, options.IsSecure || options.AllowBasicInClear);
        _base = _aggregate = options.Url.WithoutCredentials();
    }

    public RtspSessionState State { get; private set; }

    /// <summary>Set once <see cref="State"/> is <see cref="RtspSessionState.Ended"/>.</summary>
    public RtspFailure? Failure { get; private set; }

    public SessionDescription? Description { get; private set; }

    /// <summary>The tracks that are pulled, the video track first; complete from Starting on.</summary>
    public IReadOnlyList<RtspTrack> Tracks => _tracks;

    /// <summary>What the camera offers and is not pulled, in words for the operator; complete from Starting on.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    public IReadOnlyList<RtpInfo> RtpInfo { get; private set; } = [];

    /// <summary>Requests sent with an Authorization header that the camera refused.</summary>
    public int RefusedAnswers { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do; null: nothing waits.</summary>
    public TimeSpan? Deadline => State == RtspSessionState.Ended ? null : Earlier(_pending?.Deadline, _keepAliveAt);

    /// <summary>Call once the connection stands.</summary>
    public void Start(TimeSpan now)
    {
        State = RtspSessionState.Options;
        Send(new("OPTIONS", _base.RequestUri), now);
    }

    /// <summary>The next bytes to put on the connection, in order.</summary>
    public bool TryTakeOutgoing(out byte[] bytes) => _outgoing.TryDequeue(out bytes!);

    public void Receive(RtspMessage message, TimeSpan now)
    {
        if (State == RtspSessionState.Ended)
            return;
        if (!message.IsResponse)
        {
            AnswerServer(message);
            return;
        }

        // Only one request is ever waited for, so an answer without a number is its answer; another number is a late one.
        if (_pending is not { } request || (message.CSeq is { } number && number != request.CSeq))
            return;
        if (message.StatusCode < 200)
            return;

        _pending = null;
        if (message.StatusCode == 401)
        {
            Unauthorized(request, message, now);
            return;
        }

        if (request.Authorized && message.StatusCode != 403)
            _authentication.Accepted();
        if (request.IsKeepAlive)
        {
            KeepAliveAnswered(message, now);
            return;
        }

        switch (State)
        {
            case RtspSessionState.Options:
                OptionsAnswered(message, now);
                break;
            case RtspSessionState.Describing:
                DescribeAnswered(message, now);
                break;
            case RtspSessionState.SettingUp:
                SetupAnswered(message, now);
                break;
            case RtspSessionState.Starting:
                PlayAnswered(message, now);
                break;
            default:
                break;
        }
    }

    /// <summary>Lets time pass: request time-outs and keep-alives.</summary>
    public void Tick(TimeSpan now)
    {
        if (State == RtspSessionState.Ended)
            return;

        if (_pending is { } request && now >= request.Deadline)
        {
            _pending = null;
            if (State == RtspSessionState.Options)
                Describe(now);                          // some never answer OPTIONS
            else if (State == RtspSessionState.SettingUp && _tracks.Count > 0)
                SetupUnanswered(now);
            else if (!request.IsKeepAlive)              // keep-alives may go unanswered: the media says whether the camera lives
                Fail(RtspFailureKind.Timeout, $"No answer to {request.Method} within {_options.RequestTimeout.TotalSeconds:0.#} s.");
        }

        if (_keepAliveAt is { } due && now >= due && _pending is null && State == RtspSessionState.Playing)
            KeepAlive(now);
    }

    /// <summary>Ends the session politely: afterwards the outgoing bytes hold a TEARDOWN if the camera has a session of ours.</summary>
    public void Stop()
    {
        if (State == RtspSessionState.Ended)
            return;

        End(new(RtspFailureKind.None, "Ended."));
    }

    /// <summary>The byte stream is beyond repair.</summary>
    public void Violate(RtspViolation violation) => Fail(RtspFailureKind.ProtocolViolation, violation switch
    {
        RtspViolation.HeadersTooLarge => $"Headers of an answer are longer than {RtspMessageReader.MaxHeaderBytes / 1024} KiB.",
        RtspViolation.BodyTooLarge => $"The body of an answer is longer than {RtspMessageReader.MaxBodyBytes / 1024} KiB.",
        RtspViolation.BadContentLength => "Content-Length of an answer is no number.",
        _ => "What answers there does not speak RTSP.",
    });

    private void Send(PendingRequest request, TimeSpan now)
    {
        var headers = new List<KeyValuePair<string, string>>(request.Headers);
        if (_sessionId is not null)
            headers.Add(new("Session", _sessionId));
        string? authorization = _authentication.Authorize(request.Method, request.Uri);
        if (authorization is not null)
            headers.Add(new("Authorization", authorization));

        request = request with
        {
            CSeq = ++_cseq,
            Authorized = authorization is not null,
            Deadline = now + _options.RequestTimeout,
        };
        _outgoing.Enqueue(RtspRequestWriter.Request(request.Method, request.Uri, request.CSeq, headers));
        _pending = request;
    }

    private void Unauthorized(PendingRequest request, RtspMessage message, TimeSpan now)
    {
        if (request.Authorized)
            RefusedAnswers++;
        switch (_authentication.OnUnauthorized(message.Headers.All("WWW-Authenticate"), request.Authorized, request.Repeated))
        {
            case RtspUnauthorizedOutcome.Answer:
                Send(request with { Repeated = request.Authorized }, now);
                break;
            case RtspUnauthorizedOutcome.NoCredentials:
                Fail(RtspFailureKind.CredentialsMissing, "The camera asks for a user name and a password.");
                break;
            case RtspUnauthorizedOutcome.BasicInClear:
                Fail(RtspFailureKind.BadCredentials, "The camera takes the password only in the clear (Basic). Use rtsps://, or allow it for this camera.");
                break;
            case RtspUnauthorizedOutcome.Rejected:
                Fail(RtspFailureKind.BadCredentials, "The camera refuses the user name or the password.");
                break;
            default:
                Fail(RtspFailureKind.BadCredentials, "The camera asks for a way to authenticate that is not supported.");
                break;
        }
    }

    /// <summary>Servers ask now and then (ANNOUNCE, SET_PARAMETER, OPTIONS); silence makes some of them hang up.</summary>
    private void AnswerServer(RtspMessage request)
    {
        bool known = request.Method is "OPTIONS" or "ANNOUNCE" or "GET_PARAMETER" or "SET_PARAMETER" or "TEARDOWN" or "REDIRECT";
        _outgoing.Enqueue(known
            ? RtspRequestWriter.Response(200, "OK", request.CSeq)
            : RtspRequestWriter.Response(501, "Not Implemented", request.CSeq));
        if (request.Method is "TEARDOWN" or "REDIRECT")
            Fail(RtspFailureKind.SessionLost, $"The camera ended the session ({request.Method}).");
    }

    private void Fail(RtspFailureKind kind, string detail)
    {
        if (State != RtspSessionState.Ended)
            End(new(kind, detail));
    }

    private void End(RtspFailure failure)
    {
        // Nobody waits for the answer. Without it old live555 keeps the session for a minute; refused credentials are not tried again.
        if (_sessionId is not null && failure.Kind is not (RtspFailureKind.SessionLost or RtspFailureKind.BadCredentials))
            Send(new("TEARDOWN", _aggregate.RequestUri), TimeSpan.Zero);
        _pending = null;
        _keepAliveAt = null;
        State = RtspSessionState.Ended;
        Failure = failure;
    }

    /// <summary>What the camera wrote, fit for an operator's eye.</summary>
    private static string Status(RtspMessage message)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{message.StatusCode} {message.Reason}").Trim();
        return string.Create(Math.Min(text.Length, MaxDetail), text, (shown, all) =>
        {
            for (int i = 0; i < shown.Length; i++)
                shown[i] = char.IsControl(all[i]) ? ' ' : all[i];
        });
    }

    private static TimeSpan? Earlier(TimeSpan? a, TimeSpan? b) => a is null || (b is not null && b < a) ? b : a;

    private sealed record PendingRequest(string Method, string Uri)
    {
        public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

        public int CSeq { get; init; }

        public TimeSpan Deadline { get; init; }

        /// <summary>It carried an answer to a challenge.</summary>
        public bool Authorized { get; init; }

        /// <summary>It is the one repetition that an old nonce is worth.</summary>
        public bool Repeated { get; init; }

        public bool IsKeepAlive { get; init; }
    }
}

/// <summary>Where an <see cref="RtspSession"/> stands.</summary>
public enum RtspSessionState
{
    Idle,
    Options,
    Describing,
    SettingUp,
    Starting,
    Playing,
    Ended,
}
