using Vms.Contracts.Ai;
using Vms.Control.Features.Cameras;

namespace Vms.Control.Reconciliation;

/// <summary>What the AI plane is asked for on behalf of a camera. A pure function of its row.</summary>
internal static class AnalysisSpecs
{
    /// <summary>The stream that is looked at; null for none.</summary>
    public static string? StreamOf(CameraSettings settings)
    {
        if (!settings.Enabled || !settings.Analytics.IsAnalysed)
            return null;
        return settings.Analytics.Stream == "main" || settings.SubUrl is null ? "main" : "sub";
    }

    public static AnalysisSpec? Of(CameraRow row) => StreamOf(row.Settings) is not { } stream ? null : new AnalysisSpec
    {
        CameraId = row.Id,
        Stream = stream,
        SiteId = row.Settings.SiteId,
        Generation = row.Generations.Analysis,
        Settings = Of(row.Settings.Analytics, row.Settings.Recording.TimeZone),
    };

    /// <param name="timeZone">Of the camera; null: the server's.</param>
    public static AnalysisSettings Of(AnalyticsSettings settings, string? timeZone) => new()
    {
        Fps = settings.Fps,
        KeyframesOnly = settings.KeyframesOnly,
        Model = settings.Model,
        Classes = { settings.Classes ?? [] },
        MinConfidence = settings.MinConfidence,
        TrackConfidence = settings.TrackConfidence,
        MinSize = settings.MinSize,
        Plates = settings.Plates,
        PlateCountry = settings.PlateCountry ?? "",
        Faces = settings.Faces,
        Motion = new MotionSettings
        {
            Sensitivity = settings.Motion?.Sensitivity ?? AnalyticsSettings.DefaultSensitivity,
            Masks = { (settings.Motion?.Masks ?? []).Select(m => new Polygon { Points = { m.Select(PointOf) } }) },
        },
        Zones = { (settings.Zones ?? []).Select(Of) },
        Lines = { (settings.Lines ?? []).Select(Of) },
        LeftObjects = new Contracts.Ai.LeftObjects
        {
            Enabled = settings.LeftObjects?.Enabled ?? false,
            Seconds = settings.LeftObjects?.Seconds ?? AnalyticsSettings.DefaultLeftSeconds,
        },
        TimeZone = timeZone ?? "",
    };

    private static Zone Of(AnalyticsZone zone) => new()
    {
        Id = zone.Id,
        Name = zone.Name,
        Polygon = { zone.Polygon!.Select(PointOf) },
        Classes = { zone.Classes ?? [] },
        MinConfidence = zone.MinConfidence ?? 0,
        LoiterSeconds = zone.LoiterSeconds ?? AnalyticsSettings.DefaultLoiterSeconds,
        Events = { zone.Events ?? [] },
        Presets = { zone.Presets ?? [] },
        Schedule = Of(zone.Schedule),
    };

    private static Line Of(AnalyticsLine line) => new()
    {
        Id = line.Id,
        Name = line.Name,
        Points = { line.Points!.Select(PointOf) },
        Classes = { line.Classes ?? [] },
        MinConfidence = line.MinConfidence ?? 0,
        Direction = line.Direction,
        Presets = { line.Presets ?? [] },
        Schedule = Of(line.Schedule),
    };

    private static Contracts.Ai.ActiveTimes? Of(Features.Cameras.ActiveTimes? times) => times is null ? null : new Contracts.Ai.ActiveTimes
    {
        TimeZone = times.TimeZone ?? "",
        Spans =
        {
            (times.Spans ?? []).Select(s => new WeekSpan
            {
                Days = ScheduleRules.DaysOf(s.Days!),
                FromMinute = ScheduleRules.MinuteOf(s.From) ?? 0,
                ToMinute = ScheduleRules.MinuteOf(s.To) ?? 1440,
            })
        },
    };

    private static Point PointOf(IReadOnlyList<double> point) => new() { X = point[0], Y = point[1] };
}
