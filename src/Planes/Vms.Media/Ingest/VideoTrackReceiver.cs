using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H265;
using Vms.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>The <see cref="TrackReceiver"/> of the video track: access units, keyframes, parameter sets.</summary>
internal sealed class VideoTrackReceiver(SampleAppender appender, IngestCounters counters) : TrackReceiver(counters)
{
    private const int ReorderPackets = 512;     // two 4 Mbit/s keyframes' worth

    private VideoDepacketizer _depacketizer = VideoFormats.NewDepacketizer(VideoFormats.Encodings[0]);
    private string _encoding = VideoFormats.Encodings[0];
    private long _undecodable;

    /// <summary>A session with the camera begins.</summary>
    public void BeginRun(MediaDescription media, TimeSpan reorderWait)
    {
        Begin(media.PayloadType, SampleAppender.VideoTimescale, ReorderPackets, reorderWait);
        if (media.Encoding != _encoding)
        {
            _depacketizer = VideoFormats.NewDepacketizer(media.Encoding);
            _encoding = media.Encoding;
        }

        _depacketizer.Reset();
        if (_depacketizer is H265Depacketizer hevc)
            hevc.HasDecodingOrderNumbers = media.FormatParameters.HasDecodingOrderNumbers;
        foreach (var set in media.FormatParameters.ParameterSets())
            _depacketizer.UpdateParameterSets(set.Span);
        _undecodable = _depacketizer.UndecodableUnits;
    }

    /// <returns>Access units that were lost behind the last one of the run.</returns>
    public int EndRun(bool andUnfinished) => _depacketizer.TakeLost(andUnfinished);

    /// <summary>Another camera, perhaps: what is known of the codec is void.</summary>
    public void Forget() => _depacketizer.ClearParameterSets();

    protected override void Depacketize(in RtpPacketView packet, int lostBefore, in IngestTime now)
    {
        var result = _depacketizer.Push(packet, lostBefore);
        if (result.Fault != PayloadFault.None)
            Counters.Malformed();
        while (result.IsAccessUnit && _depacketizer.Units.TryTake(out var unit))
        {
            var time = Clock.Stamp(unit.Info.Timestamp, Microseconds(now.Monotonic), now.UtcUs);
            appender.Append(unit, time, _depacketizer, now);
            LastSampleAt = now.Monotonic;
        }

        if (_depacketizer.UndecodableUnits != _undecodable)
        {
            _undecodable = _depacketizer.UndecodableUnits;
            LastSampleAt = now.Monotonic;
        }
    }
}
