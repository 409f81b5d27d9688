using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Vms.Hosting;

/// <summary>Guards a plane's viewer endpoints: a ticket on the public port, control's word on the local socket.</summary>
public static class TicketGate
{
    /// <summary>Set by control's front door, which has checked the user; trusted on the local socket alone.</summary>
    public const string IdentityHeader = "X-Vms-Identity";

    /// <summary>Requires a ticket of this kind for the route's <c>{id}</c>, or on the local socket the identity header.
    /// The handler finds it as <c>context.Viewer()</c>.</summary>
    public static TBuilder RequireTicket<TBuilder>(this TBuilder builder, TicketKind kind) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (Admit(context, kind, context.GetRouteValue("id") as string) is not { } viewer)
                return Problems.Of(StatusCodes.Status401Unauthorized, "ticketRequired", "A valid ticket is required",
                    "The ticket is missing, has expired, or is for another camera. Ask the API for a new one.");
            context.Items[typeof(Viewer)] = viewer;
            return await next(invocation);
        });

    /// <summary>Who is watching; only behind <see cref="RequireTicket{TBuilder}"/>.</summary>
    public static Viewer Viewer(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (Viewer)context.Items[typeof(Viewer)]!;
    }

    /// <summary>As <see cref="RequireTicket{TBuilder}"/>, for endpoints that have a further way to let somebody in.</summary>
    /// <returns>Null: nobody vouches for the request.</returns>
    public static Viewer? Admit(HttpContext context, TicketKind kind, string? cameraId)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.IsLocalSocket() && context.Request.Headers[IdentityHeader] is [{ Length: > 0 } user])
            return new Viewer(user, null);

        string? text = context.Request.Query["ticket"];
        if (string.IsNullOrEmpty(text) && context.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.Ordinal))
            text = header["Bearer ".Length..];
        if (string.IsNullOrEmpty(text))
            return null;
        var verifier = context.RequestServices.GetRequiredService<TicketVerifier>();
        return verifier.TryVerify(text, kind, cameraId, out var ticket) ? new Viewer(ticket.User, ticket) : null;
    }
}

/// <summary>The person (or wall) behind a request.</summary>
/// <param name="User">Name for the audit log.</param>
/// <param name="Ticket">Null when control vouched for the request.</param>
public sealed record Viewer(string User, Ticket? Ticket);
