using Vms.Codecs;
using Vms.Media.Metadata;
using Vms.Media.Streams;
using Vms.Rtp;
using Vms.Rtp.Payloads;

namespace Vms.Media.Ingest;

/// <summary>The <see cref="TrackReceiver"/> of an audio or metadata track: each sample stands alone.</summary>
internal sealed class SampleTrackReceiver(
    TrackInfo track, TrackFormat format, SampleAppender appender, IngestCounters counters, LiveStream live, MetadataFeed metadata)
    : TrackReceiver(counters)
{
    private const int ReorderPackets = 64;

    private readonly SampleDepacketizer _depacketizer = format.NewDepacketizer();

    public TrackInfo Track => track;

    /// <summary>A session with the camera begins.</summary>
    public void BeginRun(int payloadType, TimeSpan reorderWait)
    {
        Begin(payloadType, format.Timescale, ReorderPackets, reorderWait);
        _depacketizer.Reset();
    }

    /// <returns>Samples that were lost behind the last one of the run.</returns>
    public int EndRun(bool andUnfinished) => _depacketizer.TakeLost(andUnfinished);

    protected override void Depacketize(in RtpPacketView packet, int lostBefore, in IngestTime now)
    {
        if (_depacketizer.Push(packet, lostBefore) != PayloadFault.None)
            Counters.Malformed();
        while (_depacketizer.TryTake(out var sample))
        {
            var time = Clock.Stamp(sample.Timestamp, Microseconds(now.Monotonic), now.UtcUs);
            appender.Append(track, sample, time);
            if (track.Codec == CodecKind.OnvifMetadata)
                metadata.Offer(live, sample.Data, time.CaptureTimeUs);
            LastSampleAt = now.Monotonic;
        }
    }
}
