using System.Text.RegularExpressions;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>What may be said of a camera's analytics.</summary>
internal static partial class AnalyticsRules
{
    public const int MaxZones = 32;
    public const int MaxLines = 32;
    public const int MaxMasks = 16;
    public const int MaxClasses = 32;
    public const int MaxPresets = 32;
    public const int MaxZonePoints = 32;
    public const int MaxLinePoints = 8;
    public const int MaxSpans = 84;

    private const int MaxPresetLength = 64;
    private const double MaxLoiterSeconds = 86_400;

    private static readonly string[] s_sources = [AnalyticsSettings.Both, AnalyticsSettings.Server, AnalyticsSettings.Camera];
    private static readonly string[] s_streams = ["auto", "main", "sub"];
    private static readonly string[] s_directions = ["both", "in", "out"];
    private static readonly string[] s_zoneEvents = ["entered", "left", "loitering"];

    /// <returns>Settings with nothing absent in them; meaningless when there are problems.</returns>
    public static AnalyticsSettings Check(AnalyticsRequest? request, bool hasSub, List<FieldProblem> problems)
    {
        request ??= new AnalyticsRequest();
        var stream = OneOf(request.Stream, s_streams, "analytics.stream", problems);
        if (stream == "sub" && !hasSub)
            problems.Add(new FieldProblem("analytics.stream", "noSubStream", "The camera has no sub stream to look at"));
        if (request.Model is { } model && !ModelName().IsMatch(model))
            problems.Add(new FieldProblem("analytics.model", "invalidValue", "Use the name of a model: 1 to 64 letters, digits, '.', '_' or '-'"));
        if (request.PlateCountry is { Length: > 0 } country && !Country().IsMatch(country))
            problems.Add(new FieldProblem("analytics.plateCountry", "invalidValue", "Use the two capital letters of a country, as DE, or null for any"));

        var minConfidence = InRange(request.MinConfidence, AnalyticsSettings.DefaultMinConfidence, 0.05, 1, "analytics.minConfidence", problems);
        var trackConfidence = InRange(
            request.TrackConfidence, Math.Min(AnalyticsSettings.DefaultTrackConfidence, minConfidence), 0.05, 1, "analytics.trackConfidence", problems);
        if (trackConfidence > minConfidence)
            problems.Add(new FieldProblem("analytics.trackConfidence", "aboveMinimum", "Objects are followed from a score on that is not above the one they are reported at"));
        var zones = CheckZones(request.Zones ?? [], problems);
        var lines = CheckLines(request.Lines ?? [], problems);
        return new AnalyticsSettings(
            request.Enabled ?? false,
            OneOf(request.Source, s_sources, "analytics.source", problems),
            InRange(request.Fps, AnalyticsSettings.DefaultFps, 0.2, 15, "analytics.fps", problems),
            request.KeyframesOnly ?? false,
            stream,
            string.IsNullOrEmpty(request.Model) ? "default" : request.Model,
            CheckClasses(request.Classes, "analytics.classes", problems),
            minConfidence,
            trackConfidence,
            InRange(request.MinSize, 0, 0, 1, "analytics.minSize", problems),
            request.Plates ?? false,
            string.IsNullOrEmpty(request.PlateCountry) ? null : request.PlateCountry,
            request.Faces ?? false,
            CheckMotion(request.Motion ?? new MotionDetection(), problems),
            zones,
            lines,
            new LeftObjects(
                request.LeftObjects?.Enabled ?? false,
                InRange(request.LeftObjects?.Seconds, AnalyticsSettings.DefaultLeftSeconds, 5, 3600, "analytics.leftObjects.seconds", problems)));
    }

    private static MotionDetection CheckMotion(MotionDetection motion, List<FieldProblem> problems)
    {
        if (motion.Sensitivity is < 0 or > 100)
            problems.Add(new FieldProblem("analytics.motion.sensitivity", "outOfRange", "Use 0 to 100"));
        var masks = motion.Masks ?? [];
        if (masks.Count > MaxMasks)
            problems.Add(new FieldProblem("analytics.motion.masks", "tooMany", $"Use at most {MaxMasks} masks"));
        for (var i = 0; i < Math.Min(masks.Count, MaxMasks); i++)
            PolygonRules.CheckPolygon(masks[i], MaxZonePoints, $"analytics.motion.masks[{i}]", problems);
        return new MotionDetection(motion.Sensitivity ?? AnalyticsSettings.DefaultSensitivity, masks);
    }

    private static List<AnalyticsZone> CheckZones(IReadOnlyList<AnalyticsZone> zones, List<FieldProblem> problems)
    {
        if (zones.Count > MaxZones)
            problems.Add(new FieldProblem("analytics.zones", "tooMany", $"Use at most {MaxZones} zones"));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<AnalyticsZone>();
        foreach (var (i, given) in zones.Take(MaxZones).Index())
        {
            var (field, zone) = ($"analytics.zones[{i}]", given ?? new AnalyticsZone());
            PolygonRules.CheckPolygon(zone.Polygon, MaxZonePoints, field + ".polygon", problems);
            if (zone.Events?.FirstOrDefault(e => !s_zoneEvents.Contains(e)) is not null || zone.Events?.Count > s_zoneEvents.Length)
                problems.Add(new FieldProblem(field + ".events", "invalidValue", $"Use some of {string.Join(" ", s_zoneEvents)}"));
            result.Add(zone with
            {
                Id = CheckId(zone.Id, ids, field, problems),
                Name = CheckName(zone.Name, field, problems),
                Classes = CheckClasses(zone.Classes, field + ".classes", problems),
                MinConfidence = CheckConfidence(zone.MinConfidence, field, problems),
                LoiterSeconds = InRange(zone.LoiterSeconds, AnalyticsSettings.DefaultLoiterSeconds, 1, MaxLoiterSeconds, field + ".loiterSeconds", problems),
                Events = zone.Events is null ? ["entered", "left"] : [.. zone.Events.Distinct()],
                Presets = CheckPresets(zone.Presets, field, problems),
                Schedule = CheckSchedule(zone.Schedule, field, problems),
            });
        }

        return result;
    }

