using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras: registers a camera. The planes start it by reconciling from the row.</summary>
internal static class AddCamera
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/", Handle).WithName(nameof(AddCamera)).WithSummary("Register a camera.").Needs(Permissions.CamerasWrite)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<CameraView>, ProblemHttpResult>> Handle(
        CameraRequest request, HttpContext context, NpgsqlDataSource database, CameraEdits edits, CameraStates states, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await edits.AddAsync(request, Caller.Of(context).Rights, Actor.Of(context), connection, cancellationToken);
        if (result.Row is not { } row)
            return result.Problem!;
        await transaction.CommitAsync(cancellationToken);
        await edits.DoneAsync(Caller.Of(context).TenantId, [result], cancellationToken);
        return TypedResults.Created($"/api/cameras/{row.Id}", CameraView.Of(row, states.Of(row)));
    }
}
