using Vms.Hosting;
using Vms.Media.Streams;
using Vms.Rtp.Rtcp;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Srtp;
using Vms.WebRtc.Stun;

namespace Vms.Media.Egress.WebRtc;

/// <summary>Why a viewer's session ended; label of log, metric and session list.</summary>
internal enum SessionEnd
{
    None,
    ClosedByViewer,
    PeerClosed,
    ConsentExpired,
    NeverConnected,
    DtlsFailed,
    WrongFingerprint,
    NoSrtpProfile,
    StreamRemoved,

    /// <summary>Its viewer may not see it any more.</summary>
    AccessRevoked,
    Shutdown,
}

/// <summary>
/// One viewer's WebRTC session from offer to end: checks → DTLS → media. Opened → (first valid check) → (DTLS) → Connected →
/// (peer's description known, fingerprint right) → Playing → Ended.
/// </summary>
/// <remarks>Any thread; the gate is held for a check, a report or a change of state, never while sending.</remarks>
internal sealed class WebRtcSession : IDisposable
{
    private readonly Lock _gate = new();
    private IceLiteAgent _ice;
    private IceLiteAgent? _nextIce;         // restarted: counts once the peer has chosen a way with it
    private readonly TimeSpan _openedAt;
    private readonly List<TransportAddress> _addresses = [];
    private readonly List<IceTcpConnection> _connections = [];
    private SrtcpReceiver? _srtcp;
    private SrtpSender? _srtp;
    private byte[] _peerCertificate = [];
    private PeerPath? _selected;
    private PeerPath _lastDtlsPath;
    private NegotiatedVideo? _negotiated;
    private NegotiatedSound? _negotiatedSound;
    private bool _hears = true;
    private WebRtcViewer? _viewer;
    private Viewing? _viewing;

    public WebRtcSession(
        string id, string user, LiveStream stream, WebRtcStream egress, IDisposable demand, LocalVideo video, LocalSound? sound,
        DateTimeOffset openedAtUtc, TimeSpan now)
    {
        Id = id;
        User = user;
        Stream = stream;
        Egress = egress;
        Demand = demand;
        Video = video;
        Sound = sound;
        OpenedAtUtc = openedAtUtc;
        Credentials = IceCredentials.Generate();
        Dtls = new DtlsPeer(this);
        _openedAt = now;
        _ice = new IceLiteAgent(Credentials, remoteFragment: null, now);
    }

    /// <summary>128 random bits: whoever knows it may end the session.</summary>
    public string Id { get; }

    public string User { get; }

    public LiveStream Stream { get; }

    public WebRtcStream Egress { get; }

    /// <summary>Keeps an on-demand camera pulled.</summary>
    public IDisposable Demand { get; }

    public LocalVideo Video { get; }

    /// <summary>What we can send; null: the stream had none when the session was opened.</summary>
    public LocalSound? Sound { get; }

    public DateTimeOffset OpenedAtUtc { get; }

    /// <summary>The newest of ours.</summary>
    public IceCredentials Credentials { get; private set; }

    /// <summary>Of ours, those under which the peer may still check.</summary>
    public IReadOnlyList<string> Fragments
    {
        get
        {
            lock (_gate)
                return _nextIce is null ? [_ice.LocalFragment] : [_ice.LocalFragment, _nextIce.LocalFragment];
        }
    }

    public DtlsPeer Dtls { get; }

    public SessionEnd End { get; private set; }

    /// <summary>Null before media flows.</summary>
    public WebRtcViewer? Viewer => Volatile.Read(ref _viewer);

    /// <summary>The addresses under which the peer is known to the demultiplexer.</summary>
    public IReadOnlyList<TransportAddress> Addresses
    {
        get
        {
            lock (_gate)
                return [.. _addresses];
        }
    }

    /// <summary>The TCP connections among them.</summary>
    public IReadOnlyList<IceTcpConnection> Connections
    {
        get
        {
            lock (_gate)
                return [.. _connections];
        }
    }

    /// <summary>Its viewing, given back with its end.</summary>
    /// <returns>False: it has ended already, and the viewing with it.</returns>
    public bool TryHold(Viewing viewing)
    {
        lock (_gate)
        {
            if (End == SessionEnd.None)
            {
                _viewing = viewing;
                return true;
            }
        }

        viewing.Dispose();
        return false;
    }

    /// <summary>Its video flows: it is watched from now on.</summary>
    public void Watch() => _viewing?.Watch(WatchKind.Live, Stream.CameraId, Stream.Name, "webrtc");

