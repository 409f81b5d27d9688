using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.Exports;

/// <summary>Everything under /api/exports.</summary>
internal static class ExportsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var exports = app.MapGroup("/api/exports").WithTags("Exports").Needs(Permissions.RecordingsExport, Scope.Cameras)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        RequestExport.Map(exports);
        ListExports.Map(exports);
        MeasureFaces.Map(exports);
        GetExport.Map(exports);
        DeleteExport.Map(exports);
        DownloadExport.Map(exports);
    }

    /// <summary>Of which cameras the caller may see exports.</summary>
    public static CameraFilter SeenBy(HttpContext context) => Caller.Of(context).Rights.Filter(Permissions.RecordingsExport);

    public static ProblemHttpResult NotFound() => Problems.NotFound("exportNotFound", "There is no such export, or it is not done, or it has been deleted");
}
