using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.Discovery;

/// <summary>GET /api/discovery/{scanId}: what a scan has found so far.</summary>
internal static class GetScan
{
    public static void Map(RouteGroupBuilder discovery) =>
        discovery.MapGet("/{scanId}", Handle).WithName(nameof(GetScan)).WithSummary("What a scan has found so far, and what those of the hour before it found.")
            .Needs(Permissions.DevicesDiscover, Scope.Tenant).ProducesProblem(404);

    private static async Task<Results<Ok<ScanView>, ProblemHttpResult>> Handle(
        string scanId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await ScanView.FindAsync(database, Caller.Of(context).TenantId, scanId, cancellationToken) is { } scan
            ? TypedResults.Ok(scan)
            : Problems.NotFound("scanNotFound", "There is no such scan, or it is forgotten");
}
