using System.Diagnostics.Metrics;

namespace Vms.Recorder.Pictures;

/// <summary>What becomes of previews.</summary>
internal sealed class PreviewMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Recorder.Pictures");
    private readonly Counter<long> _made;
    private readonly Counter<long> _skipped;

    public PreviewMetrics()
    {
        _made = _meter.CreateCounter<long>("vms_previews_made_total", null, "Previews that were stored beside their segment.");
        _skipped = _meter.CreateCounter<long>("vms_previews_skipped_total", null, "Segments that got no previews when they were closed, by reason.");
    }

    public void Made(int count) => _made.Add(count);

    /// <param name="reason">behind, gone, undecodable or writeError.</param>
    public void Skipped(string reason) => _skipped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
