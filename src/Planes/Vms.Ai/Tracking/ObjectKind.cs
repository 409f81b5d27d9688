namespace Vms.Ai.Tracking;

/// <summary>What the classes of detectors (COCO's names) are to an operator.</summary>
internal static class ObjectKind
{
    internal const string Person = "person";
    internal const string Vehicle = "vehicle";
    internal const string Animal = "animal";
    internal const string Other = "other";

    private static readonly HashSet<string> s_vehicles = new(StringComparer.Ordinal) { "car", "truck", "bus", "motorcycle", "bicycle", "vehicle", "van", "train" };

    private static readonly HashSet<string> s_animals = new(StringComparer.Ordinal)
    {
        "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "animal", "deer", "fox",
    };

    internal static string Of(string @class) =>
        @class == Person ? Person : s_vehicles.Contains(@class) ? Vehicle : s_animals.Contains(@class) ? Animal : Other;

    /// <param name="wanted">Classes and kinds; empty: people, vehicles and animals.</param>
    internal static bool IsWanted(string @class, IReadOnlyCollection<string> wanted)
    {
        string kind = Of(@class);
        return wanted.Count == 0 ? kind != Other : wanted.Contains(@class) || wanted.Contains(kind);
    }
}
