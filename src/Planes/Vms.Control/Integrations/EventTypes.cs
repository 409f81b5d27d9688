namespace Vms.Control.Integrations;

/// <summary>Lists of types of events, as operators write them: <c>line.crossed</c>, or <c>object.*</c> for all that begin so.</summary>
internal static class EventTypes
{
    public static bool Match(IReadOnlyList<string> wanted, string type) => wanted.Count == 0 || wanted.Any(w => Matches(w, type));

    private static bool Matches(string wanted, string type) =>
        wanted == "*" || (wanted.EndsWith(".*", StringComparison.Ordinal) ? type.StartsWith(wanted[..^1], StringComparison.Ordinal) : wanted == type);
}
