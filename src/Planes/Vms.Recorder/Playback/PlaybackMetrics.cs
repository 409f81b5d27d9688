using System.Diagnostics.Metrics;
using System.Text.Json;
using Vms.Recorder.Playback.Samples;

namespace Vms.Recorder.Playback;

/// <summary>What viewers take from the archive.</summary>
internal sealed class PlaybackMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Recorder.Playback");
    private readonly Counter<long> _requests;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _refused;
    private readonly UpDownCounter<int> _active;
    private readonly Counter<long> _converted;
    private readonly UpDownCounter<int> _sampleConnections;
    private readonly Counter<long> _sampleReads;
    private readonly Counter<long> _sampleGops;

    public PlaybackMetrics()
    {
        _requests = _meter.CreateCounter<long>("vms_playback_requests_total", null, "Bodies of recorded media that were begun, by kind.");
        _bytes = _meter.CreateCounter<long>("vms_playback_bytes_total", null, "Bytes of recorded media handed to the network, by kind.");
        _unreadable = _meter.CreateCounter<long>("vms_playback_unreadable_total", null, "Bodies and reads of samples that ended early because the archive could not be read, by reason.");
        _refused = _meter.CreateCounter<long>("vms_playback_refused_total", null, "Requests refused because too many bodies were being sent, or too many players were connected.");
        _active = _meter.CreateUpDownCounter<int>("vms_playback_active", null, "Bodies being sent now.");
        _converted = _meter.CreateCounter<long>("vms_playback_converted_total", null, "Pieces converted for browsers that do not play the recording's codec.");
        _sampleConnections = _meter.CreateUpDownCounter<int>("vms_playback_sample_connections", null, "Connections open now over which players ask for samples.");
        _sampleReads = _meter.CreateCounter<long>("vms_playback_sample_reads_total", null, "Reads of samples that have ended, by outcome.");
        _sampleGops = _meter.CreateCounter<long>("vms_playback_sample_gops_total", null, "Groups of pictures sent as samples.");
    }

    public void Started(BodyKind kind)
    {
        _requests.Add(1, Tag("kind", kind));
        _active.Add(1);
    }

    public void Ended(BodyKind kind, long bytes)
    {
        _bytes.Add(bytes, Tag("kind", kind));
        _active.Add(-1);
    }

    /// <param name="change">1 or -1.</param>
    public void SampleConnections(int change) => _sampleConnections.Add(change);

    /// <summary>A read has ended.</summary>
    public void SamplesRead(ReadOutcome outcome, long gops, long bytes)
    {
        _sampleReads.Add(1, Tag("outcome", outcome));
        _sampleGops.Add(gops);
        _bytes.Add(bytes, new KeyValuePair<string, object?>("kind", "samples"));
    }

    public void Unreadable(UnreadableReason reason) => _unreadable.Add(1, Tag("reason", reason));

    public void Converted() => _converted.Add(1);

    public void Refused() => _refused.Add(1);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag<T>(string name, T value) where T : struct, Enum =>
        new(name, JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
}
