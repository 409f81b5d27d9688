namespace Vms.Control.Features.Sessions;

/// <summary>Everything under /api/sessions: who is signed in, and from where.</summary>
internal static class SessionsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var sessions = app.MapGroup("/api/sessions").WithTags("Sessions").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListSessions.Map(sessions);
        EndSessions.Map(sessions);
    }
}
