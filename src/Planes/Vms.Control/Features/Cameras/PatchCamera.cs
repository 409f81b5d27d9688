using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Cameras;

/// <summary>PATCH /api/cameras/{id}: JSON merge patch (RFC 7396). Another siteId or other groupIds move it.</summary>
internal static class PatchCamera
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPatch("/{id}", Handle).WithName(nameof(PatchCamera)).WithSummary("Change a camera (JSON merge patch). Absent keeps, null clears.").Needs(Permissions.CamerasWrite, Scope.Camera)
            .Accepts<CameraRequest>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<CameraView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, CameraEdits edits, CameraStates states, CancellationToken cancellationToken)
    {
        var result = await edits.PatchAsync(id, patch, Caller.Of(context).Rights, Actor.Of(context), cancellationToken,
            (row, _) => ValueTask.FromResult(ItemVersion.Check(context, CameraView.VersionOf(row))));
        if (result.Row is not { } changed)
            return result.Problem!;
        await edits.DoneAsync(Caller.Of(context).TenantId, [result], cancellationToken);
        return TypedResults.Ok(CameraView.Of(changed, states.Of(changed)));
    }
}