    /// <summary>What both sides agreed on is known.</summary>
    public void Accept(NegotiatedVideo negotiated, NegotiatedSound? sound)
    {
        lock (_gate)
        {
            if (_negotiated is null)        // an answer to a restart says nothing new but the fragment
                (_negotiated, _negotiatedSound) = (negotiated, sound);
            (_nextIce ?? _ice).SetRemoteFragment(negotiated.Transport.UserFragment);
        }
    }

    /// <summary>The viewer wants the sound that was agreed, or does not for now.</summary>
    /// <returns>False when none was agreed.</returns>
    public bool TrySwitchSound(bool on)
    {
        lock (_gate)
        {
            if (_negotiatedSound is null)
                return false;
            _hears = on;
            if (_viewer?.Sound is { } sound)
                sound.IsOn = on;
        }

        Egress.Signal();
        return true;
    }

    /// <summary>New credentials of ours for the peer's new ones; a restart that has not come to anything is replaced.</summary>
    /// <returns>A fragment of ours that counts no more.</returns>
    public string? RestartIce(string? remoteFragment, TimeSpan now)
    {
        lock (_gate)
        {
            var abandoned = _nextIce?.LocalFragment;
            Credentials = IceCredentials.Generate();
            _nextIce = new IceLiteAgent(Credentials, remoteFragment, now);
            return abandoned;
        }
    }

    /// <summary>The peer's credentials are these already: no restart.</summary>
    public bool HasRemoteFragment(string fragment)
    {
        lock (_gate)
            return (_nextIce ?? _ice).HasRemoteFragment(fragment);
    }

    public IceCheckOutcome Check(
        in StunMessage request, in PeerPath from, TimeSpan now, Span<byte> response, out int responseLength)
    {
        var address = from.Address;
        responseLength = 0;
        lock (_gate)
        {
            if (End != SessionEnd.None)
                return IceCheckOutcome.Ignored;
            var agent = _nextIce?.IsNamedBy(request) == true ? _nextIce : _ice;
            var outcome = agent.HandleRequest(request, address, now, response, out responseLength);
            if (outcome is IceCheckOutcome.Validated or IceCheckOutcome.Selected && !_addresses.Contains(address))
            {
                _addresses.Add(address);
                if (from.Tcp is not null)
                    _connections.Add(from.Tcp);
            }

            if (outcome == IceCheckOutcome.Selected)
            {
                _selected = from;
                _viewer?.Move(from);
            }

            return outcome;
        }
    }

    /// <summary>After a check: what it has made stale. The peer has chosen a way with its new credentials, or has more addresses than are
    /// remembered.</summary>
    /// <param name="fragment">Of ours, that counts no more; else null.</param>
    /// <param name="connections">Among the stale addresses; to be closed.</param>
    public IReadOnlyList<TransportAddress> Forget(out string? fragment, out IReadOnlyList<IceTcpConnection> connections)
    {
        fragment = null;
        connections = [];
        lock (_gate)
        {
            if (_nextIce is { HasSelected: true })
            {
                fragment = _ice.LocalFragment;
                (_ice, _nextIce) = (_nextIce, null);
            }
            else if (_addresses.Count <= 2 * IceLiteAgent.MaxValidated)
            {
                return [];      // both agents' fit
            }

            List<TransportAddress> stale = [.. _addresses.Where(a => !IsKnown(a))];
            _addresses.RemoveAll(stale.Contains);
            connections = [.. _connections.Where(c => stale.Contains(c.Address))];
            _connections.RemoveAll(connections.Contains);
            return stale;
        }
    }

    public bool IsValidated(in TransportAddress address)
    {
        lock (_gate)
            return IsKnown(address);
    }

    /// <summary>Its media goes this way.</summary>
    public bool Uses(IceTcpConnection connection)
    {
        lock (_gate)
            return _selected?.Tcp == connection;
    }

    /// <summary>Why the session has to end by now; <see cref="SessionEnd.None"/> while it lives.</summary>
    public SessionEnd Overdue(TimeSpan now)
    {
        lock (_gate)
        {
            if (_ice.IsExpired(now) && _nextIce?.IsExpired(now) != false)
                return _viewer is null ? SessionEnd.NeverConnected : SessionEnd.ConsentExpired;
            return _viewer is null && now - _openedAt > IceLiteAgent.ConsentTimeout ? SessionEnd.NeverConnected : SessionEnd.None;
        }
    }

