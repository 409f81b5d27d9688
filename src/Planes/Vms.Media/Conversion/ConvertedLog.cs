using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Conversion;

/// <summary>The stream log of a converted stream: every egress reads it like that of a camera. One child after another writes pictures to it, and
/// the source's sound goes in as it came; closing it deletes it. Any thread.</summary>
/// <param name="memory">The node's account of it, closed with it.</param>
internal sealed class ConvertedLog(StreamLogWriter log, LiveStream live, IDisposable memory) : IDisposable
{
    /// <summary>Room for the 12 s that plain HLS players want at once, at the bitrate that the encoder is held to.</summary>
    public static StreamLogOptions Options { get; } = new()
    {
        InitialCapacityBytes = 4 << 20,
        MaxCapacityBytes = 24 << 20,
        OutageBudget = TimeSpan.FromSeconds(12),
    };

    private readonly Lock _gate = new();        // pictures come back on one thread, sound goes past on another
    private TrackInfo? _video;
    private IReadOnlyList<TrackInfo> _sound = [];
    private GapCause _break = log.Reopened ? GapCause.MediaRestart : GapCause.None;
    private bool _awaitKeyframe = true;
    private uint _tracksVersion;

    /// <summary>The greatest PTS written since the last break; null when none was.</summary>
    public long? LastPts { get; private set; }

    /// <summary>What comes next does not continue the source's line of time.</summary>
    public void Break(GapCause cause)
    {
        lock (_gate)
        {
            if (LastPts is not null && _break == GapCause.None)
                _break = cause == GapCause.None ? GapCause.MediaRestart : cause;
            LastPts = null;
            _awaitKeyframe = true;
        }
    }

    /// <summary>Another child goes on: its pictures decode from its first keyframe.</summary>
    public void Restart()
    {
        lock (_gate)
            _awaitKeyframe = true;
    }

    /// <param name="avcC">From the child.</param>
    /// <param name="source">The video that it converts.</param>
    /// <param name="sound">The source's other tracks.</param>
    /// <returns>False when this is no description of H.264.</returns>
    public bool TryConfigure(ReadOnlySpan<byte> avcC, TrackInfo source, IReadOnlyList<TrackInfo> sound)
    {
        byte[] parameters = avcC.ToArray();
        if (!AvcDecoderConfiguration.TryParse(parameters, out var avc) || avc.Sps.Count == 0 || !H264Sps.TryParse(avc.Sps[0].Span, out var sps))
            return false;
        lock (_gate)
        {
            _video = new TrackInfo(source.Id, CodecKind.H264, source.Timescale, parameters, sps.Width, sps.Height);
            Describe(sound);
        }

        return true;
    }

    public void Append(in SourcePicture picture, bool isKeyframe, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_video is not { } video || (_awaitKeyframe && !isKeyframe))
                return;
            var flags = (isKeyframe ? SampleFlags.Keyframe : SampleFlags.None) | (_break != GapCause.None ? SampleFlags.Discontinuity : SampleFlags.None);
            var header = new SampleHeader(video.Id, flags, _break, _tracksVersion, picture.Pts, picture.CaptureTimeUs);
            if (log.Append(header, payload) != AppendResult.Appended)
            {
                _awaitKeyframe = true;      // larger than any log: the next keyframe may fit
                return;
            }

            _break = GapCause.None;
            _awaitKeyframe = false;
            LastPts = picture.Pts;
        }
    }

    /// <summary>Sound begins with the first picture.</summary>
    /// <param name="header">As in the source.</param>
    /// <param name="tracks">The source's tracks of sound now.</param>
    /// <returns>False when it was left out.</returns>
    public bool AppendSound(in SampleHeader header, IReadOnlyList<TrackInfo> tracks, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_video is null || _awaitKeyframe)
                return false;
            if (!ReferenceEquals(tracks, _sound))
                Describe(tracks);
            return log.Append(header with { TracksVersion = _tracksVersion }, payload) == AppendResult.Appended;
        }
    }

    private void Describe(IReadOnlyList<TrackInfo> sound)
    {
        _sound = sound;
        _tracksVersion = log.SetTracks([_video!, .. sound]);
        live.PublishTracks(log.Tracks);
    }

    /// <summary>Readers are told, the log is deleted.</summary>
    public void Dispose()
    {
        using (memory)
            log.Close();
    }
}
