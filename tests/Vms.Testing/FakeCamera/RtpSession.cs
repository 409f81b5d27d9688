using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Rtp.Rtcp;
using Vms.Testing.Footage;
using Vms.Testing.NetworkEmulator;

namespace Vms.Testing.FakeCamera;

/// <summary>The media side of one client: copies frame templates, fills in its own numbers and sends. Called under the
/// connection's lock only.</summary>
internal sealed class RtpSession
{
    private const long SenderReportIntervalNs = 5_000_000_000;
    private const int CompoundSize = 64;

    private readonly FakeCamera _camera;
    private readonly RtspConnection _connection;
    private readonly FakeCameraServer _server;
    private readonly byte[] _rtcp = new byte[FootagePackets.InterleavedHeader + CompoundSize];
    private readonly PacketImpairment _network;
    private readonly PacketImpairment.Sink _sendRtp;
    private readonly int _channel;
    private readonly SocketAddress? _rtpTo;
    private readonly SocketAddress? _rtcpTo;
    private byte[] _frame = [];
    private ushort _sequence = (ushort)RandomNumberGenerator.GetInt32(1 << 16);
    private uint _packets;
    private uint _octets;
    private long _lastFrame;
    private bool _waitKeyframe;
    private long _nextReportNs = long.MaxValue;

    // Wire pacing: the frame in _frame, and which of its packets comes next.
    private FootagePackets.Frame? _paced;
    private int _nextPacket;
    private long _pacedFromNs;
    private long _pacedStepNs;

    private RtpSession(RtspConnection connection, FakeCamera camera, FakeCameraServer server, int channel, SocketAddress? rtp, SocketAddress? rtcp)
    {
        _connection = connection;
        _camera = camera;
        _server = server;
        _channel = channel;
        _rtpTo = rtp;
        _rtcpTo = rtcp;
        _network = new PacketImpairment(camera.Number);
        _sendRtp = packet => _server.SendRtp(packet, _rtpTo!);
    }

    public static RtpSession OverTcp(RtspConnection connection, FakeCamera camera, FakeCameraServer server, int channel) =>
        new(connection, camera, server, channel, null, null);

    public static RtpSession OverUdp(RtspConnection connection, FakeCamera camera, FakeCameraServer server, IPAddress client, int port) =>
        new(connection, camera, server, 0, new IPEndPoint(client, port).Serialize(), new IPEndPoint(client, port + 1).Serialize())
        {
            RtcpPeer = new IPEndPoint(client, port + 1),
        };

    public uint Ssrc { get; } = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    public bool IsTcp => _rtpTo is null;

    /// <summary>Of RTP, over TCP.</summary>
    public int Channel => _channel;

    /// <summary>Where the client's RTCP comes from over UDP.</summary>
    public IPEndPoint? RtcpPeer { get; private init; }

    public bool IsPlaying { get; private set; }

    /// <summary>Prepares PLAY. The RTP-Info line is about the first packet that will come.</summary>
    public string Play(string uri, long nowNs)
    {
        long first = _camera.FrameAt(nowNs) + 1;
        if (!_server.Options.StartAnywhere)
        {
            while (!_camera.PacketsOf(first).IsKeyframe)
                first++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"url={uri.TrimEnd('/')}/trackID=0;seq={_sequence};rtptime={_camera.TimestampOf(first)}");
    }

    public void Start(long nowNs)
    {
        IsPlaying = true;
        _lastFrame = _camera.FrameAt(nowNs);
        _waitKeyframe = !_server.Options.StartAnywhere;
        _nextReportNs = nowNs;
        if (_camera.Faults.RtpBeforePlayReply)
            SendFrame(_lastFrame, nowNs);
    }

    public void Stop()
    {
        IsPlaying = false;
        _paced = null;
    }

    /// <summary>Sends what is due.</summary>
    /// <returns>When the next thing is due.</returns>
    public long Pump(long nowNs)
    {
        long due = _camera.FrameAt(nowNs);
        if (_camera.Faults.StopSending || _camera.Faults.StopVideo)
        {
            _waitKeyframe = true;
            _lastFrame = due;
            _paced = null;
            return _camera.DueNs(due + 1);
        }

        SendPaced(nowNs);
        for (; _lastFrame < due && !_connection.IsClosed; _lastFrame++)
            SendNext(_lastFrame + 1, nowNs);
        if (nowNs >= _nextReportNs && !_waitKeyframe && !_camera.Faults.NoSenderReports)
        {
            _nextReportNs = nowNs + SenderReportIntervalNs;
            SendReport(nowNs, goodbye: false);
        }

        long next = _camera.DueNs(_lastFrame + 1);
        return _paced is null ? next : Math.Min(next, _pacedFromNs + (_nextPacket * _pacedStepNs));
    }

    public void SendGoodbye(long nowNs)
    {
        SendReport(nowNs, goodbye: true);
        Stop();
    }

