using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>PATCH /api/cameras: the same change of many cameras. Each is changed or refused by itself; the answer says which.</summary>
internal static class PatchCameras
{
    /// <summary>More would keep one request busy for longer than a browser waits.</summary>
    public const int MaxCameras = 500;

    /// <param name="Patch">JSON merge patch (RFC 7396) of a camera, as <c>PATCH /api/cameras/{id}</c> takes it. Of one camera alone: name, mainUrl, subUrl, generation.</param>
    public sealed record Request(IReadOnlyList<string>? Ids, JsonElement? Patch);

    public sealed record Response(IReadOnlyList<CameraResult> Results);

    /// <param name="Code">Null when it was changed; else as the problem document of that camera has it.</param>
    public sealed record CameraResult(string Id, bool Changed, string? Code, string? Detail, IReadOnlyList<FieldProblem> Fields);

    /// <summary>The same for many cameras would be a mistake.</summary>
    private static readonly string[] s_ofOne = ["name", "mainUrl", "subUrl", "generation"];

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPatch("/", Handle).WithName(nameof(PatchCameras)).WithSummary("Make the same change of many cameras (JSON merge patch); says of each what came of it.")
            .Needs(Permissions.CamerasWrite, Scope.Cameras).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, CameraEdits edits, CancellationToken cancellationToken)
    {
        var ids = request.Ids?.Distinct().ToList() ?? [];
        var problems = new List<FieldProblem>();
        if (ids.Count == 0)
            problems.Add(new FieldProblem("ids", "required", "Name the cameras"));
        else if (ids.Count > MaxCameras)
            problems.Add(new FieldProblem("ids", "tooMany", $"Use at most {MaxCameras} cameras"));
        if (request.Patch is not { ValueKind: JsonValueKind.Object } patch)
            problems.Add(new FieldProblem("patch", "required", "Say what is to change, as a JSON object"));
        else
            problems.AddRange(s_ofOne.Where(f => patch.TryGetProperty(f, out _)).Select(f => new FieldProblem("patch." + f, "ofOneCamera", "Change this camera by camera")));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var caller = Caller.Of(context);
        var (results, items) = (new List<CameraEdits.Result>(ids.Count), new List<CameraResult>(ids.Count));
        var known = await edits.ModelsForAsync(request.Patch!.Value, cancellationToken);
        try
        {
            foreach (var id in ids)
            {
                var result = await ChangeAsync(id);
                results.Add(result);
                items.Add(ViewOf(id, result.Problem));
            }
        }
        finally
        {
            // Also for those that were changed before the database went away, or the caller.
            await edits.DoneAsync(caller.TenantId, results, CancellationToken.None);
        }

        return TypedResults.Ok(new Response(items));

        async Task<CameraEdits.Result> ChangeAsync(string id) =>
            !caller.Rights.Knows(id) ? CameraEdits.Result.Of(CameraProblems.NotFound())
            : !caller.Rights.Allows(Permissions.CamerasWrite, id) ? CameraEdits.Result.Of(Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this"))
            : await edits.PatchAsync(id, request.Patch!.Value, caller.Rights, Actor.Of(context), cancellationToken, known: known);
    }

    private static CameraResult ViewOf(string id, ProblemHttpResult? problem)
    {
        if (problem is null)
            return new CameraResult(id, true, null, null, []);
        var extensions = problem.ProblemDetails.Extensions;
        return new CameraResult(
            id, false, extensions["code"] as string, problem.ProblemDetails.Detail ?? problem.ProblemDetails.Title, extensions.TryGetValue("fields", out var fields) ? (IReadOnlyList<FieldProblem>)fields! : []);
    }
}
