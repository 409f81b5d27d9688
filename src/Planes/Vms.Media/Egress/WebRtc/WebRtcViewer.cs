using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Sending;
using Vms.WebRtc.Srtp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>A packet that a viewer misses.</summary>
internal readonly record struct LostPacket(ulong Index, long Packet, uint Timestamp);

/// <summary>
/// One viewer of a <see cref="WebRtcStream"/>: its place in the history, its numbers, its keys. Waiting → (keyframe) → Playing →
/// (too slow) → Waiting for the next keyframe.
/// </summary>
/// <remarks>Egress thread only, but for <see cref="Feedback"/>, <see cref="Move"/> and the counts, which any thread may read.</remarks>
internal sealed class WebRtcViewer : IDisposable
{
    /// <summary>Packets in one go: an unpaced keyframe overflows receive buffers along the way.</summary>
    private const int BurstPackets = 16;

    /// <summary>As many go in one go when nothing more waits: an ordinary frame of a main stream has some 20, and a second burst of a
    /// few costs as much as the first.</summary>
    private const int LastBurstPackets = 32;

    /// <summary>Frames that a restart may repeat: one tick each, they must stay before the stream's next timestamp.</summary>
    private const int MaxCatchUpFrames = 1500;

    /// <summary>Answers to NACKs in <see cref="s_retransmissionWindow"/>; more is a broken link or a broken peer.</summary>
    private const int MaxRetransmissions = 500;

    private static readonly TimeSpan s_burstInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_restartInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retransmissionWindow = TimeSpan.FromSeconds(1);

    private readonly WebRtcCounters _counters;
    private readonly SrtpSender _srtp;
    private readonly LocalVideo _local;
    private readonly NegotiatedVideo _negotiated;
    private readonly RtpNumbering _numbering;
    private Destination _destination;
    private bool _waiting = true;
    private long _resumeFrom;           // while waiting: only a keyframe from here on is taken
    private long _skippedFrom = -1;     // frame at which a skip began
    private TimeSpan _nextBurst;
    private TimeSpan _nextRestart;
    private TimeSpan _retransmissionsFrom;
    private int _retransmissionsInWindow;
    private ulong _rtxIndex;
    private long _octets;

    public WebRtcViewer(
        SrtpSender srtp, LocalVideo local, NegotiatedVideo negotiated, PeerPath path, bool segmented, WebRtcCounters counters,
        ViewerSound? sound)
    {
        Sound = sound;
        _counters = counters;
        _srtp = srtp;
        _local = local;
        _negotiated = negotiated;
        _destination = new Destination(path);
        _numbering = new RtpNumbering((ushort)Random.Shared.Next(1, 1 << 15));
        _rtxIndex = (ulong)Random.Shared.Next(1, 1 << 15);
        Segmented = segmented;
    }

    /// <summary>What the viewer tells us; the receive thread writes, the egress thread reads.</summary>
    public RtpFeedback Feedback { get; } = new();

    /// <summary>Null: none was agreed.</summary>
    public ViewerSound? Sound { get; }

    /// <summary>The way its packets go now.</summary>
    public PeerPath Path => Volatile.Read(ref _destination).Path;

    /// <summary>The kernel may cut its packets out of one send.</summary>
    public bool Segmented { get; set; }

    public TimeSpan NextReport { get; private set; }

    public bool HasSent => PacketsSent > 0;

    public long PacketsSent { get; private set; }

    public long Retransmitted { get; private set; }

    /// <summary>Access units left out because the way to the viewer was full.</summary>
    public long FramesSkipped { get; private set; }

    /// <summary>Times the viewer asked for a picture and was sent the last keyframe again.</summary>
    public long Restarts { get; private set; }

    /// <summary>The peer nominated another address. Any thread.</summary>
    public void Move(PeerPath path) => Volatile.Write(ref _destination, new Destination(path));

    /// <summary>Takes up a request for a picture.</summary>
    public void AnswerFeedback(RtpHistory history, TimeSpan now)
    {
        if (_waiting || now < _nextRestart || !Feedback.TakePictureRequest())
            return;
        if (history.Keyframe < 0 || history.Frame - history[history.Keyframe].Frame > MaxCatchUpFrames)
            return;

        _nextRestart = now + s_restartInterval;
        Restarts++;
        _numbering.Jump(history.Keyframe, history);
    }

    public bool TryTakeRetransmission(RtpHistory history, TimeSpan now, out LostPacket lost)
    {
        lost = default;
        while (Feedback.TryTakeLost(out ushort sequenceNumber))
        {
            if (now - _retransmissionsFrom > s_retransmissionWindow)
            {
                _retransmissionsFrom = now;
                _retransmissionsInWindow = 0;
            }

            if (_retransmissionsInWindow >= MaxRetransmissions
                || !_numbering.TryFind(sequenceNumber, history, out ulong index, out long packet, out uint timestamp))
                continue;

            _retransmissionsInWindow++;
            lost = new LostPacket(index, packet, timestamp);
            return true;
        }

        return false;
    }

    /// <summary>How many packets may go now.</summary>
    /// <param name="paced">Datagrams; a TCP connection paces itself.</param>
    public int BurstAllowed(RtpHistory history, TimeSpan now, bool paced)
    {
        if (!_waiting && _numbering.NextPacket < history.Tail)
            Wait(history, resumeFrom: history.Tail);        // so slow that its packets are gone
        if (_waiting && !TryStart(history))
            return 0;

        long pending = history.Head - _numbering.NextPacket;
        if (pending <= 0 || !paced)
            return (int)Math.Max(0, pending);
        if (now < _nextBurst)
            return 0;
        _nextBurst = now + s_burstInterval;
        return (int)(pending <= LastBurstPackets ? pending : BurstPackets);
    }

