using Vms.Native.Udp;
using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>Where the packets of one track go.</summary>
internal readonly record struct RtspUdpTrack(int Track, UdpPeer Rtp, UdpPeer Rtcp);

/// <summary>A viewer that takes datagrams: the same packets, a burst a millisecond, because an unpaced keyframe overflows receive
/// buffers along the way.</summary>
internal sealed class RtspUdpViewer(RtspOutput output, IReadOnlyList<RtspUdpTrack> tracks, bool hasVideo, bool segmented)
    : RtspViewer(tracks.Aggregate(0, (mask, t) => mask | 1 << t.Track), hasVideo)
{
    private const int BurstPackets = 16;

    /// <summary>While the GOP of the beginning goes out: players read it with little patience (35 Mbit/s).</summary>
    private const int FirstBurstPackets = 4;

    private static readonly TimeSpan s_burstInterval = TimeSpan.FromMilliseconds(1);

    private readonly RtspUdpTrack[] _byTrack = [.. Enumerable.Range(0, 8).Select(i => tracks.FirstOrDefault(t => t.Track == i))];
    private readonly Queue<RtspUnit> _queue = new();
    private bool _waits;
    private bool _first = true;         // the GOP of the beginning is not out yet
    private bool _stopped;
    private int _queuedBytes;
    private int _allowance;
    private int _offset;                // in the first unit of the queue
    private TimeSpan _nextBurst;

    /// <summary>The kernel may cut its packets out of one send.</summary>
    public bool Segmented { get; set; } = segmented;

    public bool IsBehind => _queue.Count > 0;

    /// <summary>When the next burst is due.</summary>
    public TimeSpan Due => IsBehind ? _nextBurst : TimeSpan.MaxValue;

    public override void Begin(Func<IReadOnlyList<RtspTrackStart>, byte[]> reply, IReadOnlyList<RtspUnit> first)
    {
        var wanted = first.Where(u => Wants(u.TrackId)).ToList();
        output.Reply(reply(StartsOf(wanted)));
        _waits = HasVideo && wanted.TrueForAll(u => !u.IsStart);
        foreach (var unit in wanted)
        {
            _allowance += unit.Length;
            Enqueue(unit);
        }
    }

    public override void Offer(RtspUnit unit)
    {
        if (_stopped || !Wants(unit.TrackId))
            return;
        if (unit.Kind == RtspUnitKind.Media)
        {
            if (_queuedBytes > 0 && _queuedBytes + unit.Length > MaxQueuedBytes + _allowance)
                SkipToNextKeyframe();
            _waits &= !unit.IsStart;
            if (_waits)
            {
                SamplesSkipped++;
                return;
            }
        }

        Enqueue(unit);
    }

    public override void WaitForKeyframe() => _waits = HasVideo;

    public override void Stop()
    {
        _stopped = true;
        SkipToNextKeyframe();
    }

    public override void SayGoodbye(IReadOnlyList<RtspUnit> reports, RtspDatagrams? datagrams) => datagrams?.Send(reports, tracks);

    /// <summary>The way to the viewer is full.</summary>
    public void SkipToNextKeyframe()
    {
        while (_queue.TryDequeue(out var unit))
        {
            SamplesSkipped += unit.Kind == RtspUnitKind.Media ? 1 : 0;
            unit.Release();
        }

        (_queuedBytes, _offset, _allowance) = (0, 0, 0);
        _waits = HasVideo;
    }

    /// <summary>Everything that may go now; a packet at a time.</summary>
    /// <param name="rest">Packets left of this burst; negative before the first.</param>
    /// <param name="packet">Borrowed until the next call.</param>
    public bool TryTake(TimeSpan now, ref int rest, out UdpPeer peer, out bool isReport, out ReadOnlySpan<byte> packet)
    {
        (peer, isReport) = (default, false);
        packet = default;
        if (rest < 0)
        {
            if (now < _nextBurst || !IsBehind)
                return false;
            _nextBurst = now + s_burstInterval;
            rest = _first ? FirstBurstPackets : BurstPackets;
        }

        DropFinished();
        if (rest == 0 || !_queue.TryPeek(out var unit))
            return false;
        rest--;
        isReport = unit.Kind == RtspUnitKind.Report;
        ref readonly var track = ref _byTrack[unit.TrackId];
        peer = isReport ? track.Rtcp : track.Rtp;
        packet = unit.PacketAt(ref _offset);
        BytesSent += packet.Length;
        if (!isReport && _offset == unit.Length)
            SamplesSent++;
        return true;
    }

    /// <summary>After a burst: units that are out go back.</summary>
    public void DropFinished()
    {
        while (_queue.TryPeek(out var unit) && _offset >= unit.Length)
        {
            _queue.Dequeue();
            _queuedBytes -= unit.Length;
            _offset = 0;
            unit.Release();
        }

        if (_queue.Count == 0)
            (_first, _allowance) = (false, 0);
    }

    private void Enqueue(RtspUnit unit)
    {
        _queue.Enqueue(unit.Share());
        _queuedBytes += unit.Length;
    }
}
