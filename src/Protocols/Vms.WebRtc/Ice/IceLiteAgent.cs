using System.Text;
using Vms.WebRtc.Stun;

namespace Vms.WebRtc.Ice;

/// <summary>What became of a connectivity check.</summary>
public enum IceCheckOutcome
{
    /// <summary>Answered; the address was already known.</summary>
    Refreshed,

    /// <summary>Answered; from now on this address may do DTLS.</summary>
    Validated,

    /// <summary>Answered; media goes to this address from now on.</summary>
    Selected,

    /// <summary>An error response was written: both sides are controlled (RFC 8445 §7.3.1.1) or an unknown attribute.</summary>
    Refused,

    /// <summary>Not ours or not authentic. Nothing is answered: an unauthenticated sender learns nothing.</summary>
    Ignored,
}

/// <summary>
/// The lite side of ICE (RFC 8445 §2.5, §7.3): answers the peer's checks, remembers which addresses passed, sends to the
/// one the peer nominated, and gives up when nothing authentic comes any more.
/// </summary>
/// <remarks>
/// Waiting → first valid check → Checked → USE-CANDIDATE → Nominated → no valid check or report for <see cref="ConsentTimeout"/> → Expired.
/// A later nomination moves the session to the new address (a phone changing networks). One caller at a time.
/// </remarks>
public sealed class IceLiteAgent
{
    /// <summary>A browser checks every 2.5 s; 30 s without a check or a report is the end (as consent, RFC 7675 §5.1).</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Addresses remembered; one more replaces the stalest that is not selected.</summary>
    public const int MaxValidated = 8;

    /// <summary>Space an answer needs at most.</summary>
    public const int MaxResponseLength = 128;

    private readonly byte[] _localFragment;
    private readonly byte[] _localPassword;
    private readonly TransportAddress[] _validated = new TransportAddress[MaxValidated];
    private readonly TimeSpan[] _validatedAt = new TimeSpan[MaxValidated];
    private byte[]? _remoteFragment;
    private int _validatedCount;
    private TimeSpan _lastHeard;
    private TransportAddress _selected;

    /// <param name="local">Ours, as announced in the SDP.</param>
    /// <param name="remoteFragment">The peer's; null until its answer arrives, then <see cref="SetRemoteFragment"/>.</param>
    /// <param name="now">Starts the time in which the first check has to arrive.</param>
    public IceLiteAgent(IceCredentials local, string? remoteFragment, TimeSpan now)
    {
        LocalFragment = local.UserFragment;
        _localFragment = Encoding.ASCII.GetBytes(local.UserFragment);
        _localPassword = Encoding.ASCII.GetBytes(local.Password);
        _lastHeard = now;
        if (remoteFragment is not null)
            SetRemoteFragment(remoteFragment);
    }

    /// <summary>Ours, as the peer has it from the SDP.</summary>
    public string LocalFragment { get; }

    public bool HasSelected { get; private set; }

    /// <summary>Where media goes; only with <see cref="HasSelected"/>.</summary>
    public TransportAddress Selected => _selected;

    /// <summary>The receiver's half of a check's user name, by which the session is found.</summary>
    public static bool TryReadLocalFragment(in StunMessage request, out ReadOnlySpan<byte> fragment)
    {
        int colon = request.Username.IndexOf((byte)':');
        fragment = colon > 0 ? request.Username[..colon] : default;
        return colon > 0;
    }

