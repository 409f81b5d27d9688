using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.PlateLists;

internal static class PlateListsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var lists = app.MapGroup("/api/plate-lists").WithTags("Plate lists").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListPlateLists.Map(lists);
        GetPlateList.Map(lists);
        AddPlateList.Map(lists);
        PatchPlateList.Map(lists);
        DeletePlateList.Map(lists);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("plateListNotFound", "There is no such list");

    public static bool IsNameTaken(PostgresException e) => e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == "plate_list_name";

    public static ProblemHttpResult NameTaken() => Problems.Of(StatusCodes.Status409Conflict, "nameTaken", "Another list has this name");
}
