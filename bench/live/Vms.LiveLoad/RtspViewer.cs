using System.Buffers.Binary;
using System.Text;
using Vms.Rtp;
using Vms.Testing.Footage;

namespace Vms.LiveLoad;

/// <summary>RTSP over TCP, interleaved.</summary>
internal sealed class RtspViewer : TcpViewer
{
    private const int FrameHeader = 4;
    private FrameStamp? _stamp;

    public RtspViewer(Uri url)
        : base(url)
    {
        string track = url.AbsoluteUri.Replace("?", "/trackID=0?", StringComparison.Ordinal);
        Send(Encoding.ASCII.GetBytes(
            $"SETUP {track} RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\nPLAY {url.AbsoluteUri} RTSP/1.0\r\nCSeq: 2\r\n\r\n"));
    }

    protected override int Take(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FrameHeader)
            return 0;
        if (bytes[0] != '$')
            return TakeReply(bytes);
        int length = FrameHeader + BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (bytes.Length < length)
            return 0;
        if (bytes[1] == 0 && RtpPacketView.TryParse(bytes[FrameHeader..length], out var packet))
            Take(packet);
        return length;
    }

    private int TakeReply(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end >= 0 && !bytes.StartsWith("RTSP/1.0 200"u8))
            Failure = Encoding.ASCII.GetString(bytes[..end]);
        return end < 0 ? 0 : end + 4;
    }

    private void Take(in RtpPacketView packet)
    {
        if (_stamp is null && FrameStamp.TryFind(packet.Payload, out var stamp))
            _stamp = stamp;
        if (!packet.Marker)
            return;
        if (_stamp is { } whole)
            Count(whole);
        _stamp = null;
    }
}
