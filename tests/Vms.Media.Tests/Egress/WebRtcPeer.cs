using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.Testing;
using Vms.Testing.Viewers;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Srtp;
using Vms.WebRtc.Stun;

namespace Vms.Media.Tests.Egress;

/// <summary>How a <see cref="WebRtcPeer"/> behaves.</summary>
internal sealed record PeerOptions
{
    public string Profiles { get; init; } = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>Offers RFC 4588.</summary>
    public bool Rtx { get; init; } = true;

    /// <summary>Pretends not to have received every n-th media packet, once; 0 for none.</summary>
    public int LoseEvery { get; init; }

    /// <summary>Shows this fingerprint instead of its own.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>By TCP (RFC 4571) instead of UDP.</summary>
    public bool Tcp { get; init; }

    /// <summary>Offers to hear Opus and G.711.</summary>
    public bool Sound { get; init; }

    /// <summary>Hears nothing of it for now (<c>sound=off</c>).</summary>
    public bool Muted { get; init; }

    /// <summary>Keeps the packets, decrypted (GCM only).</summary>
    public bool Keep { get; init; }
}

/// <summary>A packet as the viewer has it after decryption.</summary>
internal sealed record PeerPacket(ushort SequenceNumber, uint Timestamp, bool Marker, byte PayloadType, byte[] Payload, byte[] Wire);

/// <summary>A viewer that is no browser: WHEP, ICE, DTLS and SRTP on loopback, with its own independent decryption.</summary>
internal sealed class WebRtcPeer : IDisposable
{
    private const byte MediaType = 96;
    private const byte RtxType = 97;
    private const byte OpusType = 111;
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromMilliseconds(500);

    private readonly PeerOptions _options;
    private Socket _socket;                 // the thread's own once it runs
    private volatile Socket? _nextSocket;
    private volatile IceCredentials _ice = IceCredentials.Generate();
    private readonly DtlsClient _dtls;
    private readonly Thread _thread;
    private readonly HashSet<ushort> _lost = [];
    private readonly TaskCompletionSource _playing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private IPEndPoint _server = null!;
    private string _serverFragment = "";
    private byte[] _serverPassword = [];
    private SrtpSender? _reports;
    private SrtcpReceiver? _serverReports;
    private AesGcm? _media;
    private byte[] _mediaSalt = [];
    private uint _ssrc;
    private uint _soundSsrc;
    private long _soundHighest = -1;
    private long _highest = -1;
    private volatile bool _stopping;
    private volatile bool _checks = true;

    private WebRtcPeer(PeerOptions options)
    {
        _options = options;
        _dtls = new DtlsClient(options.Profiles);
        _socket = OpenSocket();
        _thread = new Thread(Run) { IsBackground = true, Name = "test viewer" };
    }

    /// <summary>Where the session can be ended.</summary>
    public Uri? Location { get; private set; }

    /// <summary>Completes with the first media packet.</summary>
    public Task Playing => _playing.Task;

    /// <summary>From the first check to the first media packet.</summary>
    public TimeSpan JoinTime { get; private set; }

    public int Packets { get; private set; }

    public int Frames { get; private set; }

    /// <summary>Media packets that came by RTX.</summary>
    public int Retransmissions { get; private set; }

    /// <summary>Sequence numbers skipped over by the server.</summary>
    public int Holes { get; private set; }

    /// <summary>Packets that did not decrypt.</summary>
    public int Forged { get; private set; }

    /// <summary>Datagrams from somebody else than our server: a port that was another viewer's before gets what is still sent to that one.</summary>
    public int FromStrangers { get; private set; }

    /// <summary>Packets of our server that are another viewer's.</summary>
    public int Foreign { get; private set; }

    public int SenderReports { get; private set; }

    /// <summary>The last sender report of the video and of the sound.</summary>
    public (RtcpSenderReport? Video, RtcpSenderReport? Sound) Reports { get; private set; }

    /// <summary>The answer, as it came.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Packets of sound, decrypted.</summary>
    public ConcurrentQueue<PeerPacket> SoundKept { get; } = new();

    /// <summary>Numbers of sound packets skipped over by the server.</summary>
    public int SoundHoles { get; private set; }

    public bool SaidGoodbye { get; private set; }