    public bool HasRemoteFragment(string remoteFragment) =>
        _remoteFragment is not null && _remoteFragment.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(remoteFragment));

    public void SetRemoteFragment(string remoteFragment) => _remoteFragment = Encoding.ASCII.GetBytes(remoteFragment);

    /// <summary>Something authentic came over the session that shows that the peer wants it, as a check does: peers such as pion report
    /// (SRTCP) and do not check again while they receive.</summary>
    public void Hear(TimeSpan now) => _lastHeard = now;

    public bool IsExpired(TimeSpan now) => now - _lastHeard > ConsentTimeout;

    public bool IsValidated(in TransportAddress address) => IndexOf(address) >= 0;

    /// <summary>Answers one Binding request (RFC 8445 §7.3).</summary>
    /// <param name="request">Parsed, otherwise unchecked.</param>
    /// <param name="from">Where it came from and where the answer goes.</param>
    /// <param name="now">Monotonic.</param>
    /// <param name="response">At least <see cref="MaxResponseLength"/> bytes.</param>
    /// <param name="responseLength">0 with <see cref="IceCheckOutcome.Ignored"/>.</param>
    public IceCheckOutcome HandleRequest(
        in StunMessage request, in TransportAddress from, TimeSpan now, Span<byte> response, out int responseLength)
    {
        responseLength = 0;
        if (request.Type != StunMessageType.BindingRequest || !IsForUs(request)
            || !request.VerifyFingerprint() || !request.VerifyIntegrity(_localPassword))
            return IceCheckOutcome.Ignored;

        if (request.HasUnknownRequired)
            return Refuse(request, 420, "Unknown Attribute"u8, response, out responseLength);
        if (request.IceControlled)
            return Refuse(request, 487, "Role Conflict"u8, response, out responseLength);

        Span<byte> address = stackalloc byte[16];
        var builder = new StunMessageBuilder(response, StunMessageType.BindingSuccess, request.TransactionId);
        builder.AddXorMappedAddress(from.WriteAddress(address), from.Port);
        builder.AddIntegrity(_localPassword);
        builder.AddFingerprint();
        responseLength = builder.Length;

        _lastHeard = now;
        bool isNew = Remember(from, now);
        if (request.UseCandidate && (!HasSelected || _selected != from))
        {
            HasSelected = true;
            _selected = from;
            return IceCheckOutcome.Selected;
        }

        return isNew ? IceCheckOutcome.Validated : IceCheckOutcome.Refreshed;
    }

    /// <summary>Meant for this agent: a check between an old and a new one of the same session (RFC 8445 §9).</summary>
    public bool IsNamedBy(in StunMessage request) => TryReadLocalFragment(request, out var local) && local.SequenceEqual(_localFragment);

    private bool IsForUs(in StunMessage request)
    {
        if (!IsNamedBy(request))
            return false;

        // A check may overtake the peer's answer: until then its own fragment is not known.
        return _remoteFragment is null || request.Username[(_localFragment.Length + 1)..].SequenceEqual(_remoteFragment);
    }

    private IceCheckOutcome Refuse(
        in StunMessage request, int code, ReadOnlySpan<byte> reason, Span<byte> response, out int responseLength)
    {
        var builder = new StunMessageBuilder(response, StunMessageType.BindingError, request.TransactionId);
        builder.AddErrorCode(code, reason);
        builder.AddIntegrity(_localPassword);
        builder.AddFingerprint();
        responseLength = builder.Length;
        return IceCheckOutcome.Refused;
    }

    /// <returns>True when the address was not known before.</returns>
    private bool Remember(in TransportAddress address, TimeSpan now)
    {
        int known = IndexOf(address);
        if (known >= 0)
        {
            _validatedAt[known] = now;
            return false;
        }

        int slot = _validatedCount < MaxValidated ? _validatedCount++ : Stalest();
        _validated[slot] = address;
        _validatedAt[slot] = now;
        return true;
    }

    private int Stalest()
    {
        int stalest = -1;
        for (int i = 0; i < _validatedCount; i++)
        {
            if (HasSelected && _validated[i] == _selected)
                continue;
            if (stalest < 0 || _validatedAt[i] < _validatedAt[stalest])
                stalest = i;
        }

        return stalest;
    }

    private int IndexOf(in TransportAddress address) => Array.IndexOf(_validated, address, 0, _validatedCount);
}
