using Vms.Codecs;
using Vms.Media.Metadata;
using Vms.Media.Streams;
using Vms.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>The receivers of one stream's tracks: number 0 is the video track, which stays as long as the pipeline, so that its buffers are
/// warm; the others live for a session. One caller at a time.</summary>
internal sealed class TrackReceivers(SampleAppender appender, IngestCounters counters, LiveStream live, MetadataFeed metadata)
{
    private readonly VideoTrackReceiver _video = new(appender, counters);
    private readonly List<SampleTrackReceiver> _others = [];

    public int Count => 1 + _others.Count;

    public VideoTrackReceiver Video => _video;

    public TrackReceiver this[int track] => track == 0 ? _video : _others[track - 1];

    /// <summary>A session with the camera begins.</summary>
    /// <param name="tracks">The video track first.</param>
    public void BeginRun(IReadOnlyList<RtspTrack> tracks, TimeSpan reorderWait)
    {
        _video.BeginRun(tracks[0].Media, reorderWait);
        _others.Clear();
        foreach (var track in tracks.Skip(1))
        {
            if (!TrackFormat.TryFrom(track.Media, out var format))
                throw new ArgumentException("A track that is not supported was set up.", nameof(tracks));

            var other = new SampleTrackReceiver(format.ToTrack((byte)track.Index), format, appender, counters, live, metadata);
            other.BeginRun(track.Media.PayloadType, reorderWait);
            _others.Add(other);
        }

        appender.BeginRun([.. _others.Select(o => o.Track)]);
    }

    /// <summary>The session is over: what was lost behind the last sample of a track is counted, too.</summary>
    /// <param name="cause">Of the gap.</param>
    public void EndRun(GapCause cause, in IngestTime now)
    {
        // What an ordered end cuts off was not wanted any more.
        bool andUnfinished = cause != GapCause.Disabled;
        appender.EndRun(cause, _video.EndRun(andUnfinished));
        foreach (var other in _others)
            counters.LoseOther(other.EndRun(andUnfinished));
        if (_others.Exists(o => o.Track.Codec == CodecKind.OnvifMetadata))
            metadata.SessionEnded(live, now.UtcUs);
    }

    /// <summary>Lets time pass in all of them.</summary>
    public void Tick(in IngestTime now)
    {
        _video.Tick(now);
        foreach (var other in _others)
            other.Tick(now);
    }

    /// <summary>Audio tracks that have brought nothing for <paramref name="limit"/>. Metadata may be silent as long as nothing happens.</summary>
    public int CountSilent(TimeSpan since, TimeSpan limit, in IngestTime now)
    {
        int silent = 0;
        foreach (var other in _others)
        {
            if (other.Track.IsAudio && now.Monotonic - (other.LastSampleAt ?? since) >= limit)
                silent++;
        }

        return silent;
    }

    /// <summary>Something other than video came in this run.</summary>
    public bool HasOnlyOthers => !_video.HasPackets && _others.Exists(o => o.HasPackets);
}
