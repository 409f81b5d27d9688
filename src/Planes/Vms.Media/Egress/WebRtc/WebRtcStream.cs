using Vms.Codecs;
using Vms.Media.Egress.Sound;
using Vms.Media.Streams;
using Vms.Native.Udp;
using Vms.Rtp;
using Vms.Rtp.Payloads.H264;
using Vms.WebRtc.Sending;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// Sends one stream to all its WebRTC viewers: each access unit is cut into packets once, into a history that all viewers share;
/// per viewer there is only numbering, encryption and a place in the next batch of datagrams.
/// </summary>
/// <remarks>Egress thread only, but for <see cref="Viewers"/>, <see cref="Attach"/>, <see cref="Detach"/> and <see cref="ClockAsync"/>.</remarks>
internal sealed class WebRtcStream : StreamEgress
{
    /// <summary>The thread that is asked may be ending.</summary>
    private static readonly TimeSpan s_answerPatience = TimeSpan.FromSeconds(2);

    private const int TcpFlushPackets = 64;

    private readonly UdpSender _sender;
    private readonly WebRtcCounters _counters;
    private readonly RtpHistory _history = new();
    private readonly RtpTimeline _timeline = new();
    private readonly H264Packetizer _packetizer = new(new H264PacketizerOptions
    {
        MaxPacketSize = RtpPacketView.FixedHeaderSize + RtpHistory.MaxPayloadLength,
    });

    private readonly byte[] _scratch = new byte[UdpSender.MaxPacketLength];
    private WebRtcViewer[] _viewers = [];
    private RtpHistoryMark _mark;
    private bool _staged;
    private bool _flows;        // a keyframe has come, and nothing since is missing; the history may have let go of it

    /// <param name="sender">The egress thread's own, shared by its streams.</param>
    public WebRtcStream(
        LiveStream stream, EgressThread thread, UdpSender sender, WebRtcCounters counters, SoundCounters sound, TimeProvider time, ILogger logger)
        : base(stream, thread, time)
    {
        Sound = new WebRtcSound(stream.CameraId, Signal, sound, time, logger);
        _sender = sender;
        _counters = counters;
    }

    public WebRtcSound Sound { get; }

    /// <summary>Replaced, never edited. Any thread.</summary>
    public IReadOnlyList<WebRtcViewer> Viewers => Volatile.Read(ref _viewers);

