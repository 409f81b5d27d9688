using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Users;

/// <summary>Everything under /api/users.</summary>
internal static class UsersRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/users").WithTags("Users").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListUsers.Map(users);
        AddUser.Map(users);
        GetUser.Map(users);
        PatchUser.Map(users);
        DeleteUser.Map(users);
        SetUserPassword.Map(users);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("userNotFound", "There is no such user");
}
