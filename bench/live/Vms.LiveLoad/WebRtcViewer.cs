using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.Testing.Viewers;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Srtp;
using Vms.WebRtc.Stun;

namespace Vms.LiveLoad;

/// <summary>WHEP, ICE, DTLS, SRTP over UDP: as a browser with consent checks and receiver reports; of each frame only the packet with the
/// stamp is decrypted, the rest is counted by its number.</summary>
internal sealed class WebRtcViewer : Viewer
{
    private const int ReceiveBufferBytes = 4 << 20;
    private const int SolSocket = 1;
    private const int SoRcvBufForce = 33;       // beyond the system's limit, where we may
    private const int MaxDatagrams = 64;        // before the next viewer's turn
    private const uint OwnSsrc = 1;
    private static readonly TimeSpan s_consent = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan s_report = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_dtlsRetry = TimeSpan.FromMilliseconds(300);

    private readonly IceCredentials _ice = IceCredentials.Generate();
    private readonly DtlsClient _dtls = new("SRTP_AEAD_AES_128_GCM");
    private readonly byte[] _buffer = new byte[2048];
    private readonly byte[] _plain = new byte[2048];
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private string _serverFragment = "";
    private byte[] _serverPassword = [];
    private uint _ssrc;
    private SrtpSender? _reports;
    private FrameReader? _frames;
    private TimeSpan _nextCheck;
    private TimeSpan _nextReport;
    private TimeSpan _nextDtlsRetry = s_dtlsRetry;

    private WebRtcViewer()
    {
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Socket.ReceiveBufferSize = ReceiveBufferBytes;
        try
        {
            Socket.SetRawSocketOption(SolSocket, SoRcvBufForce, BitConverter.GetBytes(ReceiveBufferBytes));
        }
        catch (SocketException)
        {
            // Not root: the system's limit holds.
        }
    }

    public override Socket Socket { get; }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    public static async Task<Viewer> JoinAsync(HttpClient http, Uri whep)
    {
        var viewer = new WebRtcViewer();
        using var content = new StringContent(viewer.Offer());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        using var response = await http.PostAsync(whep, content);
        string answer = await response.Content.ReadAsStringAsync();
        if (response.StatusCode != HttpStatusCode.Created || !SdpDescription.TryParse(answer, out var description))
            throw new InvalidOperationException($"WHEP: {response.StatusCode} {answer}");
        viewer.Take(description.Media[0]);
        return viewer;
    }

    public override void Receive()
    {
        for (int i = 0; i < MaxDatagrams && Read(_buffer) is > 0 and var length; i++)
            Take(_buffer.AsSpan(0, length));
    }

    public override void Tick()
    {
        var now = Now;
        if (now >= _nextCheck)
        {
            SendCheck();
            _nextCheck = now + (_frames is null ? s_dtlsRetry : s_consent);
        }

        if (_frames is null && now >= _nextDtlsRetry)
        {
            _dtls.HandleTimeout();
            SendFlight();
            _nextDtlsRetry = now + s_dtlsRetry;
        }

        if (_frames is { Highest: >= 0 } frames && now >= _nextReport)
        {
            SendReport(frames);
            _nextReport = now + s_report;
        }
    }

    public override void Leave()
    {
        _dtls.Close();
        SendFlight();
    }

    public override void Dispose()
    {
        base.Dispose();
        _dtls.Dispose();
        _reports?.Dispose();
        _frames?.Dispose();
    }

    private string Offer() => $"""
        v=0
        o=- 1 1 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0
        m=video 9 UDP/TLS/RTP/SAVPF 96
        a=mid:0
        a=recvonly
        a=rtcp-mux
        a=ice-ufrag:{_ice.UserFragment}
        a=ice-pwd:{_ice.Password}
        a=fingerprint:{DtlsFingerprint.Sha256Of(DtlsClient.Certificate)}
        a=setup:actpass
        a=rtpmap:96 H264/90000
        a=fmtp:96 packetization-mode=1;profile-level-id=42e01f
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        """;

    private void Take(SdpMediaSection video)
    {
        _serverFragment = video.Find("ice-ufrag")!;
        _serverPassword = Encoding.ASCII.GetBytes(video.Find("ice-pwd")!);
        _ssrc = uint.Parse(video.Find("ssrc")!.Split(' ')[0]);
        var candidate = video.Attributes.First(a => a.Name == "candidate" && a.Value.Contains(" udp ", StringComparison.Ordinal)).Value.Split(' ');
        Socket.Connect(new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5])));
        Socket.Blocking = false;
    }

    private void Take(Span<byte> datagram)
    {
        switch (datagram[0])
        {
            case < 4 when !_dtls.IsConnected:
                _dtls.Advance();        // answered: the way is open
                SendFlight();
                break;
            case >= 20 and <= 63 when !_dtls.IsConnected:
                _dtls.Receive(datagram);
                SendFlight();
                if (_dtls.IsConnected)
                    TakeKeys();
                break;
            case >= 128 when _frames is not null && !RtpPacketView.IsRtcp(datagram) && RtpPacketView.TryParse(datagram, out var packet):
                if (_frames.Take(packet, datagram, _plain) is { } stamp)
                    Count(stamp);
                break;
        }
    }

    private void TakeKeys()
    {
        var (client, server) = SrtpMasterKey.Split(SrtpProfile.AeadAes128Gcm, _dtls.ExportKeys(SrtpMasterKey.ExportLength(SrtpProfile.AeadAes128Gcm)));
        _reports = new SrtpSender(client);
        _frames = new FrameReader(server);
    }

    private void SendReport(FrameReader frames)
    {
        Span<byte> packet = stackalloc byte[RtcpWriter.MaxCompoundSize + SrtpSender.MaxRtcpOverhead];
        var writer = new RtcpWriter(packet);
        writer.ReceiverReport(OwnSsrc, default(RtcpReportBlock) with { Ssrc = _ssrc, HighestSequence = (uint)frames.Highest });
        writer.SourceDescription(OwnSsrc, "viewer");
        Send(packet[.._reports!.ProtectRtcp(packet, writer.Length, OwnSsrc)]);
    }

    private void SendCheck()
    {
        Span<byte> buffer = stackalloc byte[200];
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingRequest, RandomNumberGenerator.GetBytes(12));
        builder.AddUsername(Encoding.ASCII.GetBytes($"{_serverFragment}:{_ice.UserFragment}"));
        builder.AddPriority(1);
        builder.AddIceRole(StunAttributeType.IceControlling, 7);
        builder.AddUseCandidate();
        builder.AddIntegrity(_serverPassword);
        builder.AddFingerprint();
        Send(buffer[..builder.Length]);
    }

    private void SendFlight()
    {
        foreach (var datagram in _dtls.Take())
            Send(datagram);
    }

    private void Send(ReadOnlySpan<byte> datagram)
    {
        if (Socket.Send(datagram, SocketFlags.None, out var error) < datagram.Length)
            Failure = $"a datagram did not go out: {error}";
    }
}
