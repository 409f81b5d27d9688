using System.Security.Cryptography;
using System.Xml.Linq;
using Vms.Rtsp;

namespace Vms.Onvif.Soap;

/// <summary>What to do after a device refused a request for the sake of its credentials.</summary>
public enum AuthenticationStep
{
    /// <summary>Send it again: it carries something else now. Not a second try of a password.</summary>
    Repeat,

    /// <summary>Ask the device for its clock, then send it again: credentials that worked, or were not looked at.</summary>
    ReadClock,

    /// <summary>The device refused the credentials; nothing is sent with them again, because that can lock the account.</summary>
    Rejected,

    /// <summary>The device wants credentials and there are none.</summary>
    NoCredentials,

    /// <summary>Only Basic is offered, on a connection that would show the password to everybody on the way.</summary>
    BasicInClear,
}

/// <summary>
/// Which credentials a request to a device carries. The first request carries none: its refusal tells what the device wants (HTTP Digest or Basic, or a
/// token in SOAP), and is the only proof that credentials are looked at at all (onvif_srvd takes any). So a wrong password is sent once. One caller at a time.
/// </summary>
/// <remarks>
/// <code>
/// nothing ──401 with a challenge──▶ HTTP ──fault although HTTP let it pass──▶ HTTP and token
///    └─────refused without one────▶ token
/// </code>
/// HTTP's answers are those of RTSP (RFC 7616, RFC 7617), hence the same code.
/// </remarks>
public sealed class OnvifAuthentication
{
    /// <summary>A device that calls every nonce old asks for the password for ever.</summary>
    private const int MaxStale = 2;

    private readonly OnvifCredentials? _credentials;
    private readonly RtspAuthentication _http;
    private Carried _carried;
    private bool _hasWorked;        // since the last refusal
    private bool _readClock;        // for the refusal at hand

    /// <param name="credentials">Null: none.</param>
    public OnvifAuthentication(OnvifCredentials? credentials)
    {
        _credentials = credentials;
        _http = new RtspAuthentication(credentials?.Username, credentials?.Password, credentials?.AllowClear == true);
    }

    [Flags]
    private enum Carried
    {
        Nothing = 0,
        Http = 1,
        Token = 2,
    }

    /// <summary>Difference between the device's clock and ours: what is added to ours.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>The device refused these credentials, and has not taken them since it was first asked: they are not sent again.</summary>
    public bool IsRejected { get; private set; }

    /// <summary>The device refused a request without credentials, and took one with them.</summary>
    public bool IsProven { get; private set; }

    /// <summary>Requests carry credentials.</summary>
    public bool IsCarrying => _carried != Carried.Nothing;

    /// <summary>Value of the Authorization header, or null.</summary>
    /// <param name="path">Path and query of the request.</param>
    public string? Authorization(string path) => _carried.HasFlag(Carried.Http) ? _http.Authorize("POST", path) : null;

    /// <summary>Value of the Authorization header of a GET, for pictures: only what HTTP asked for.</summary>
    public string? AuthorizationToGet(string path) => _carried.HasFlag(Carried.Http) ? _http.Authorize("GET", path) : null;

    /// <summary>The header of SOAP, or null.</summary>
    /// <param name="now">By our clock.</param>
    public XElement? Token(DateTimeOffset now)
    {
        if (!_carried.HasFlag(Carried.Token) || _credentials is null)
            return null;

        if (_credentials.TokenInClear)
            return UsernameToken.Clear(_credentials);
        return UsernameToken.Digest(_credentials, now + ClockOffset, RandomNumberGenerator.GetBytes(UsernameToken.NonceLength));
    }

    /// <summary>The device answered a request that carried credentials.</summary>
    public void Accepted()
    {
        _readClock = false;
        if (!IsCarrying)
            return;
        _hasWorked = true;
        IsProven = true;
        _http.Accepted();
    }

    /// <summary>The device has taken the same credentials from somebody else since it refused them here: they may be sent again.</summary>
    public void AreTaken()
    {
        IsRejected = false;
        _hasWorked = true;
    }

    /// <param name="isHttp">The refusal is HTTP's: status 401.</param>
    /// <param name="challenges">Values of all WWW-Authenticate headers.</param>
    /// <param name="fault">What SOAP says, where it says something.</param>
    /// <param name="repetitions">How often the request was sent before.</param>
    public AuthenticationStep Refused(bool isHttp, IReadOnlyList<string> challenges, SoapFault? fault, int repetitions)
    {
        if (_credentials is null)
            return AuthenticationStep.NoCredentials;

        if (isHttp && challenges.Count > 0)
            return RefusedByHttp(challenges, repetitions);
        if (_carried == Carried.Nothing || (_carried == Carried.Http && !isHttp))
        {
            _carried |= Carried.Token;
            return AuthenticationStep.Repeat;
        }

        // Clocks jump: a camera that has just started, or has found its time server.
        if (!_readClock && _carried.HasFlag(Carried.Token) && (_hasWorked || fault?.Kind == SoapFaultKind.Expired))
        {
            _readClock = true;
            return AuthenticationStep.ReadClock;
        }

        return Reject();
    }

    private AuthenticationStep RefusedByHttp(IReadOnlyList<string> challenges, int repetitions)
    {
        bool answered = _carried.HasFlag(Carried.Http);
        switch (_http.OnUnauthorized(challenges, answered, alreadyRepeated: repetitions > MaxStale))
        {
            case RtspUnauthorizedOutcome.Answer when _carried == Carried.Token && !_hasWorked:
                return Reject();        // the token was the one try
            case RtspUnauthorizedOutcome.Answer:
                _carried |= Carried.Http;
                return AuthenticationStep.Repeat;
            case RtspUnauthorizedOutcome.BasicInClear:
                return AuthenticationStep.BasicInClear;
            case RtspUnauthorizedOutcome.UnsupportedScheme when _carried == Carried.Nothing:
                _carried = Carried.Token;       // a scheme nobody knows may stand beside SOAP's
                return AuthenticationStep.Repeat;
            default:
                return Reject();
        }
    }

    /// <summary>After credentials that worked, the first refusal may be one of rights: the account may not do this, but other things.</summary>
    private AuthenticationStep Reject()
    {
        IsRejected = !_hasWorked;
        _hasWorked = false;
        _readClock = false;
        return AuthenticationStep.Rejected;
    }
}