    /// <summary>As <see cref="WriteNext"/>, of the sound.</summary>
    public int WriteSound(WebRtcSound sound, Span<byte> room) => Sound!.WriteNext(sound.History, _srtp, room);

    /// <summary>As <see cref="WriteReport"/>, of the sound.</summary>
    public int WriteSoundReport(Span<byte> room, RtpTimeline timeline, TimeProvider time, TimeSpan now) =>
        Sound!.WriteReport(timeline, _srtp, UnixMicroseconds(time), now, room);

    /// <returns>When the next burst or report is due; <see cref="TimeSpan.MaxValue"/> before the first packet.</returns>
    public TimeSpan DueAfter(RtpHistory history)
    {
        var report = HasSent ? NextReport : TimeSpan.MaxValue;
        return IsBehind(history) && _nextBurst < report ? _nextBurst : report;
    }

    /// <summary>Packets wait for the next burst.</summary>
    public bool IsBehind(RtpHistory history) => !_waiting && history.Head > _numbering.NextPacket;

    /// <summary>The next packet, protected.</summary>
    /// <returns>Its length.</returns>
    public int WriteNext(RtpHistory history, Span<byte> room)
    {
        long packet = _numbering.NextPacket;
        var (index, timestamp) = _numbering.Advance(history);
        PacketsSent++;
        _octets += history[packet].Length;
        return WritePacket(history, packet, index, timestamp, room);
    }

    /// <summary>A lost packet again: by RTX where agreed (RFC 4588 §4), else byte for byte as it was.</summary>
    public int WriteRetransmission(RtpHistory history, in LostPacket lost, Span<byte> room)
    {
        Retransmitted++;
        _counters.Retransmit();
        if (_negotiated.RtxPayloadType is not { } payloadType)
            return WritePacket(history, lost.Packet, lost.Index, lost.Timestamp, room);

        ulong index = _rtxIndex++;
        RtpPacketWriter.WriteHeader(room, payloadType, history[lost.Packet].Marker, (ushort)index, lost.Timestamp, _local.RtxSsrc);
        var payload = history.Payload(lost.Packet);
        var body = room.Slice(RtpPacketView.FixedHeaderSize, sizeof(ushort) + payload.Length);
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)lost.Index);        // original sequence number
        payload.CopyTo(body[sizeof(ushort)..]);
        return _srtp.ProtectRtp(room, RtpPacketView.FixedHeaderSize, body, _local.RtxSsrc, index);
    }

    /// <summary>Sender report and CNAME (RFC 3550 §6.4.1, §6.5).</summary>
    public int WriteReport(Span<byte> room, RtpTimeline timeline, TimeProvider time, TimeSpan now)
    {
        NextReport = now + s_reportInterval;
        long utcUs = UnixMicroseconds(time);
        var writer = new RtcpWriter(room);
        writer.SenderReport(new RtcpSenderReport(
            _local.Ssrc, NtpTime.FromUnixMicroseconds(utcUs), timeline.At(utcUs), (uint)PacketsSent, (uint)_octets));
        writer.SourceDescription(_local.Ssrc, _local.Cname);
        return _srtp.ProtectRtcp(room, writer.Length, _local.Ssrc);
    }

    /// <summary>Says good-bye, so that the browser need not wait for silence.</summary>
    public int WriteGoodbye(Span<byte> room, TimeProvider time)
    {
        var writer = new RtcpWriter(room);
        writer.SenderReport(new RtcpSenderReport(
            _local.Ssrc, NtpTime.FromUnixMicroseconds(UnixMicroseconds(time)), _numbering.LastTimestamp, (uint)PacketsSent, (uint)_octets));
        writer.SourceDescription(_local.Ssrc, _local.Cname);
        writer.Goodbye(_local.Ssrc);
        return _srtp.ProtectRtcp(room, writer.Length, _local.Ssrc);
    }

    /// <summary>The way to the viewer is full: nothing more before the next keyframe.</summary>
    public void SkipToNextKeyframe(RtpHistory history)
    {
        Sound?.Skip();
        if (!_waiting)
            Wait(history, resumeFrom: history.Head);
    }

    public void Dispose() => _srtp.Dispose();

    private void Wait(RtpHistory history, long resumeFrom)
    {
        _waiting = true;
        _resumeFrom = resumeFrom;
        _skippedFrom = history.Frame;
    }

    private bool TryStart(RtpHistory history)
    {
        if (history.Keyframe < 0 || history.Keyframe < _resumeFrom)
            return false;

        if (_skippedFrom >= 0)
        {
            long skipped = Math.Max(0, history[history.Keyframe].Frame - _skippedFrom);
            FramesSkipped += skipped;
            _counters.SkipFrames(skipped);
        }

        _skippedFrom = -1;
        _waiting = false;
        _numbering.Jump(history.Keyframe, history);
        return true;
    }

    private int WritePacket(RtpHistory history, long packet, ulong index, uint timestamp, Span<byte> room)
    {
        RtpPacketWriter.WriteHeader(room, _negotiated.PayloadType, history[packet].Marker, (ushort)index, timestamp, _local.Ssrc);
        return _srtp.ProtectRtp(room, RtpPacketView.FixedHeaderSize, history.Payload(packet), _local.Ssrc, index);
    }

    private static long UnixMicroseconds(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Boxed, so that it is replaced as a whole.</summary>
    private sealed record Destination(PeerPath Path);
}
