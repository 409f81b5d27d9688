using Vms.Codecs;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Sending;
using Vms.WebRtc.Srtp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>Where one viewer stands in the sound of its stream, and under which numbers it hears it. Sound begins with the newest packet
/// and is not repeated: a packet that comes late is of no use.</summary>
/// <remarks>Egress thread only, but for <see cref="IsOn"/>.</remarks>
internal sealed class ViewerSound(LocalSound local, NegotiatedSound negotiated, bool isOn)
{
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(1);

    private bool _isOn = isOn;
    private long _next = -1;            // packet of the history; -1: begins with the newest
    private ulong _index = (ulong)Random.Shared.Next(1, 1 << 15);
    private byte _payloadType;
    private uint _packets;
    private uint _octets;

    /// <summary>The viewer wants to hear it. Any thread.</summary>
    public bool IsOn
    {
        get => Volatile.Read(ref _isOn);
        set => Volatile.Write(ref _isOn, value);
    }

    public long PacketsSent => _packets;

    public TimeSpan NextReport { get; private set; }

    public bool IsReportDue(TimeSpan now) => _packets > 0 && _next >= 0 && now >= NextReport;

    /// <summary>How many packets wait for this viewer.</summary>
    public int Pending(WebRtcSound sound)
    {
        if (!IsOn || sound.Format is not { } format || negotiated.PayloadTypeOf(format) is not { } payloadType)
        {
            _next = -1;
            return 0;
        }

        _payloadType = payloadType;
        if (_next < sound.History.Tail)
            _next = sound.History.Head;
        return (int)(sound.History.Head - _next);
    }

    /// <summary>The next packet, protected.</summary>
    /// <returns>Its length.</returns>
    public int WriteNext(RtpHistory history, SrtpSender srtp, Span<byte> room)
    {
        var payload = history.Payload(_next);
        ulong index = _index++;
        // The marker begins a talkspurt (RFC 3551 §4.1): the first packet of all.
        RtpPacketWriter.WriteHeader(room, _payloadType, marker: _packets == 0, (ushort)index, history[_next].Timestamp, local.Ssrc);
        _next++;
        _packets++;
        _octets += (uint)payload.Length;
        return srtp.ProtectRtp(room, RtpPacketView.FixedHeaderSize, payload, local.Ssrc, index);
    }

    /// <summary>Sender report and CNAME: the same wall clock as the video's, so that the browser can play them in time.</summary>
    public int WriteReport(RtpTimeline timeline, SrtpSender srtp, long utcUs, TimeSpan now, Span<byte> room)
    {
        NextReport = now + s_reportInterval;
        var writer = new RtcpWriter(room);
        writer.SenderReport(new RtcpSenderReport(local.Ssrc, NtpTime.FromUnixMicroseconds(utcUs), timeline.At(utcUs), _packets, _octets));
        writer.SourceDescription(local.Ssrc, local.Cname);
        return srtp.ProtectRtcp(room, writer.Length, local.Ssrc);
    }

    /// <summary>The way to the viewer is full: what waits is left out.</summary>
    public void Skip() => _next = -1;
}