    private void SendNext(long number, long nowNs)
    {
        if (_connection.IsBehind)
        {
            _server.CountDropped();
            _waitKeyframe = true;
            return;
        }

        if (_waitKeyframe && !_camera.PacketsOf(number).IsKeyframe)
            return;
        _waitKeyframe = false;
        SendFrame(number, nowNs);
    }

    private void SendFrame(long number, long nowNs)
    {
        FlushPaced();
        var frame = _camera.PacketsOf(number);
        Fill(frame, number);
        _camera.CountFrame();
        _server.CountFrame(frame.Bytes.Length);
        int first = _camera.Faults.NoParameterSetsInBand ? frame.ParameterSetPackets : 0;
        if (_server.Options.WirePaced)
        {
            _paced = frame;
            _nextPacket = first;
            _pacedFromNs = _camera.DueNs(number);
            _pacedStepNs = _camera.FrameNs / 2 / frame.Packets.Length;
            SendPaced(nowNs);
        }
        else if (IsTcp)
        {
            _connection.Send(_frame.AsSpan(frame.Packets[first]..frame.Bytes.Length));
        }
        else
        {
            for (int i = first; i < frame.Packets.Length; i++)
                SendPacket(frame, i);
        }
    }

    private void SendPaced(long nowNs)
    {
        while (_paced is { } frame && nowNs >= _pacedFromNs + (_nextPacket * _pacedStepNs))
            SendNextPaced(frame);
    }

    private void FlushPaced()
    {
        while (_paced is { } frame)
            SendNextPaced(frame);
    }

    private void SendNextPaced(FootagePackets.Frame frame)
    {
        SendPacket(frame, _nextPacket++);
        if (_nextPacket == frame.Packets.Length)
            _paced = null;
    }

    private void SendPacket(FootagePackets.Frame frame, int packet)
    {
        int start = frame.Packets[packet];
        int end = packet + 1 < frame.Packets.Length ? frame.Packets[packet + 1] : frame.Bytes.Length;
        if (IsTcp)
        {
            _connection.Send(_frame.AsSpan(start..end));
            return;
        }

        _network.Loss = _camera.Faults.UdpLoss;
        _network.Duplication = _camera.Faults.UdpDuplication;
        _network.Reordering = _camera.Faults.UdpReordering;
        _network.Pass(_frame.AsSpan((start + FootagePackets.InterleavedHeader)..end), _sendRtp);
    }

    private void Fill(FootagePackets.Frame frame, long number)
    {
        if (_frame.Length < frame.Bytes.Length)
            _frame = new byte[frame.Bytes.Length * 3 / 2];
        frame.Bytes.CopyTo(_frame, 0);
        new FrameStamp(_camera.Number, (uint)number, FrameStamp.NowNs).Write(_frame.AsSpan(frame.StampAt));

        uint timestamp = _camera.TimestampOf(number);
        int first = _camera.Faults.NoParameterSetsInBand ? frame.ParameterSetPackets : 0;
        for (int i = first; i < frame.Packets.Length; i++)
        {
            var packet = _frame.AsSpan(frame.Packets[i]);
            packet[1] = (byte)_channel;
            BinaryPrimitives.WriteUInt16BigEndian(packet[6..], _sequence++);
            BinaryPrimitives.WriteUInt32BigEndian(packet[8..], timestamp);
            BinaryPrimitives.WriteUInt32BigEndian(packet[12..], Ssrc);
        }

        if (_camera.Faults.NoMarker)
            _frame[frame.Packets[^1] + FootagePackets.InterleavedHeader + 1] &= 0x7F;
        _packets += (uint)(frame.Packets.Length - first);
        _octets += (uint)(frame.Bytes.Length - (frame.Packets.Length * (FootagePackets.InterleavedHeader + FootagePackets.RtpHeader)));
    }

    private void SendReport(long nowNs, bool goodbye)
    {
        var utc = TimeProvider.System.GetUtcNow() + _camera.Faults.SenderReportShift;
        ulong ntp = NtpTime.FromUnixMicroseconds(Math.Max((utc - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, 0));
        var writer = new RtcpWriter(_rtcp.AsSpan(FootagePackets.InterleavedHeader));
        writer.SenderReport(new RtcpSenderReport(Ssrc, ntp, _camera.TimestampAt(nowNs), _packets, _octets));
        writer.SourceDescription(Ssrc, "cam");
        if (goodbye)
            writer.Goodbye(Ssrc);
        if (!IsTcp)
        {
            _server.SendRtcp(writer.Written, _rtcpTo!);
            return;
        }

        _rtcp[0] = (byte)'$';
        _rtcp[1] = (byte)(_channel + 1);
        BinaryPrimitives.WriteUInt16BigEndian(_rtcp.AsSpan(2), (ushort)writer.Length);
        _connection.Send(_rtcp.AsSpan(0, FootagePackets.InterleavedHeader + writer.Length));
    }
}
