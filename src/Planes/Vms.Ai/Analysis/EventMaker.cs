using Vms.Ai.Events;
using Vms.Ai.Rules;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Analysis;

/// <summary>Makes events of one stream's findings and hands them on.</summary>
internal sealed class EventMaker(AnalysisSpec spec, AnalysisEvents events, Func<string> modelHash)
{
    internal void Tell(Finding finding, byte[]? crop, string? plate)
    {
        ObjectTrack track = finding.Track;
        string? hash = modelHash() is { Length: > 0 } known ? known : null;
        var happened = new AnalyticsEvent(
            AnalyticsEvent.IdOf(spec.CameraId, spec.Stream, track.Id, finding.Key), finding.Type, spec.CameraId, UnixTime.FromMicroseconds(finding.AtUs),
            finding.EndUs is { } end ? UnixTime.FromMicroseconds(end) : null, finding.Ongoing ? true : null, AnalyticsEvent.FromAnalytics,
            new AnalyticsData
            {
                Class = track.Class,
                Confidence = Math.Round(track.BestScore, 3),
                Box = LiveBoxes.BoxOf((finding.Box ?? track.Box).Clipped()),
                BoxAtMs = (track.LastSeenUs - finding.AtUs) / 1000,
                Zone = finding.Zone,
                Line = finding.Line,
                Direction = finding.Direction,
                Count = finding.Count,
                Plate = plate,
                PlateCountry = plate is null || spec.Settings.PlateCountry.Length == 0 ? null : spec.Settings.PlateCountry,
                TrackId = track.Id,
                Path = [.. track.Path.Select(p => (double[])[(p.AtUs - finding.AtUs) / 1000, Math.Round(p.X, 4), Math.Round(p.Y, 4), Math.Round(p.Width, 4), Math.Round(p.Height, 4)])],
                ModelHash = hash,
                Thresholds = new EventThresholds(spec.Settings.TrackConfidence, finding.Threshold),
                Crop = crop,
                Stream = spec.Stream,
            });
        events.Add(spec.SiteId, happened, finding.Telling > 0 && finding.EndUs is null ? $"{happened.Id}/{finding.Telling}" : null);
    }

    /// <param name="endUs">Null: it goes on.</param>
    /// <param name="againUs">That it goes on is said again, at that time; 0: for the first time.</param>
    internal void TellMotion(long sinceUs, long? endUs, long againUs)
    {
        string id = AnalyticsEvent.IdOf(spec.CameraId, spec.Stream, "motion", sinceUs.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var happened = new AnalyticsEvent(
            id, "motion", spec.CameraId, UnixTime.FromMicroseconds(sinceUs), endUs is { } end ? UnixTime.FromMicroseconds(end) : null, endUs is null ? true : null,
            AnalyticsEvent.FromAnalytics, new AnalyticsData { Stream = spec.Stream });
        events.Add(spec.SiteId, happened, againUs > 0 && endUs is null ? $"{id}/{againUs}" : null);
    }
}