    public ushort? Profile { get; private set; }

    public ConcurrentQueue<PeerPacket> Kept { get; } = new();

    /// <summary>When the last packet of each frame came.</summary>
    public ConcurrentQueue<(uint Timestamp, DateTimeOffset At)> Arrivals { get; } = new();

    /// <summary>Packets lost on purpose and not yet repaired.</summary>
    public int Missing
    {
        get
        {
            lock (_lost)
                return _lost.Count;
        }
    }

    public static async Task<WebRtcPeer> JoinAsync(EgressHost host, string cameraId, PeerOptions? options = null, string? ticket = null)
    {
        var peer = new WebRtcPeer(options ?? new PeerOptions());
        using var content = new StringContent(peer.Offer());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        var address = host.Whep(cameraId, ticket);
        using var response = await host.Http.PostAsync(options is { Muted: true } ? new Uri(address + "&sound=off") : address, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, answer);
        peer.Location = new Uri(host.Url, response.Headers.Location!);
        peer.Answer = answer;
        peer.Take(answer);
        return peer;
    }

    /// <summary>As a phone that changes networks: everything goes on from another address, and the old one is gone.</summary>
    public void Move() => _nextSocket = OpenSocket();

    /// <summary>Restarts ICE by WHEP's PATCH and moves.</summary>
    /// <returns>The entity tag of the new ICE session.</returns>
    public async Task<string> RestartAsync(EgressHost host)
    {
        var next = IceCredentials.Generate();
        using var request = new HttpRequestMessage(HttpMethod.Patch, Location) { Content = new StringContent(Fragment(next)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/trickle-ice-sdpfrag");
        request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var response = await host.Http.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, answer);
        string Value(string name) => answer.Split("\r\n").Single(l => l.StartsWith($"a={name}:", StringComparison.Ordinal))[(name.Length + 3)..];
        Assert.NotEqual(_serverFragment, Value("ice-ufrag"));
        (_ice, _serverFragment, _serverPassword) = (next, Value("ice-ufrag"), Encoding.ASCII.GetBytes(Value("ice-pwd")));
        Move();
        return response.Headers.ETag!.Tag;
    }

    /// <summary>What a viewer offers, for tests of the answer alone.</summary>
    public static string SampleOffer()
    {
        using var peer = new WebRtcPeer(new PeerOptions());
        return peer.Offer();
    }

    /// <summary>Our credentials as a fragment (RFC 8840 §9).</summary>
    public static string Fragment(IceCredentials ice) => $"""
        a=group:BUNDLE 0
        m=video 9 UDP/TLS/RTP/SAVPF {MediaType}
        a=mid:0
        a=ice-ufrag:{ice.UserFragment}
        a=ice-pwd:{ice.Password}
        """;

    /// <summary>The same fragment again: candidates trickle in.</summary>
    public string CurrentFragment => Fragment(_ice) + "\r\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n";

    /// <summary>Reports packets as lost.</summary>
    public void SendNack(ushort first, ushort following = 0)
    {
        var packet = new byte[16 + SrtpSender.MaxRtcpOverhead];
        packet[0] = 0x81;                                       // generic NACK
        packet[1] = (byte)RtcpPacketType.TransportFeedback;
        packet[3] = 3;                                          // length in words, minus one
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), _ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), first);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), following);
        SendReport(packet, 16);
    }

    /// <summary>RTP timestamp minus PTS; the camera has to be paused and everything received.</summary>
    public uint TimestampOffset(CameraFeed camera) => Arrivals.Last().Timestamp - (uint)camera.Last.Pts;

    /// <summary>From the append of each frame to its last packet, milliseconds.</summary>
    public IEnumerable<double> Delays(CameraFeed camera)
    {
        uint offset = TimestampOffset(camera);
        foreach (var (timestamp, at) in Arrivals)
        {
            if (camera.WrittenAt.TryGetValue(timestamp - offset, out var written))
                yield return (at - written).TotalMilliseconds;
        }
    }

    public void SendPictureLoss()
    {
        var packet = new byte[RtcpWriter.MaxCompoundSize];
        var writer = new RtcpWriter(packet);
        writer.PictureLossIndication(1, _ssrc);
        SendReport(packet, writer.Length);
    }

    /// <summary>As pion does while it receives: no STUN any more. What comes back when the server has seen everything sent before.</summary>
    public async Task StopCheckingAsync(EgressHost host)
    {
        _checks = false;
        var counters = host.Egress.WebRtc!.Counters;
        long malformed = counters.MalformedDatagrams;
        await Eventually.TrueAsync(() =>
        {
            Send([200]);
            return counters.MalformedDatagrams > malformed + 1;
        });
    }

    /// <summary>As a browser whose page is closed.</summary>
    public void SayGoodbye()
    {
        _dtls.Close();
        SendFlight();
    }

    public void Dispose()
    {
        _stopping = true;
        if (_thread.IsAlive)
            _thread.Join();
        _socket.Dispose();
        _dtls.Dispose();
        _reports?.Dispose();
        _serverReports?.Dispose();
        _media?.Dispose();
    }

    private string Offer()
    {
        var fingerprint = _options.Fingerprint ?? DtlsFingerprint.Sha256Of(DtlsClient.Certificate).ToString();
        return $"""
            v=0
            o=- 1 1 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=group:BUNDLE 0{(_options.Sound ? " 1" : "")}
            m=video 9 UDP/TLS/RTP/SAVPF {MediaType}{(_options.Rtx ? $" {RtxType}" : "")}
            a=mid:0
            a=recvonly
            a=rtcp-mux
            a=ice-ufrag:{_ice.UserFragment}
            a=ice-pwd:{_ice.Password}
            a=fingerprint:{fingerprint}
            a=setup:actpass
            a=rtpmap:{MediaType} H264/90000
            a=fmtp:{MediaType} packetization-mode=1;profile-level-id=42e01f
            a=rtcp-fb:{MediaType} nack
            a=rtcp-fb:{MediaType} nack pli
            a=rtpmap:{RtxType} rtx/90000
            a=fmtp:{RtxType} apt={MediaType}
            {(_options.Sound ? SoundOffer : "")}
            """;
    }

    /// <summary>Without a transport of its own: it is in the bundle.</summary>
    private static string SoundOffer => $"""
        m=audio 9 UDP/TLS/RTP/SAVPF {OpusType} 0 8
        a=mid:1
        a=recvonly
        a=rtcp-mux
        a=rtpmap:{OpusType} opus/48000/2
        """;

    private void Take(string answer)
    {
        Assert.True(SdpDescription.TryParse(answer, out var description));
        var video = description.Media[0];
        _serverFragment = video.Find("ice-ufrag")!;
        _serverPassword = Encoding.ASCII.GetBytes(video.Find("ice-pwd")!);
        _ssrc = uint.Parse(video.Find("ssrc")!.Split(' ')[0]);
        if (description.Media is [_, { Port: > 0 } sound])
            _soundSsrc = uint.Parse(sound.Find("ssrc")!.Split(' ')[0]);
        var candidate = video.Attributes.First(a => a.Name == "candidate" && a.Value.Contains(_options.Tcp ? " tcp " : " udp ", StringComparison.Ordinal)).Value.Split(' ');
        _server = new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5]));
        if (_options.Tcp)
            _socket.Connect(_server);
        _thread.Start();
    }

    private Socket OpenSocket()
    {
        var socket = _options.Tcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveBufferSize = 4 << 20;
        socket.ReceiveTimeout = 20;
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Run()
    {
        var buffer = new byte[2048];
        var nextCheck = TimeSpan.Zero;
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!_stopping)
        {
            var now = TimeProvider.System.GetElapsedTime(_start);
            if (_nextSocket is { } next)
            {
                _socket.Dispose();
                (_socket, _nextSocket) = (next, null);
                nextCheck = now;
            }

            if (_checks && now >= nextCheck)
            {
                SendCheck();
                nextCheck = now + s_checkInterval;
            }

            try
            {
                int length = _options.Tcp ? ReceiveFramed(buffer) : _socket.ReceiveFrom(buffer, ref from);
                if (_options.Tcp || from.Equals(_server))
                    Dispatch(buffer.AsSpan(0, length));
                else
                    FromStrangers++;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
            {
                return;     // the server has closed a TCP connection: what is missing then is the test's to see
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                if (!_dtls.IsConnected)
                {
                    _dtls.HandleTimeout();
                    SendFlight();
                }
            }
        }
    }

    /// <summary>A whole packet; a time-out is only possible before its first byte.</summary>
    private int ReceiveFramed(byte[] buffer)
    {
        Span<byte> header = stackalloc byte[2];
        if (_socket.Receive(header[..1], SocketFlags.None) == 0)
            throw new SocketException((int)SocketError.Shutdown);
        ReceiveAll(header[1..]);
        int length = BinaryPrimitives.ReadUInt16BigEndian(header);
        ReceiveAll(buffer.AsSpan(0, length));
        return length;
    }

    private void ReceiveAll(Span<byte> rest)
    {
        while (!rest.IsEmpty && !_stopping)
        {
            int received = _socket.Receive(rest, SocketFlags.None, out var error);
            if (error == SocketError.Success && received > 0)
                rest = rest[received..];
            else if (error is not (SocketError.TimedOut or SocketError.WouldBlock))
                throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private void Send(ReadOnlySpan<byte> datagram)
    {
        if (!_options.Tcp)
        {
            _socket.SendTo(datagram, _server);
            return;
        }

        var framed = new byte[2 + datagram.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)datagram.Length);
        datagram.CopyTo(framed.AsSpan(2));
        _socket.Send(framed);
    }

    private void Dispatch(Span<byte> datagram)
    {
        if (datagram.IsEmpty)
            return;
        switch (datagram[0])
        {
            case < 4 when !_dtls.IsConnected:
                _dtls.Advance();        // answered: the way is open
                SendFlight();
                break;
            case >= 20 and <= 63:
                OnDtls(datagram);
                break;
            case >= 128 when RtpPacketView.IsRtcp(datagram):
                OnReport(datagram);
                break;
            case >= 128:
                OnMedia(datagram);
                break;
        }
    }

    private void OnDtls(ReadOnlySpan<byte> datagram)
    {
        if (_dtls.IsConnected)
            return;
        _dtls.Receive(datagram);
        SendFlight();
        if (!_dtls.IsConnected)
            return;

        var profile = (SrtpProfile)_dtls.Profile();
        var (client, server) = SrtpMasterKey.Split(profile, _dtls.ExportKeys(SrtpMasterKey.ExportLength(profile)));
        _reports = new SrtpSender(client);
        _serverReports = new SrtcpReceiver(server);
        if (profile == SrtpProfile.AeadAes128Gcm)
        {
            _media = new AesGcm(Derive(server, 0, 16), 16);
            _mediaSalt = Derive(server, 2, 12);
        }

        Profile = (ushort)profile;
    }

    private void OnReport(Span<byte> datagram)
    {
        if (_serverReports is null || _serverReports.Unprotect(datagram, out int length) != SrtcpOutcome.Accepted)
            return;
        foreach (var packet in new RtcpReader(datagram[..length]))
        {
            if (packet.TryReadSenderReport(out var report))
            {
                SenderReports++;
                Reports = report.Ssrc == _soundSsrc ? (Reports.Video, report) : (report, Reports.Sound);
            }

            if (packet.TryReadGoodbye(0, out uint ssrc) && ssrc == _ssrc)
                SaidGoodbye = true;
        }
    }

    private void OnMedia(ReadOnlySpan<byte> datagram)
    {
        if (!RtpPacketView.TryParse(datagram, out var packet))
            return;
        if (_soundSsrc != 0 && packet.Ssrc == _soundSsrc)
        {
            OnSound(packet, datagram);
            return;
        }

        if (packet.PayloadType == RtxType)
        {
            OnRetransmission(packet, datagram);
            return;
        }

        if (packet.Ssrc != _ssrc)
        {
            Foreign++;
            return;
        }

        if (Packets++ == 0)
        {
            JoinTime = TimeProvider.System.GetElapsedTime(_start);
            _playing.TrySetResult();
        }

        bool again;
        lock (_lost)
            again = _lost.Remove(packet.SequenceNumber);
        if (!again && _highest >= 0 && (ushort)(packet.SequenceNumber - (ushort)_highest) is > 1 and < 0x8000)
            Holes += (ushort)(packet.SequenceNumber - (ushort)_highest) - 1;
        if (!again)
            _highest = Math.Max(_highest, Extend(packet.SequenceNumber));
        if (packet.Marker && !again)
        {
            Frames++;
            Arrivals.Enqueue((packet.Timestamp, TimeProvider.System.GetUtcNow()));
        }

        if (_options.LoseEvery > 0 && !again && Packets % _options.LoseEvery == 0)
        {
            lock (_lost)
                _lost.Add(packet.SequenceNumber);
            SendNack(packet.SequenceNumber);
            return;
        }

        if (_options.Keep)
            Keep(packet, datagram, Extend(packet.SequenceNumber));
    }

    private void OnSound(in RtpPacketView packet, ReadOnlySpan<byte> datagram)
    {
        long index = _soundHighest < 0 ? packet.SequenceNumber : _soundHighest + (short)(packet.SequenceNumber - (ushort)_soundHighest);
        if (_soundHighest >= 0 && index != _soundHighest + 1)
            SoundHoles++;
        _soundHighest = index;
        if (Decrypt(packet, datagram, index) is { } plain)
            SoundKept.Enqueue(new PeerPacket(packet.SequenceNumber, packet.Timestamp, packet.Marker, packet.PayloadType, plain, datagram.ToArray()));
    }

    private void OnRetransmission(in RtpPacketView packet, ReadOnlySpan<byte> datagram)
    {
        Retransmissions++;
        var plain = Decrypt(packet, datagram, packet.SequenceNumber);
        if (plain is null)
            return;
        ushort original = BinaryPrimitives.ReadUInt16BigEndian(plain);
        lock (_lost)
            _lost.Remove(original);
        if (_options.Keep)
            Kept.Enqueue(new PeerPacket(original, packet.Timestamp, packet.Marker, packet.PayloadType, plain[2..], datagram.ToArray()));
    }

    private void Keep(in RtpPacketView packet, ReadOnlySpan<byte> datagram, long index)
    {
        if (Decrypt(packet, datagram, index) is { } plain)
            Kept.Enqueue(new PeerPacket(packet.SequenceNumber, packet.Timestamp, packet.Marker, packet.PayloadType, plain, datagram.ToArray()));
    }

    private long Extend(ushort sequenceNumber)
    {
        if (_highest < 0)
            return sequenceNumber;
        return _highest + (short)(sequenceNumber - (ushort)_highest);
    }

    /// <summary>RFC 7714 §8.1, written a second time on purpose.</summary>
    private byte[]? Decrypt(in RtpPacketView packet, ReadOnlySpan<byte> datagram, long index)
    {
        if (_media is null)
            return null;
        var nonce = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(2), packet.Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(6), (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(nonce.AsSpan(10), (ushort)index);
        for (int i = 0; i < nonce.Length; i++)
            nonce[i] ^= _mediaSalt[i];
        var plain = new byte[datagram.Length - RtpPacketView.FixedHeaderSize - 16];
        try
        {
            _media.Decrypt(nonce, datagram[RtpPacketView.FixedHeaderSize..^16], datagram[^16..], plain, datagram[..RtpPacketView.FixedHeaderSize]);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            Forged++;
            return null;
        }
    }

    private static byte[] Derive(SrtpMasterKey master, byte label, int length)
    {
        using var aes = Aes.Create();
        aes.Key = master.Key;
        var block = new byte[16];
        master.Salt.CopyTo(block, 0);
        block[7] ^= label;
        return aes.EncryptEcb(block, PaddingMode.None)[..length];
    }

    private void SendCheck()
    {
        var buffer = new byte[200];
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingRequest, RandomNumberGenerator.GetBytes(12));
        builder.AddUsername(Encoding.ASCII.GetBytes($"{_serverFragment}:{_ice.UserFragment}"));
        builder.AddPriority(1);
        builder.AddIceRole(StunAttributeType.IceControlling, 7);
        builder.AddUseCandidate();
        builder.AddIntegrity(_serverPassword);
        builder.AddFingerprint();
        Send(buffer.AsSpan(0, builder.Length));
    }

    private void SendFlight()
    {
        foreach (var datagram in _dtls.Take())
            Send(datagram);
    }

    private void SendReport(byte[] packet, int length)
    {
        int protectedLength = _reports!.ProtectRtcp(packet, length, 1);
        Send(packet.AsSpan(0, protectedLength));
    }
}
