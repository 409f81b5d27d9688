using System.Globalization;
using Vms.Ai.Crashes;
using Vms.Ai.Decoding;
using Vms.Ai.Detectors;
using Vms.Ai.Events;

namespace Vms.Ai.Analysis;

/// <summary>Tells what is left out from now on, because it ended the process too often: a stream is not looked at, or a model finds nothing.</summary>
internal sealed class LeftOutEvents(DecodeCrashes streams, ModelCrashes models, AnalysisRegistry analyses, AnalysisEvents events, TimeProvider time)
{
    private const string Type = "system.analysisLeftOut";

    /// <summary>Once, when the analyses are loaded.</summary>
    internal void Tell()
    {
        foreach (var end in streams.Ends.Where(e => e.LeftOutUntil is not null))
        {
            int point = end.Name.LastIndexOf('.');
            string camera = end.Name[..Math.Max(0, point)];
            Tell(end, analyses.SiteOf(end.Name), camera, new AnalyticsData { Reason = "decoderCrashed", Stream = end.Name[(point + 1)..] });
        }

        foreach (var end in models.Ends.Where(e => e.LeftOutUntil is not null))
            Tell(end, "", "", new AnalyticsData { Reason = "modelCrashed", Model = end.Name[..Math.Max(0, end.Name.LastIndexOf('.'))] });
    }

    private void Tell(CrashEnd end, string site, string camera, AnalyticsData data) => events.Add(site, new AnalyticsEvent(
        AnalyticsEvent.IdOf(Type, end.Name, end.LeftOutUntil!.Value.UtcTicks.ToString(CultureInfo.InvariantCulture)), Type, camera, time.GetUtcNow(), null, null,
        AnalyticsEvent.FromAnalytics, data with { Severity = "warning", Until = end.LeftOutUntil }));
}
