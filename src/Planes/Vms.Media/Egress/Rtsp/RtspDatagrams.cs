using Vms.Native.Udp;

namespace Vms.Media.Egress.Rtsp;

/// <summary>The datagrams of one egress thread: RTP from one port, RTCP from the next, in batches for all its viewers. That thread only.</summary>
internal sealed class RtspDatagrams(UdpMediaSocket rtp, UdpMediaSocket rtcp, RtspCounters counters) : IDisposable
{
    private readonly UdpSender _rtp = rtp.CreateSender();
    private readonly UdpSender _rtcp = rtcp.CreateSender();

    /// <summary>Takes what the viewer may be sent now into the next batch.</summary>
    /// <param name="tag">Its place in <paramref name="viewers"/>.</param>
    /// <returns>When it wants to be served again.</returns>
    public TimeSpan Send(RtspUdpViewer viewer, int tag, TimeSpan now, RtspViewer[] viewers)
    {
        int rest = -1;
        while (viewer.TryTake(now, ref rest, out var peer, out bool isReport, out var packet))
        {
            var sender = isReport ? _rtcp : _rtp;
            var room = sender.Reserve();
            if (room.IsEmpty)
            {
                Flush(viewers);
                room = sender.Reserve();
            }

            packet.CopyTo(room);
            sender.Commit(peer, packet.Length, tag, viewer.Segmented && !isReport);
        }

        viewer.DropFinished();
        return viewer.Due;
    }

    /// <summary>Sends the batch; who has no room on the way skips to the next keyframe.</summary>
    public void Flush(RtspViewer[] viewers)
    {
        Flush(_rtp, viewers);
        Flush(_rtcp, viewers);
    }

    /// <summary>Reports that go at once and alone.</summary>
    public void Send(IReadOnlyList<RtspUnit> reports, IReadOnlyList<RtspUdpTrack> tracks)
    {
        foreach (var report in reports)
        {
            int offset = 0;
            var packet = report.PacketAt(ref offset);
            packet.CopyTo(_rtcp.Reserve());
            _rtcp.Commit(tracks.First(t => t.Track == report.TrackId).Rtcp, packet.Length, tag: 0, segmented: false);
        }

        _rtcp.Flush();
        _rtcp.Clear();
    }

    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    private void Flush(UdpSender sender, RtspViewer[] viewers)
    {
        if (sender.Count == 0)
            return;

        sender.Flush();
        foreach (ref readonly var message in sender.Messages)
        {
            if (message.Outcome == UdpSendOutcome.Sent)
                continue;
            var viewer = (RtspUdpViewer)viewers[message.Tag];
            switch (message.Outcome)
            {
                case UdpSendOutcome.SentUnsegmented:
                    viewer.Segmented = false;
                    break;
                case UdpSendOutcome.WouldBlock:
                    viewer.SkipToNextKeyframe();
                    counters.Blocked(message.Packets);
                    break;
                default:
                    counters.Refused(message.Packets);
                    break;
            }
        }

        sender.Clear();
    }
}
