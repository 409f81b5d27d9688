using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>What a role, a group or a key may be called.</summary>
internal static class NameRules
{
    private const int MaxLength = 64;

    /// <returns>The trimmed name.</returns>
    public static string Check(string? text, string field, List<FieldProblem> problems)
    {
        var name = text?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem(field, "required", "A name is required"));
        else if (name.Length > MaxLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem(field, "tooLong", $"Use at most {MaxLength} printable characters"));
        return name;
    }
}
