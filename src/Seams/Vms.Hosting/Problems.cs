using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Vms.Hosting;

/// <summary>One wrong input: which field, a stable code, a sentence.</summary>
public sealed record FieldProblem(string Field, string Code, string Message);

/// <summary>RFC 9457 problem documents with a stable <c>code</c>, the same from every plane.</summary>
public static class Problems
{
    public static ProblemHttpResult Of(int status, string code, string title, string? detail = null, IReadOnlyList<FieldProblem>? fields = null)
    {
        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail, Type = "about:blank" };
        problem.Extensions["code"] = code;
        if (fields is not null)
            problem.Extensions["fields"] = fields;
        return TypedResults.Problem(problem);
    }

    public static ProblemHttpResult Fields(params IReadOnlyList<FieldProblem> fields) =>
        Of(StatusCodes.Status400BadRequest, "invalidInput", "The input is not valid", string.Join(" ", fields.Select(f => $"{f.Field}: {f.Message}.")), fields);

    public static ProblemHttpResult NotFound(string code, string title) => Of(StatusCodes.Status404NotFound, code, title);
}
