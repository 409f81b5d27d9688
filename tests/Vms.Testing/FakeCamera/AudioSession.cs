using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>The sound of one client: one RTP packet a frame, each at its time. Called under the connection's lock only.</summary>
internal sealed class AudioSession(
    RtspConnection connection, FakeCamera camera, FakeCameraServer server, AudioFootage sound, int channel, IPEndPoint? rtp)
{
    private const long NsPerSecond = 1_000_000_000;
    private const long SenderReportIntervalNs = 5 * NsPerSecond;
    private const int CompoundSize = 64;

    private readonly SocketAddress? _rtpTo = rtp?.Serialize();
    private readonly SocketAddress? _rtcpTo = rtp is null ? null : new IPEndPoint(rtp.Address, rtp.Port + 1).Serialize();
    private readonly byte[] _packet = new byte[FootagePackets.InterleavedHeader + 2048];
    private ushort _sequence = (ushort)RandomNumberGenerator.GetInt32(1 << 16);
    private uint _packets;
    private uint _octets;
    private long _lastFrame;
    private long _nextReportNs;

    public uint Ssrc { get; } = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    public bool IsPlaying { get; private set; }

    /// <summary>The payload type a description gives this codec.</summary>
    public static byte PayloadTypeOf(CodecKind codec) => codec switch
    {
        CodecKind.PcmU => 0,
        CodecKind.PcmA => 8,
        _ => 98,
    };

    public string Play(string uri, long nowNs) => string.Create(
        CultureInfo.InvariantCulture, $"url={uri.TrimEnd('/')}/trackID=1;seq={_sequence};rtptime={TimestampOf(FrameAt(nowNs) + 1)}");

    public void Start(long nowNs)
    {
        IsPlaying = true;
        _lastFrame = FrameAt(nowNs);
        _nextReportNs = nowNs;
    }

    public void Stop() => IsPlaying = false;

    /// <summary>Sends what is due.</summary>
    /// <returns>When the next frame is due.</returns>
    public long Pump(long nowNs)
    {
        long due = FrameAt(nowNs);
        for (; _lastFrame < due && !connection.IsClosed; _lastFrame++)
        {
            if (!camera.Faults.StopSendingAudio && !connection.IsBehind)
                SendFrame(_lastFrame + 1);
        }

        if (nowNs >= _nextReportNs && !camera.Faults.NoSenderReports)
        {
            _nextReportNs = nowNs + SenderReportIntervalNs;
            SendReport(nowNs);
        }

        return camera.EpochNs + (long)((Int128)(_lastFrame + 1) * FrameTicks * NsPerSecond / sound.Track.Timescale);
    }

    private int FrameTicks => sound.Frames[0].Ticks;

    private long FrameAt(long ns) => (long)((Int128)(ns - camera.EpochNs) * sound.Track.Timescale / NsPerSecond / FrameTicks);

    private uint TimestampOf(long frame) => ~camera.TimestampBase + (uint)(frame * FrameTicks);

    private void SendFrame(long number)
    {
        var frame = sound.Frames[(int)(number % sound.Frames.Count)];
        var payload = _packet.AsSpan(FootagePackets.InterleavedHeader + FootagePackets.RtpHeader);
        int length = 0;
        if (sound.Track.Codec == CodecKind.Aac)
        {
            // RFC 3640 §3.3.6: AU-headers-length in bits, then one AU header: size (13), index (3)
            BinaryPrimitives.WriteUInt16BigEndian(payload, 16);
            BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(frame.Data.Length << 3));
            length = 4;
        }

        frame.Data.Span.CopyTo(payload[length..]);
        length += frame.Data.Length + FootagePackets.RtpHeader;
        bool marker = sound.Track.Codec == CodecKind.Aac;
        RtpPacketWriter.WriteHeader(
            _packet.AsSpan(FootagePackets.InterleavedHeader), PayloadTypeOf(sound.Track.Codec), marker, _sequence++, TimestampOf(number), Ssrc);
        _packets++;
        _octets += (uint)(length - FootagePackets.RtpHeader);
        camera.CountAudioFrame();
        if (_rtpTo is not null)
        {
            server.SendRtp(_packet.AsSpan(FootagePackets.InterleavedHeader, length), _rtpTo);
            return;
        }

        SendInterleaved(channel, length);
    }

    private void SendReport(long nowNs)
    {
        var utc = TimeProvider.System.GetUtcNow() + camera.Faults.SenderReportShift;
        ulong ntp = NtpTime.FromUnixMicroseconds(Math.Max((utc - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, 0));
        uint timestamp = ~camera.TimestampBase + (uint)(long)((Int128)(nowNs - camera.EpochNs) * sound.Track.Timescale / NsPerSecond);
        var writer = new RtcpWriter(_packet.AsSpan(FootagePackets.InterleavedHeader, CompoundSize));
        writer.SenderReport(new RtcpSenderReport(Ssrc, ntp, timestamp, _packets, _octets));
        writer.SourceDescription(Ssrc, "cam");
        if (_rtcpTo is not null)
            server.SendRtcp(writer.Written, _rtcpTo);
        else
            SendInterleaved(channel + 1, writer.Length);
    }

    private void SendInterleaved(int to, int length)
    {
        _packet[0] = (byte)'$';
        _packet[1] = (byte)to;
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)length);
        connection.Send(_packet.AsSpan(0, FootagePackets.InterleavedHeader + length));
    }
}
