using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>A viewer whose packets go interleaved on its RTSP connection: the same bytes as everybody's, one write per unit.</summary>
internal sealed class RtspTcpViewer(RtspOutput output, int tracks, bool hasVideo) : RtspViewer(tracks, hasVideo)
{
    private bool _waits;
    private bool _stopped;
    private int _allowance;         // bytes of the GOP it began with, until they are out

    public override void Begin(Func<IReadOnlyList<RtspTrackStart>, byte[]> reply, IReadOnlyList<RtspUnit> first)
    {
        var wanted = first.Where(u => Wants(u.TrackId)).ToList();
        output.Reply(reply(StartsOf(wanted)));
        _waits = HasVideo && wanted.TrueForAll(u => !u.IsStart);
        foreach (var unit in wanted)
        {
            _allowance += unit.Length;
            output.Enqueue(unit);
        }

        output.Pump();
    }

    public override void Offer(RtspUnit unit)
    {
        if (_stopped || !Wants(unit.TrackId))
            return;
        int queued = output.QueuedBytes;
        if (queued == 0)
            _allowance = 0;
        if (unit.Kind == RtspUnitKind.Media && !Admit(unit, queued))
        {
            SamplesSkipped++;
            return;
        }

        output.Enqueue(unit);
        output.Pump();
        (SamplesSent, BytesSent) = output.Sent;
    }

    public override void WaitForKeyframe() => _waits = HasVideo;

    /// <summary>Its socket may have stopped taking anything.</summary>
    public void EndIfStalled(TimeSpan now) => output.EndIfStalled(now);

    public override void Stop()
    {
        _stopped = true;
        SamplesSkipped += output.DropMedia();
    }

    public override void SayGoodbye(IReadOnlyList<RtspUnit> reports, RtspDatagrams? datagrams)
    {
        foreach (var report in reports)
            output.Enqueue(report);
        output.Pump();
    }

    private bool Admit(RtspUnit unit, int queued)
    {
        if (_waits && !unit.IsStart)
            return false;
        if (queued > 0 && queued + unit.Length > MaxQueuedBytes + _allowance)
        {
            SamplesSkipped += output.DropMedia();
            _allowance = 0;
            _waits = HasVideo;
        }

        _waits &= !unit.IsStart;
        return !_waits;
    }
}
