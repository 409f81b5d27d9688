using System.Diagnostics.Metrics;
using System.Text.Json;

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

    public PlaybackMetrics()
    {
        _requests = _meter.CreateCounter<long>("vms_playback_requests_total", null, "Bodies of recorded media that were begun, by kind.");
        _bytes = _meter.CreateCounter<long>("vms_playback_bytes_total", null, "Bytes of recorded media handed to the network, by kind.");
        _unreadable = _meter.CreateCounter<long>("vms_playback_unreadable_total", null, "Bodies that ended early because the archive could not be read, by reason.");
        _refused = _meter.CreateCounter<long>("vms_playback_refused_total", null, "Requests refused because too many bodies were being sent.");
        _active = _meter.CreateUpDownCounter<int>("vms_playback_active", null, "Bodies being sent now.");
        _converted = _meter.CreateCounter<long>("vms_playback_converted_total", null, "Pieces converted for browsers that do not play the recording's codec.");
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

    public void Unreadable(UnreadableReason reason) => _unreadable.Add(1, Tag("reason", reason));

    public void Converted() => _converted.Add(1);

    public void Refused() => _refused.Add(1);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag<T>(string name, T value) where T : struct, Enum =>
        new(name, JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
}
