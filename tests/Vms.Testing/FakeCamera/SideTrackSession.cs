using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Rtp;
using Vms.Rtp.Rtcp;

namespace Vms.Testing.FakeCamera;

/// <summary>One client's <see cref="SideTrack"/>. Called under the connection's lock only.</summary>
internal sealed class SideTrackSession(RtspConnection connection, FakeCamera camera, FakeCameraServer server, SideTrack track)
{
    private const long NsPerSecond = 1_000_000_000;
    private const long ReportIntervalNs = 5 * NsPerSecond;

    private readonly uint _ssrc = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    private readonly byte[] _buffer = new byte[2048];
    private ushort _sequence = (ushort)RandomNumberGenerator.GetInt32(1 << 16);
    private long _last = -1;
    private long _nextReportNs;

    public SideTrack Track => track;

    /// <summary>TCP: channel of RTP.</summary>
    public int Channel { get; init; }

    /// <summary>Null over TCP.</summary>
    public SocketAddress? RtpTo { get; init; }

    public SocketAddress? RtcpTo { get; init; }

    public void Start(long nowNs)
    {
        _last = NumberAt(nowNs);
        _nextReportNs = nowNs;
    }

    public void Skip()
    {
        _last++;
        _sequence++;
    }

    /// <summary>Sends what is due.</summary>
    /// <returns>When the next thing is due.</returns>
    public long Pump(long nowNs)
    {
        long due = NumberAt(nowNs);
        bool silent = camera.Faults.StopSound || camera.Faults.StopSending;
        for (; _last < due && !connection.IsClosed; _last++)
        {
            if (!silent)
                SendPacket(_last + 1);
        }

        if (nowNs >= _nextReportNs && !silent && !camera.Faults.NoSenderReports)
        {
            _nextReportNs = nowNs + ReportIntervalNs;
            SendReport(nowNs);
        }

        return camera.EpochNs + ((_last + 1) * IntervalNs);
    }

    private long IntervalNs => NsPerSecond * track.TicksPerPacket / track.ClockRate;

    private long NumberAt(long ns) => (ns - camera.EpochNs) / IntervalNs;

    private void SendPacket(long number)
    {
        byte[] payload = track.Payload(number);
        var packet = _buffer.AsSpan(FootagePackets.InterleavedHeader, RtpPacketView.FixedHeaderSize + payload.Length);
        RtpPacketWriter.WriteHeader(packet, (byte)track.PayloadType, marker: true, _sequence++, (uint)(number * track.TicksPerPacket), _ssrc);
        payload.CopyTo(packet[RtpPacketView.FixedHeaderSize..]);
        Send(packet.Length, Channel, RtpTo, server.SendRtp);
    }

    private void SendReport(long nowNs)
    {
        var utc = TimeProvider.System.GetUtcNow() + camera.Faults.SenderReportShift;
        ulong ntp = NtpTime.FromUnixMicroseconds((utc - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        var writer = new RtcpWriter(_buffer.AsSpan(FootagePackets.InterleavedHeader));
        uint timestamp = (uint)(long)((Int128)(nowNs - camera.EpochNs) * track.ClockRate / NsPerSecond);
        writer.SenderReport(new RtcpSenderReport(_ssrc, ntp, timestamp, 0, 0));
        writer.SourceDescription(_ssrc, "cam");
        Send(writer.Length, Channel + 1, RtcpTo, server.SendRtcp);
    }

    private delegate void Datagram(ReadOnlySpan<byte> packet, SocketAddress to);

    private void Send(int length, int channel, SocketAddress? to, Datagram send)
    {
        if (to is not null)
        {
            send(_buffer.AsSpan(FootagePackets.InterleavedHeader, length), to);
            return;
        }

        _buffer[0] = (byte)'$';
        _buffer[1] = (byte)channel;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(2), (ushort)length);
        connection.Send(_buffer.AsSpan(0, FootagePackets.InterleavedHeader + length));
    }
}
