namespace Vms.Control.Features.Session;

internal static class SessionRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var auth = app.MapGroup("/api/auth").WithTags("Session");
        Login.Map(auth);
        Refresh.Map(auth);
        Logout.Map(auth);
        Me.Map(auth);
        StartOidc.Map(auth);
        CompleteOidc.Map(auth);
        ChangePassword.Map(auth);
    }
}
