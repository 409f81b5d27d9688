using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Limits;

/// <summary>Something would go over a limit that the administrator set.</summary>
/// <param name="Limit">Its name in <see cref="UsageLimits"/>, as JSON has it.</param>
/// <param name="SiteId">Null: the tenant's.</param>
internal sealed record LimitRefusal(string Limit, int Max, string? SiteId)
{
    public string Sentence => Limit switch
    {
        "camerasPerLayout" => $"A layout has at most {Max} cameras{Where}",
        "sessions" => $"At most {Max} people may be signed in at the same time",
        _ => $"You may watch at most {Max} cameras{Where} at the same time",
    };

    private string Where => SiteId is null ? "" : " of this site";

    public ProblemHttpResult ToProblem()
    {
        var problem = Problems.Of(
            StatusCodes.Status409Conflict, "limitReached", "A limit is reached", Sentence + ".", [new FieldProblem("limits." + Limit, "limitReached", Sentence)]);
        problem.ProblemDetails.Extensions["limit"] = Limit;
        problem.ProblemDetails.Extensions["max"] = Max;
        if (SiteId is not null)
            problem.ProblemDetails.Extensions["siteId"] = SiteId;
        return problem;
    }
}

/// <summary>The same from the middle of a transaction, which is undone.</summary>
internal sealed class LimitReachedException(LimitRefusal refusal) : Exception(refusal.Sentence)
{
    public LimitRefusal Refusal => refusal;
}

/// <summary>Answers it.</summary>
internal sealed class LimitErrors : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not LimitReachedException reached)
            return false;
        await reached.Refusal.ToProblem().ExecuteAsync(context);
        return true;
    }
}
