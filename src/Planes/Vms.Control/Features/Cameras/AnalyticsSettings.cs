using System.Text.Json.Serialization;

namespace Vms.Control.Features.Cameras;

/// <summary>What is to be looked for in a camera's pictures, checked. Members that are absent in rows from before there were any have their defaults.
/// Points and sizes are parts of the picture's width and height, 0 to 1 from the top left.</summary>
/// <param name="Source">Whose word counts: server, camera or both.</param>
/// <param name="Stream">auto (the small stream where there is one), main or sub.</param>
/// <param name="Classes">Null or empty: people, vehicles and animals.</param>
internal sealed record AnalyticsSettings(
    bool Enabled,
    string Source = AnalyticsSettings.Both,
    double Fps = AnalyticsSettings.DefaultFps,
    bool KeyframesOnly = false,
    string Stream = "auto",
    string Model = AnalyticsSettings.DefaultModel,
    IReadOnlyList<string>? Classes = null,
    double MinConfidence = AnalyticsSettings.DefaultMinConfidence,
    double TrackConfidence = AnalyticsSettings.DefaultTrackConfidence,
    double MinSize = 0,
    bool Plates = false,
    string? PlateCountry = null,
    bool Faces = false,
    MotionDetection? Motion = null,
    IReadOnlyList<AnalyticsZone>? Zones = null,
    IReadOnlyList<AnalyticsLine>? Lines = null,
    LeftObjects? LeftObjects = null)
{
    public const string Both = "both";
    public const string Camera = "camera";
    public const string Server = "server";
    /// <summary>Whichever the operator made it.</summary>
    public const string DefaultModel = "default";

    public const double DefaultFps = 5;
    public const double DefaultMinConfidence = 0.8;
    public const double DefaultTrackConfidence = 0.3;
    public const int DefaultSensitivity = 50;
    public const double DefaultLeftSeconds = 60;
    public const double DefaultLoiterSeconds = 10;

    /// <summary>What the camera itself sees in its pictures does not count.</summary>
    [JsonIgnore]
    public bool LeavesCamera => Enabled && Source == Server;

    /// <summary>The server looks at pictures of this camera.</summary>
    [JsonIgnore]
    public bool IsAnalysed => Enabled && Source != Camera;
}

/// <summary><c>analytics</c> of a camera's request.</summary>
/// <param name="Source">Whose reports count: server (this one looks at the pictures), camera (what the device reports itself) or both, which it is when absent.</param>
/// <param name="Fps">Pictures looked at per second, 0.2 to 15; 5 when absent.</param>
/// <param name="KeyframesOnly">Only keyframes are decoded: the cheapest, and as often as the camera sends them.</param>
/// <param name="Stream">Which stream: auto (sub where there is one), main or sub.</param>
/// <param name="Model">Of the server's catalogue; default when absent.</param>
/// <param name="Classes">What is followed: class names of the model, or vehicle or animal for all of a kind. Empty: people, vehicles and animals.</param>
/// <param name="MinConfidence">An object is reported when its best score is above this, 0 to 1; 0.8 when absent.</param>
/// <param name="TrackConfidence">Objects are followed from this score on; 0.3 when absent.</param>
/// <param name="MinSize">Objects lower than this part of the picture's height are left out; 0 when absent.</param>
/// <param name="Plates">Read the plates of vehicles.</param>
/// <param name="PlateCountry">Two letters: of whose pattern the plates are. Absent: any.</param>
/// <param name="Faces">Find faces; nobody is recognised.</param>
internal sealed record AnalyticsRequest(
    bool? Enabled = null,
    string? Source = null,
    double? Fps = null,
    bool? KeyframesOnly = null,
    string? Stream = null,
    string? Model = null,
    IReadOnlyList<string>? Classes = null,
    double? MinConfidence = null,
    double? TrackConfidence = null,
    double? MinSize = null,
    bool? Plates = null,
    string? PlateCountry = null,
    bool? Faces = null,
    MotionDetection? Motion = null,
    IReadOnlyList<AnalyticsZone>? Zones = null,
    IReadOnlyList<AnalyticsLine>? Lines = null,
    LeftObjects? LeftObjects = null);

/// <param name="Sensitivity">0 to 100; 50 when absent.</param>
/// <param name="Masks">Polygons in which nothing counts as motion: trees, flags, a clock in the picture. At most 16.</param>
internal sealed record MotionDetection(int? Sensitivity = null, IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>>? Masks = null);

/// <summary>A place in the picture. An object is in it when its foot point is.</summary>
/// <param name="Id">Chosen by the server when absent; send it back with a change.</param>
/// <param name="Polygon">3 to 32 points [x, y], not crossing itself.</param>
/// <param name="Classes">As the camera's; absent: those of the camera.</param>
/// <param name="MinConfidence">As the camera's; absent: that of the camera.</param>
/// <param name="LoiterSeconds">An object that stays so long is loitering; 10 when absent.</param>
/// <param name="Events">What is reported: entered, left, loitering. Absent: entered and left.</param>
/// <param name="Presets">Ids of PTZ presets: the zone counts only while the camera stands at one of them.</param>
/// <param name="Schedule">When it counts; absent: always.</param>
internal sealed record AnalyticsZone(
    string? Id = null,
    string? Name = null,
    IReadOnlyList<IReadOnlyList<double>>? Polygon = null,
    IReadOnlyList<string>? Classes = null,
    double? MinConfidence = null,
    double? LoiterSeconds = null,
    IReadOnlyList<string>? Events = null,
    IReadOnlyList<string>? Presets = null,
    ActiveTimes? Schedule = null);

/// <summary>A line in the picture that objects cross. "In" is from its left to its right, seen along it from its first point.</summary>
/// <param name="Points">2 to 8 points [x, y].</param>
/// <param name="Direction">Which crossings count: both (when absent), in or out.</param>
internal sealed record AnalyticsLine(
    string? Id = null,
    string? Name = null,
    IReadOnlyList<IReadOnlyList<double>>? Points = null,
    IReadOnlyList<string>? Classes = null,
    double? MinConfidence = null,
    string? Direction = null,
    IReadOnlyList<string>? Presets = null,
    ActiveTimes? Schedule = null);

/// <param name="Seconds">A thing counts as left when it has stood for so long, and as removed when it stood for so long and is gone; 60 when absent.</param>
internal sealed record LeftObjects(bool? Enabled = null, double? Seconds = null);

/// <summary>Spans of the week.</summary>
/// <param name="TimeZone">IANA name, as Europe/Berlin; absent: the server's zone.</param>
internal sealed record ActiveTimes(string? TimeZone = null, IReadOnlyList<ActiveSpan>? Spans = null);

/// <param name="Days">On which it begins: mon tue wed thu fri sat sun.</param>
/// <param name="From">HH:mm.</param>
/// <param name="To">HH:mm, up to 24:00; not behind From: on the day after.</param>
internal sealed record ActiveSpan(IReadOnlyList<string>? Days = null, string? From = null, string? To = null);
