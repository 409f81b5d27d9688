using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Conversion;

/// <summary>The stream log of a converted stream: every egress reads it like that of a camera. One child after another writes to it;
/// closing it deletes it. One thread at a time.</summary>
internal sealed class ConvertedLog(StreamLogWriter log, LiveStream live) : IDisposable
{
    /// <summary>Room for the 12 s that plain HLS players want at once, at the bitrate that the encoder is held to.</summary>
    public static StreamLogOptions Options { get; } = new()
    {
        InitialCapacityBytes = 4 << 20,
        MaxCapacityBytes = 24 << 20,
        OutageBudget = TimeSpan.FromSeconds(12),
    };

    private GapCause _break = log.Reopened ? GapCause.MediaRestart : GapCause.None;
    private bool _awaitKeyframe = true;
    private uint _tracksVersion;

    /// <summary>The greatest PTS written since the last break; null when none was.</summary>
    public long? LastPts { get; private set; }

    /// <summary>What comes next does not continue the source's line of time.</summary>
    public void Break(GapCause cause)
    {
        if (LastPts is not null && _break == GapCause.None)
            _break = cause == GapCause.None ? GapCause.MediaRestart : cause;
        LastPts = null;
        _awaitKeyframe = true;
    }

    /// <summary>Another child goes on: its pictures decode from its first keyframe.</summary>
    public void Restart() => _awaitKeyframe = true;

    /// <returns>False when this is no description of H.264.</returns>
    public bool TryConfigure(ReadOnlySpan<byte> avcC, int timescale)
    {
        byte[] parameters = avcC.ToArray();
        if (!AvcDecoderConfiguration.TryParse(parameters, out var avc) || avc.Sps.Count == 0 || !H264Sps.TryParse(avc.Sps[0].Span, out var sps))
            return false;
        _tracksVersion = log.SetTracks([new TrackInfo(0, CodecKind.H264, timescale, parameters, sps.Width, sps.Height)]);
        live.PublishTracks(log.Tracks);
        return true;
    }

    public void Append(in SourcePicture picture, bool isKeyframe, ReadOnlySpan<byte> payload)
    {
        if (_tracksVersion == 0 || (_awaitKeyframe && !isKeyframe))
            return;
        var flags = (isKeyframe ? SampleFlags.Keyframe : SampleFlags.None) | (_break != GapCause.None ? SampleFlags.Discontinuity : SampleFlags.None);
        var header = new SampleHeader(0, flags, _break, _tracksVersion, picture.Pts, picture.CaptureTimeUs);
        if (log.Append(header, payload) != AppendResult.Appended)
        {
            _awaitKeyframe = true;      // larger than any log: the next keyframe may fit
            return;
        }

        _break = GapCause.None;
        _awaitKeyframe = false;
        LastPts = picture.Pts;
    }

    /// <summary>Readers are told, the log is deleted.</summary>
    public void Dispose() => log.Close();
}