    /// <summary>The viewer is this stream's from now on. Any thread.</summary>
    public void Attach(WebRtcViewer viewer) => Thread.Post(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers, viewer]);
        Hurry();
    });

    /// <summary>Says good-bye to the viewer and disposes it. Any thread.</summary>
    public void Detach(WebRtcViewer viewer) => Thread.Post(() =>
    {
        Volatile.Write(ref _viewers, [.. _viewers.Where(v => v != viewer)]);
        var room = _scratch.AsSpan();
        viewer.Path.Send(_sender, room[..viewer.WriteGoodbye(room, Time)]);
        _sender.Flush();
        _sender.Clear();
        viewer.Dispose();
    });

    /// <summary>Timestamp and capture time of the last picture; null before the first, and while the thread does not answer. Any thread.</summary>
    public async Task<(uint Timestamp, long CaptureUs)?> ClockAsync(CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<(uint, long)?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread.Post(() => answer.TrySetResult(_timeline.LastCaptureUs > 0 ? (_timeline.LastTimestamp, _timeline.LastCaptureUs) : null));
        try
        {
            return await answer.Task.WaitAsync(s_answerPatience, Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>A burst of the viewer is still to come.</summary>
    internal bool IsBehind(WebRtcViewer viewer) => viewer.IsBehind(_history);

    public override void Close()
    {
        base.Close();
        Sound.Dispose();
    }

    protected override void Configure(IReadOnlyList<TrackInfo> tracks)
    {
        base.Configure(tracks);
        Sound.Configure(tracks);
    }

    protected override bool Wants(byte trackId) => base.Wants(trackId) || Sound.Wants(trackId);

    protected override void ReachedEnd() => Sound.ReachedEnd();

    protected override void Configure(TrackInfo video) => _packetizer.SetParameterSets(video.CodecParameters.Span);

    protected override void Stage(in SampleHeader header, ReadOnlySpan<byte> payload)
    {
        _mark = _history.Mark();
        if (Sound.Wants(header.TrackId))
        {
            Sound.Stage(payload);
            return;
        }

        if (!header.IsKeyframe && !_flows)
        {
            _staged = false;        // nobody could decode it
            return;
        }

        _staged = true;
        uint timestamp = _timeline.Map(header);
        _packetizer.Packetize(payload, timestamp, header.IsKeyframe);
        var packets = _packetizer.Packets;
        for (int i = 0; i < packets.Count; i++)
        {
            var packet = packets[i][RtpPacketView.FixedHeaderSize..];
            packet.CopyTo(_history.Reserve());
            _history.Commit(packet.Length, timestamp, marker: i == packets.Count - 1, startsKeyframe: header.IsKeyframe && i == 0);
        }
    }

    protected override void Publish(in SampleHeader header)
    {
        if (Sound.Wants(header.TrackId))
            Sound.Publish(header, Thread.Now);
        else if (_staged)
        {
            _timeline.Take(header);
            _flows = true;
        }
    }

    protected override void Discard() => _history.RollBack(_mark);

    protected override void Gap()
    {
        _history.ForgetKeyframe();
        _flows = false;
        Sound.Gap();
    }

    protected override TimeSpan Send(TimeSpan now)
    {
        var viewers = _viewers;
        var next = TimeSpan.MaxValue;
        Sound.Work(now, HasListeners(viewers));
        for (int i = 0; i < viewers.Length; i++)
        {
            var due = SendTo(viewers[i], i, now);
            if (due < next)
                next = due;
        }

        Flush();
        return next;
    }

    private static bool HasListeners(WebRtcViewer[] viewers)
    {
        foreach (var viewer in viewers)
        {
            if (viewer.Sound is { IsOn: true })
                return true;
        }

        return false;
    }

    /// <returns>When this viewer wants to be served again without a new sample.</returns>
    private TimeSpan SendTo(WebRtcViewer viewer, int tag, TimeSpan now)
    {
        viewer.AnswerFeedback(_history, now);
        var path = viewer.Path;
        if (path.Tcp is { } connection)
            SendByTcp(viewer, connection, now);
        else
            SendByUdp(viewer, path.Udp, tag, now);
        return viewer.DueAfter(_history);
    }

    private void SendByUdp(WebRtcViewer viewer, in UdpPeer peer, int tag, TimeSpan now)
    {
        // First: a few short packets that must not wait behind a keyframe.
        for (int pending = viewer.Sound?.Pending(Sound) ?? 0; pending > 0; pending--)
        {
            var room = Room();
            _sender.Commit(peer, viewer.WriteSound(Sound, room), tag, segmented: false);
        }

        if (viewer.Sound?.IsReportDue(now) == true)
        {
            var room = Room();
            _sender.Commit(peer, viewer.WriteSoundReport(room, Sound.Timeline, Time, now), tag, segmented: false);
        }

        while (viewer.TryTakeRetransmission(_history, now, out var lost))
        {
            var room = Room();
            _sender.Commit(peer, viewer.WriteRetransmission(_history, lost, room), tag, segmented: false);
        }

        for (int burst = viewer.BurstAllowed(_history, now, paced: true); burst > 0; burst--)
        {
            var room = Room();
            _sender.Commit(peer, viewer.WriteNext(_history, room), tag, viewer.Segmented);
        }

        if (now >= viewer.NextReport && viewer.HasSent)
        {
            var room = Room();
            _sender.Commit(peer, viewer.WriteReport(room, _timeline, Time, now), tag, segmented: false);
        }
    }

    /// <summary>A few writes for everything that is due. Nothing is lost on the way, so nothing is asked for again.</summary>
    private void SendByTcp(WebRtcViewer viewer, IceTcpConnection connection, TimeSpan now)
    {
        var room = _scratch.AsSpan();
        int packets = 0;
        int bytes = 0;
        for (int pending = viewer.Sound?.Pending(Sound) ?? 0; pending > 0; pending--)
        {
            int length = viewer.WriteSound(Sound, room);
            if (!connection.Append(room[..length]))
                break;      // the video finds the same, and skips
            packets++;
            bytes += length;
        }

        if (viewer.Sound?.IsReportDue(now) == true)
            connection.Append(room[..viewer.WriteSoundReport(room, Sound.Timeline, Time, now)]);
        for (int burst = viewer.BurstAllowed(_history, now, paced: false); burst > 0; burst--)
        {
            // A newcomer's group of pictures may be longer than what may wait: the socket gets its part of it meanwhile.
            if (burst % TcpFlushPackets == 0)
                connection.Flush();
            if (!connection.HasRoom)
            {
                viewer.SkipToNextKeyframe(_history);        // before it is numbered: no hole, for nothing is sent again by TCP
                _counters.Blocked(burst);
                break;
            }

            int length = viewer.WriteNext(_history, room);
            connection.Append(room[..length]);
            packets++;
            bytes += length;
        }

        if (now >= viewer.NextReport && viewer.HasSent)
            connection.Append(room[..viewer.WriteReport(room, _timeline, Time, now)]);
        connection.Flush();
        _counters.Sent(packets, bytes);
    }

    private Span<byte> Room()
    {
        var room = _sender.Reserve();
        if (!room.IsEmpty)
            return room;
        Flush();
        return _sender.Reserve();
    }

    private void Flush()
    {
        if (_sender.Count == 0)
            return;

        _sender.Flush();
        foreach (ref readonly var message in _sender.Messages)
        {
            _counters.Sent(message.Packets, message.Length);
            if (message.Outcome != UdpSendOutcome.Sent)
                Settle(_viewers[message.Tag], message);
        }

        _sender.Clear();
    }

    private void Settle(WebRtcViewer viewer, in UdpMessage message)
    {
        switch (message.Outcome)
        {
            case UdpSendOutcome.SentUnsegmented:
                viewer.Segmented = false;
                break;
            case UdpSendOutcome.WouldBlock:
                // The packets were numbered and encrypted: they are lost on the way like any others, and a NACK brings them back.
                viewer.SkipToNextKeyframe(_history);
                _counters.Blocked(message.Packets);
                break;
            default:
                _counters.Refused(message.Packets);
                break;
        }
    }
}
