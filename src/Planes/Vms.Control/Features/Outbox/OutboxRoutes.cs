namespace Vms.Control.Features.Outbox;

/// <summary>Everything under /api/outbox: what could not be delivered.</summary>
internal static class OutboxRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var outbox = app.MapGroup("/api/outbox").WithTags("Outbox").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
        ListDeadLetters.Map(outbox);
        RetryDeadLetter.Map(outbox);
        DeleteDeadLetter.Map(outbox);
    }
}
