using Vms.Codecs;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;
using Vms.Rtp.Payloads.H265;
using Vms.Rtp.Rtcp;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>One track as RTP for all RTSP viewers: one SSRC, one numbering, so that the bytes are the same for everybody.</summary>
/// <remarks>Egress thread only.</remarks>
internal sealed class RtspTrack
{
    /// <summary>Room for UDP, IPv6 and tunnels in 1280 bytes; TCP viewers get the same packets.</summary>
    public const int MaxPacketSize = 1200;

    private readonly uint _ssrc;
    private readonly string _cname;
    private readonly byte _payloadType;
    private readonly RtpTimeline _timeline;
    private readonly VideoPacketizer? _video;
    private readonly FramePacketizer? _frames;
    private readonly RtpPacketBatch _staged;
    private uint _stagedTimestamp;
    private ushort _nextSequence = (ushort)Random.Shared.Next(1, 1 << 15);
    private uint _packets;
    private uint _octets;

    /// <param name="track">One that <see cref="CanSend"/>.</param>
    public RtspTrack(TrackInfo track, uint ssrc, string cname)
    {
        Info = track;
        _ssrc = ssrc;
        _cname = cname;
        _payloadType = PresentationDescription.PayloadTypeOf(track);
        _timeline = new RtpTimeline(track.Timescale);
        if (track.IsVideo)
        {
            _video = track.Codec == CodecKind.H264
                ? new H264Packetizer(new H264PacketizerOptions { MaxPacketSize = MaxPacketSize })
                : new H265Packetizer(new H265PacketizerOptions { MaxPacketSize = MaxPacketSize });
            _video.SetParameterSets(track.CodecParameters.Span);
            _staged = _video.Packets;
        }
        else
        {
            _frames = new FramePacketizer(track, MaxPacketSize);
            _staged = _frames.Packets;
        }
    }

    public TrackInfo Info { get; private set; }

    public bool HasSent => _packets > 0;

    /// <summary>The codecs there is a payload format for.</summary>
    public static bool CanSend(TrackInfo track) =>
        track.Codec is CodecKind.H264 or CodecKind.H265 or CodecKind.Aac or CodecKind.PcmA or CodecKind.PcmU or CodecKind.Opus or CodecKind.G726 or CodecKind.L16
            or CodecKind.OnvifMetadata;

    /// <summary>Other parameters apply from the next sample on.</summary>
    /// <returns>False when it cannot go on as the same track: viewers were told something else.</returns>
    public bool TryChange(TrackInfo track)
    {
        if (track.Codec != Info.Codec || track.Timescale != Info.Timescale || (!track.IsVideo && !track.Equals(Info)))
            return false;
        Info = track;
        _video?.SetParameterSets(track.CodecParameters.Span);
        return true;
    }

    /// <summary>Cuts a sample; nothing is counted before <see cref="Publish"/>.</summary>
    public void Stage(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        _stagedTimestamp = _timeline.Map(header);
        if (_video is not null)
            _video.Packetize(payload, _stagedTimestamp, header.IsKeyframe);
        else
            _frames!.Packetize(payload);
    }

    /// <summary>Numbers the packets of the staged sample and puts them into <paramref name="unit"/>.</summary>
    /// <param name="isStart">A viewer can begin here.</param>
    public void Publish(in SampleHeader header, RtspUnit unit, bool isStart)
    {
        _timeline.Take(header);
        int count = _staged.Count;
        unit.Rent(RtspUnitKind.Media, Info.Id, isStart, _staged.Data.Length + count * RtspUnit.FrameHeaderSize);
        uint timestamp = _stagedTimestamp;
        for (int i = 0; i < count; i++)
        {
            var payload = _staged[i][RtpPacketView.FixedHeaderSize..];
            var packet = unit.AddFrame((byte)(2 * Info.Id), RtpPacketView.FixedHeaderSize + payload.Length);
            bool marker = i == count - 1 && (_frames is null || _frames.MarksEnd);
            RtpPacketWriter.WriteHeader(packet, _payloadType, marker, _nextSequence++, timestamp, _ssrc);
            payload.CopyTo(packet[RtpPacketView.FixedHeaderSize..]);
            _octets += (uint)payload.Length;
            timestamp += (uint)(_frames?.TicksPerPacket ?? 0);
        }

        _packets += (uint)count;
    }

    /// <summary>Sender report and CNAME (RFC 3550 §6.4.1): RTP time against the camera's wall clock.</summary>
    public void WriteReport(RtspUnit unit, TimeProvider time, bool goodbye)
    {
        long utcUs = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        Span<byte> bytes = stackalloc byte[RtcpWriter.MaxCompoundSize];
        var writer = new RtcpWriter(bytes);
        writer.SenderReport(new RtcpSenderReport(_ssrc, NtpTime.FromUnixMicroseconds(utcUs), _timeline.At(utcUs), _packets, _octets));
        writer.SourceDescription(_ssrc, _cname);
        if (goodbye)
            writer.Goodbye(_ssrc);
        unit.Rent(RtspUnitKind.Report, Info.Id, isStart: false, RtspUnit.FrameHeaderSize + writer.Length);
        writer.Written.CopyTo(unit.AddFrame((byte)(2 * Info.Id + 1), writer.Length));
    }

    /// <summary>Number and time of the first packet of a unit, which is one of this track's.</summary>
    public static RtspTrackStart StartOf(RtspUnit unit)
    {
        int offset = 0;
        return RtpPacketView.TryParse(unit.PacketAt(ref offset), out var packet)
            ? new RtspTrackStart(unit.TrackId, packet.SequenceNumber, packet.Timestamp)
            : default;
    }
}
