using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras: registers a camera. The planes start it by reconciling from the row.</summary>
internal static class AddCamera
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/", Handle).WithName(nameof(AddCamera)).WithSummary("Register a camera.").Needs(Permissions.CamerasWrite)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Created<CameraView>, ProblemHttpResult>> Handle(
        CameraRequest request, HttpContext context, NpgsqlDataSource database, NodeKey nodeKey, DesiredState desired, CameraStates states, RightsState rights,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var settings = CameraRules.Check(request, out var credentials, out var problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        if (!Caller.Of(context).Rights.AllowsSite(Permissions.CamerasWrite, settings.SiteId))
            return CameraProblems.UnknownSite();

        var password = string.IsNullOrEmpty(request.Password) ? credentials?.Password : request.Password;
        var now = time.GetUtcNow();
        var row = new CameraRow(
            CameraId.New(), settings, string.IsNullOrEmpty(password) ? null : nodeKey.Protect(password), CameraGenerations.First, now, now);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await row.InsertAsync(connection, cancellationToken);
            await AuditLog.AddAsync(
                connection, now, Actor.Of(context), "camera.created", row.Id, new { name = settings.Name }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e) when (CameraProblems.IsUnknownSite(e))
        {
            return CameraProblems.UnknownSite();
        }

        await rights.RefreshAsync();
        desired.Changed();
        return TypedResults.Created($"/api/cameras/{row.Id}", CameraView.Of(row, states.Of(row)));
    }
}