    private static List<AnalyticsLine> CheckLines(IReadOnlyList<AnalyticsLine> lines, List<FieldProblem> problems)
    {
        if (lines.Count > MaxLines)
            problems.Add(new FieldProblem("analytics.lines", "tooMany", $"Use at most {MaxLines} lines"));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<AnalyticsLine>();
        foreach (var (i, given) in lines.Take(MaxLines).Index())
        {
            var (field, line) = ($"analytics.lines[{i}]", given ?? new AnalyticsLine());
            PolygonRules.CheckLine(line.Points, MaxLinePoints, field + ".points", problems);
            result.Add(line with
            {
                Id = CheckId(line.Id, ids, field, problems),
                Name = CheckName(line.Name, field, problems),
                Classes = CheckClasses(line.Classes, field + ".classes", problems),
                MinConfidence = CheckConfidence(line.MinConfidence, field, problems),
                Direction = OneOf(line.Direction, s_directions, field + ".direction", problems),
                Presets = CheckPresets(line.Presets, field, problems),
                Schedule = CheckSchedule(line.Schedule, field, problems),
            });
        }

        return result;
    }

    private static string CheckId(string? id, HashSet<string> taken, string field, List<FieldProblem> problems)
    {
        if (string.IsNullOrEmpty(id))
            id = Guid.NewGuid().ToString("N")[..12];
        else if (!ShapeId().IsMatch(id))
            problems.Add(new FieldProblem(field + ".id", "invalidValue", "Use 1 to 64 letters, digits, '_' or '-', or leave it out"));
        if (!taken.Add(id))
            problems.Add(new FieldProblem(field + ".id", "duplicate", "Another one has this id already"));
        return id;
    }

    private static string CheckName(string? name, string field, List<FieldProblem> problems)
    {
        name = name?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem(field + ".name", "required", "A name is required"));
        else if (name.Length > CameraRules.MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem(field + ".name", "tooLong", $"Use at most {CameraRules.MaxNameLength} printable characters"));
        return name;
    }

    private static string[] CheckClasses(IReadOnlyList<string>? classes, string field, List<FieldProblem> problems)
    {
        if (classes?.Count > MaxClasses)
            problems.Add(new FieldProblem(field, "tooMany", $"Use at most {MaxClasses} classes"));
        else if (classes?.Any(c => c is null || !ClassName().IsMatch(c)) == true)
            problems.Add(new FieldProblem(field, "invalidValue", "Use names of classes, as person, car, dog, vehicle or animal"));
        return classes is null ? [] : [.. classes.Distinct()];
    }

    private static double? CheckConfidence(double? confidence, string field, List<FieldProblem> problems) =>
        confidence is null ? null : InRange(confidence, 0, 0.05, 1, field + ".minConfidence", problems);

    private static string[] CheckPresets(IReadOnlyList<string>? presets, string field, List<FieldProblem> problems)
    {
        if (presets?.Count > MaxPresets)
            problems.Add(new FieldProblem(field + ".presets", "tooMany", $"Use at most {MaxPresets} presets"));
        else if (presets?.Any(p => p is not { Length: > 0 and <= MaxPresetLength } || p.Any(char.IsControl)) == true)
            problems.Add(new FieldProblem(field + ".presets", "invalidValue", "Use the ids of the camera's presets"));
        return presets is null ? [] : [.. presets.Distinct()];
    }

    private static ActiveTimes? CheckSchedule(ActiveTimes? schedule, string field, List<FieldProblem> problems)
    {
        if (schedule?.Spans is not { Count: > 0 } spans)
            return null;
        if (spans.Count > MaxSpans)
            problems.Add(new FieldProblem(field + ".schedule.spans", "tooMany", $"Use at most {MaxSpans} spans"));
        foreach (var (i, span) in spans.Take(MaxSpans).Index())
            ScheduleRules.CheckSpan(span?.Days, span?.From, span?.To, $"{field}.schedule.spans[{i}]", problems);
        var zone = schedule.TimeZone;
        if (!string.IsNullOrEmpty(zone) && !ScheduleRules.IsZone(zone))
            problems.Add(new FieldProblem(field + ".schedule.timeZone", "unknownTimeZone", "Use the IANA name of a time zone, as Europe/Berlin"));
        if (string.IsNullOrEmpty(zone))
            zone = ScheduleRules.IsZone(TimeZoneInfo.Local.Id) ? TimeZoneInfo.Local.Id : TimeZoneInfo.Utc.Id;
        return new ActiveTimes(zone, spans);
    }

    private static string OneOf(string? value, string[] allowed, string field, List<FieldProblem> problems)
    {
        if (value is not null && !allowed.Contains(value))
            problems.Add(new FieldProblem(field, "invalidValue", $"Use {string.Join(" or ", allowed)}"));
        return value ?? allowed[0];
    }

    private static double InRange(double? value, double fallback, double min, double max, string field, List<FieldProblem> problems)
    {
        if (value is { } given && !(given >= min && given <= max))
            problems.Add(new FieldProblem(field, "outOfRange", FormattableString.Invariant($"Use {min} to {max}")));
        return value ?? fallback;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ShapeId();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex ModelName();

    [GeneratedRegex(@"^[A-Z]{2}\z")]
    private static partial Regex Country();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9 _-]{0,31}\z")]
    private static partial Regex ClassName();
}
