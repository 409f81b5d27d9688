using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Hosting;

namespace Vms.Control.Features.Sites;

/// <summary>What can be wrong with a site.</summary>
internal static class SiteProblems
{
    public static ProblemHttpResult NotFound() => Problems.NotFound("siteNotFound", "There is no such site");

    public static bool IsNameTaken(PostgresException e) => e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "site_name" };

    public static ProblemHttpResult NameTaken() =>
        Problems.Of(StatusCodes.Status409Conflict, "siteNameTaken", "There is a site of this name", fields: [new FieldProblem("name", "taken", "Choose another name")]);

    /// <summary>The name, without the blanks around it.</summary>
    public static string CheckName(string? name, List<FieldProblem> problems)
    {
        name = name?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem("name", "required", "A name is required"));
        else if (name.Length > SiteRow.MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {SiteRow.MaxNameLength} printable characters"));
        return name;
    }
}
