using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

internal static class CameraProblems
{
    public static ProblemHttpResult NotFound() => Problems.NotFound("cameraNotFound", "There is no such camera");

    /// <summary>The database decides whether a site exists.</summary>
    public static bool IsUnknownSite(PostgresException e) => e.SqlState == PostgresErrorCodes.ForeignKeyViolation;

    public static ProblemHttpResult UnknownSite() => Problems.Fields(new FieldProblem("siteId", "siteNotFound", "There is no such site"));
}
