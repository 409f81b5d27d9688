using Vms.Hosting;

namespace Vms.Control.Features.KeptFootage;

/// <summary>What a title, a note, tags, cameras and a range of a bookmark, a clip or a hold may be.</summary>
internal static class KeptRules
{
    public const int MaxNameLength = 128;
    public const int MaxNoteLength = 4000;
    public const int MaxTags = 16;
    public const int MaxTagLength = 32;
    public const int MaxCameras = 64;

    private static readonly DateTimeOffset s_earliest = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset s_latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Name(string? text, string field, List<FieldProblem> problems)
    {
        var name = text?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem(field, "required", "A few words are required"));
        else if (name.Length > MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem(field, "tooLong", $"Use at most {MaxNameLength} printable characters"));
        return name;
    }

    public static string Note(string? text, List<FieldProblem> problems)
    {
        if (text?.Length > MaxNoteLength || text?.Contains('\0') == true)
            problems.Add(new FieldProblem("note", "tooLong", $"Use at most {MaxNoteLength} characters"));
        return text?.Trim() ?? "";
    }

    /// <summary>Each once, in their order.</summary>
    public static string[] Tags(IReadOnlyList<string>? tags, List<FieldProblem> problems)
    {
        string[] kept = [.. (tags ?? []).Select(t => t?.Trim() ?? "").Distinct(StringComparer.OrdinalIgnoreCase)];
        if (kept.Length > MaxTags || kept.Any(t => t.Length is 0 or > MaxTagLength || t.Any(char.IsControl)))
            problems.Add(new FieldProblem("tags", "outOfRange", $"Use at most {MaxTags} tags of 1 to {MaxTagLength} printable characters"));
        return kept;
    }

    public static string[] Cameras(IReadOnlyList<string>? cameraIds, List<FieldProblem> problems)
    {
        string[] ids = [.. (cameraIds ?? []).Distinct(StringComparer.Ordinal)];
        if (ids.Length is 0 or > MaxCameras || ids.Contains(null))
            problems.Add(new FieldProblem("cameraIds", "outOfRange", $"Name 1 to {MaxCameras} cameras"));
        return ids;
    }

    public static (DateTimeOffset From, DateTimeOffset To) Range(DateTimeOffset? from, DateTimeOffset? to, List<FieldProblem> problems)
    {
        if (from is null)
            problems.Add(new FieldProblem("from", "required", "The beginning is required"));
        if (to is null)
            problems.Add(new FieldProblem("to", "required", "The end is required"));
        if (from >= to)
            problems.Add(new FieldProblem("to", "outOfRange", "The end must be after the beginning"));
        if (from < s_earliest || to > s_latest)
            problems.Add(new FieldProblem("from", "outOfRange", "Use times between 1970 and 2200"));
        return ((from ?? default).ToUniversalTime(), (to ?? default).ToUniversalTime());
    }

    public static FieldProblem UnknownCamera(string cameraId) => new("cameraIds", "cameraNotFound", $"There is no camera {cameraId}");
}
