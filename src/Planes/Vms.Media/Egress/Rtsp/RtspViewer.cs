using Vms.Rtsp.Server;

namespace Vms.Media.Egress.Rtsp;

/// <summary>One RTSP session that plays: takes the units of its stream and passes on those of its tracks. Too slow: everything
/// up to the next keyframe is left out (DropUntilKeyframe) and counted.</summary>
/// <remarks>Egress thread only, but for the counts and what a derived type says.</remarks>
internal abstract class RtspViewer(int tracks)
{
    /// <summary>Waiting bytes, besides the GOP that a newcomer begins with: that one is shared by all.</summary>
    protected const int MaxQueuedBytes = 2 << 20;

    /// <summary>Samples handed to the network.</summary>
    public long SamplesSent { get; protected set; }

    public long BytesSent { get; protected set; }

    /// <summary>Samples left out because the way to the viewer was full.</summary>
    public long SamplesSkipped { get; protected set; }

    /// <summary>Bit n: track n is set up.</summary>
    public int Tracks => tracks;

    public bool Wants(byte trackId) => (tracks >> trackId & 1) != 0;

    /// <summary>Begins to play.</summary>
    /// <param name="reply">Answers PLAY, given where each track begins.</param>
    /// <param name="first">What is to be sent first: reports and the GOP. Shared.</param>
    /// <param name="needsKeyframe">Has video.</param>
    public abstract void Begin(Func<IReadOnlyList<RtspTrackStart>, byte[]> reply, IReadOnlyList<RtspUnit> first, bool needsKeyframe);

    /// <summary>One more unit of a wanted track; shared if it is kept.</summary>
    public abstract void Offer(RtspUnit unit);

    /// <summary>Samples are missing: what comes before the next keyframe cannot be decoded.</summary>
    public abstract void WaitForKeyframe();

    /// <summary>Everything is given back; nothing is sent any more.</summary>
    public abstract void Stop();

    /// <summary>Where each track begins.</summary>
    protected IReadOnlyList<RtspTrackStart> StartsOf(IReadOnlyList<RtspUnit> units)
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
