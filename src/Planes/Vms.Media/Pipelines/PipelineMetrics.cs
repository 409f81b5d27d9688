using System.Diagnostics.Metrics;
using Vms.Codecs;
using Vms.Media.Ingest;

namespace Vms.Media.Pipelines;

/// <summary>The counters of all pipelines, read when somebody asks.</summary>
internal sealed class PipelineMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Media.Ingest");
    private readonly PipelineTable _table;

    public PipelineMetrics(PipelineTable table)
    {
        _table = table;
        _meter.CreateObservableCounter("vms_media_lost_samples_total", Losses, null, "Access units that came, wholly or in part, and are not in the stream log.");
        _meter.CreateObservableCounter("vms_media_refused_streams_total", () => table.Refusals, null, "Streams not taken on because of a limit of the node.");
        _meter.CreateObservableGauge("vms_media_log_bytes", () => table.LogBytes, "By", "Memory of all stream logs.");
        Count("vms_media_samples_total", c => c.Samples, "Video samples put into stream logs.");
        Count("vms_media_other_samples_total", c => c.OtherSamples, "Audio and metadata samples put into stream logs.");
        Count("vms_media_lost_other_samples_total", c => c.LostOtherSamples, "Audio and metadata samples that came damaged or not at all.");
        Count("vms_media_early_samples_total", c => c.EarlySamples, "Audio and metadata samples left out because no picture of the session had come yet.");
        _meter.CreateObservableGauge("vms_media_silent_tracks", () => Each(p => (long)p.Counters.SilentTracks), null, "Audio tracks that bring nothing while pictures come.");
        Count("vms_media_packets_total", c => c.Packets, "RTP packets received.");
        Count("vms_media_received_bytes_total", c => c.Bytes, "Bytes of these packets.");
        Count("vms_media_lost_packets_total", c => c.LostPackets, "RTP packets that never came.");
        Count("vms_media_stale_packets_total", c => c.StalePackets, "RTP packets that came twice or much too late.");
        Count("vms_media_malformed_packets_total", c => c.MalformedPackets, "Packets that broke the rules of RTP or of their payload.");
        Count("vms_media_foreign_packets_total", c => c.ForeignPackets, "Packets of another payload type, channel or sender than the track's.");
        Count("vms_media_garbage_bytes_total", c => c.GarbageBytes, "Bytes on RTSP connections that were neither message nor frame.");
        Count("vms_media_reconnects_total", c => c.Reconnects, "Sessions that played and ended.");
        _meter.CreateObservableGauge("vms_media_online", () => Each(p => p.State.Kind == PullStateKind.Online ? 1L : 0), null, "1 while the stream is online.");
        _meter.CreateObservableGauge("vms_media_fps", () => Each(p => p.Counters.Fps), null, "Samples per second, measured.");
        _meter.CreateObservableGauge("vms_media_bitrate_bps", () => Each(p => p.Counters.BitrateBps), null, "Bits per second, measured.");
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string name, Func<IngestCounters, long> read, string help) =>
        _meter.CreateObservableCounter(name, () => Each(p => read(p.Counters)), null, help);

    private IEnumerable<Measurement<T>> Each<T>(Func<Pipeline, T> read)
        where T : struct =>
        _table.All.Select(p => new Measurement<T>(read(p), new("camera", p.Live.CameraId), new("stream", p.Live.Name)));

    private IEnumerable<Measurement<long>> Losses() =>
        from pipeline in _table.All
        from cause in Enum.GetValues<GapCause>()
        let lost = pipeline.Counters.Lost(cause)
        where cause == GapCause.PacketLoss || lost > 0
        select new Measurement<long>(
            lost,
            new("camera", pipeline.Live.CameraId),
            new("stream", pipeline.Live.Name),
            new KeyValuePair<string, object?>("cause", System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(cause.ToString())));
}
