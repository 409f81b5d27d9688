using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Cameras;

/// <summary>A camera's analytics as the API shows them.</summary>
/// <param name="State">draining, waiting, leftOut (decoding it ended the process several times; it is tried again later) or off.</param>
internal sealed record AnalyticsView(
    bool Enabled, string State,
    [property: OneOf("both", "server", "camera")] string Source,
    double Fps, bool KeyframesOnly,
    [property: OneOf("auto", "main", "sub")] string Stream,
    string Model, IReadOnlyList<string> Classes, double MinConfidence, double TrackConfidence, double MinSize, bool Plates, string? PlateCountry, bool Faces,
    MotionDetectionView Motion, IReadOnlyList<AnalyticsZoneView> Zones, IReadOnlyList<AnalyticsLineView> Lines, LeftObjectsView LeftObjects)
{
    public static AnalyticsView Of(AnalyticsSettings settings, string state) => new(
        settings.Enabled, state, settings.Source, settings.Fps, settings.KeyframesOnly, settings.Stream, settings.Model, settings.Classes ?? [],
        settings.MinConfidence, settings.TrackConfidence, settings.MinSize, settings.Plates, settings.PlateCountry, settings.Faces,
        new MotionDetectionView(settings.Motion?.Sensitivity ?? AnalyticsSettings.DefaultSensitivity, settings.Motion?.Masks ?? []),
        [.. (settings.Zones ?? []).Select(AnalyticsZoneView.Of)],
        [.. (settings.Lines ?? []).Select(AnalyticsLineView.Of)],
        new LeftObjectsView(settings.LeftObjects?.Enabled ?? false, settings.LeftObjects?.Seconds ?? AnalyticsSettings.DefaultLeftSeconds));
}

/// <param name="Masks">Polygons of points [x, y], parts of the picture's width and height.</param>
internal sealed record MotionDetectionView(int Sensitivity, IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> Masks);

/// <param name="MinConfidence">Null: that of the camera.</param>
/// <param name="Schedule">Null: always.</param>
internal sealed record AnalyticsZoneView(
    string Id, string Name, IReadOnlyList<IReadOnlyList<double>> Polygon, IReadOnlyList<string> Classes, double? MinConfidence, double LoiterSeconds,
    [property: OneOf("entered", "left", "loitering")] IReadOnlyList<string> Events,
    IReadOnlyList<string> Presets, ActiveTimesView? Schedule)
{
    /// <param name="zone">Checked when it was entered.</param>
    public static AnalyticsZoneView Of(AnalyticsZone zone) => new(
        zone.Id!, zone.Name!, zone.Polygon!, zone.Classes ?? [], zone.MinConfidence, zone.LoiterSeconds ?? AnalyticsSettings.DefaultLoiterSeconds,
        zone.Events ?? [], zone.Presets ?? [], ActiveTimesView.Of(zone.Schedule));
}

internal sealed record AnalyticsLineView(
    string Id, string Name, IReadOnlyList<IReadOnlyList<double>> Points, IReadOnlyList<string> Classes, double? MinConfidence,
    [property: OneOf("both", "in", "out")] string Direction,
    IReadOnlyList<string> Presets, ActiveTimesView? Schedule)
{
    /// <param name="line">Checked when it was entered.</param>
    public static AnalyticsLineView Of(AnalyticsLine line) => new(
        line.Id!, line.Name!, line.Points!, line.Classes ?? [], line.MinConfidence, line.Direction!, line.Presets ?? [], ActiveTimesView.Of(line.Schedule));
}

internal sealed record LeftObjectsView(bool Enabled, double Seconds);

internal sealed record ActiveTimesView(string TimeZone, IReadOnlyList<ActiveSpanView> Spans)
{
    public static ActiveTimesView? Of(ActiveTimes? times) => times is null
        ? null
        : new(times.TimeZone ?? "UTC", [.. (times.Spans ?? []).Select(s => new ActiveSpanView(s.Days!, s.From!, s.To!))]);
}

internal sealed record ActiveSpanView(
    [property: OneOf("mon", "tue", "wed", "thu", "fri", "sat", "sun")] IReadOnlyList<string> Days, string From, string To);