    /// <summary>DTLS is through: the keys, and who the peer says it is.</summary>
    public void SetKeys(SrtpProfile profile, ReadOnlySpan<byte> exported, byte[] peerCertificate, PeerPath from)
    {
        var (client, server) = SrtpMasterKey.Split(profile, exported);
        lock (_gate)
        {
            if (End != SessionEnd.None)
                return;
            _srtp = new SrtpSender(server, static key => new OpenSslGcmEncryptor(key));      // we are the DTLS server
            _srtcp = new SrtcpReceiver(client);
            _peerCertificate = peerCertificate;
            _lastDtlsPath = from;
        }
    }

    /// <summary>Starts the media, and attaches the viewer to its stream, once DTLS is through and the peer's description is known, in whichever order they came.</summary>
    /// <returns>Why the session has to end instead; <see cref="SessionEnd.None"/> otherwise.</returns>
    public SessionEnd TryPlay(bool segmentation, WebRtcCounters counters, out WebRtcViewer? started)
    {
        started = null;
        lock (_gate)
        {
            if (_viewer is not null || _srtp is null || _negotiated is null || End != SessionEnd.None)
                return SessionEnd.None;
            if (!_negotiated.Transport.Fingerprint.Matches(_peerCertificate))
                return SessionEnd.WrongFingerprint;

            var sound = Sound is { } local && _negotiatedSound is { } agreed ? new ViewerSound(local, agreed, _hears) : null;
            started = new WebRtcViewer(_srtp, Video, _negotiated, _selected ?? _lastDtlsPath, segmentation, counters, sound);
            _srtp = null;       // the viewer's now
            Volatile.Write(ref _viewer, started);
            Egress.Attach(started);     // under the gate: an end that comes now is posted after it
            return SessionEnd.None;
        }
    }

    /// <summary>Takes a report of the peer.</summary>
    /// <param name="datagram">Decrypted in place.</param>
    /// <param name="now">An authentic report is a sign of life.</param>
    public SrtcpOutcome ReceiveReport(Span<byte> datagram, TimeSpan now)
    {
        bool asked;
        lock (_gate)
        {
            if (_srtcp is null || _viewer is null)
                return SrtcpOutcome.Malformed;
            var outcome = _srtcp.Unprotect(datagram, out int length);
            if (outcome != SrtcpOutcome.Accepted)
                return outcome;
            _ice.Hear(now);
            asked = ReadFeedback(datagram[..length], _viewer.Feedback);
        }

        if (asked)
            Egress.Signal();
        return SrtcpOutcome.Accepted;
    }

    /// <summary>Ends it for good.</summary>
    /// <returns>False when it had ended before.</returns>
    public bool TryEnd(SessionEnd end, out WebRtcViewer? viewer)
    {
        lock (_gate)
        {
            viewer = _viewer;
            if (End != SessionEnd.None)
                return false;
            End = end;
            _srtcp?.Dispose();
            _srtcp = null;
            _srtp?.Dispose();
            _srtp = null;
        }

        _viewing?.Dispose();        // not in the gate: whoever ends it by its viewing holds that one's
        return true;
    }

    public void Dispose() => TryEnd(SessionEnd.Shutdown, out _);

    private bool IsKnown(in TransportAddress address) => _ice.IsValidated(address) || _nextIce?.IsValidated(address) == true;

    /// <returns>True when there is something for the sender to do.</returns>
    private bool ReadFeedback(ReadOnlySpan<byte> compound, RtpFeedback feedback)
    {
        bool asked = false;
        foreach (var packet in new RtcpReader(compound))
        {
            if (packet.IsPictureLossIndication || packet.IsFullIntraRequest)
            {
                feedback.RequestPicture();
                asked = true;
            }

            if (packet.MediaSsrc == Video.Ssrc)
            {
                for (int i = 0; packet.TryReadNack(i, out ushort first, out ushort following); i++)
                {
                    asked = true;
                    feedback.ReportLost(first);
                    for (int bit = 0; bit < 16; bit++)
                    {
                        if ((following >> bit & 1) != 0)
                            feedback.ReportLost((ushort)(first + bit + 1));
                    }
                }
            }

            for (int i = 0; packet.TryReadReportBlock(i, out var block); i++)
            {
                if (block.Ssrc == Video.Ssrc)
                    feedback.FractionLost = block.FractionLost;
            }
        }

        return asked;
    }
}
