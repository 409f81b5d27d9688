using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>One RTSP session that plays: takes the units of its stream and passes on those of its tracks. Too slow: everything
/// up to the next keyframe is left out (DropUntilKeyframe) and counted.</summary>
/// <remarks>Egress thread only, but for the counts and what a derived type says.</remarks>
/// <param name="tracks">Bit n: track n is set up.</param>
/// <param name="hasVideo">One of them is video: nothing can be shown before a keyframe.</param>
internal abstract class RtspViewer(int tracks, bool hasVideo)
{
    /// <summary>Waiting bytes, besides the GOP that a newcomer begins with: that one is shared by all.</summary>
    protected const int MaxQueuedBytes = 2 << 20;

    /// <summary>Samples handed to the network.</summary>
    public long SamplesSent { get; protected set; }

    public long BytesSent { get; protected set; }

    /// <summary>Samples left out because the way to the viewer was full.</summary>
    public long SamplesSkipped { get; protected set; }

    protected bool HasVideo => hasVideo;

    public bool Wants(byte trackId) => (tracks >> trackId & 1) != 0;

    /// <summary>Begins to play.</summary>
    /// <param name="reply">Answers PLAY, given where each track begins.</param>
    /// <param name="first">What is to be sent first: reports and the GOP. Shared.</param>
    public abstract void Begin(Func<IReadOnlyList<RtspTrackStart>, byte[]> reply, IReadOnlyList<RtspUnit> first);

    /// <summary>One more unit of a wanted track; shared if it is kept.</summary>
    public abstract void Offer(RtspUnit unit);

    /// <summary>Samples are missing: what comes before the next keyframe cannot be decoded.</summary>
    public abstract void WaitForKeyframe();

    /// <summary>Everything is given back; nothing is sent any more.</summary>
    public abstract void Stop();

    /// <summary>Sends the last reports, after <see cref="Stop"/>.</summary>
    public abstract void SayGoodbye(IReadOnlyList<RtspUnit> reports, RtspDatagrams? datagrams);

    /// <summary>Where each track begins.</summary>
    protected static IReadOnlyList<RtspTrackStart> StartsOf(IReadOnlyList<RtspUnit> units)
    {
        var starts = new List<RtspTrackStart>();
        foreach (var unit in units)
        {
            if (unit.Kind == RtspUnitKind.Media && unit.Packets > 0 && starts.TrueForAll(s => s.Track != unit.TrackId))
                starts.Add(RtspTrack.StartOf(unit));
        }

        return starts;
    }
}
