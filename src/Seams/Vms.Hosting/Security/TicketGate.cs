using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Vms.Hosting;

/// <summary>Guards a plane's viewer endpoints: a ticket on the public port, control's word on the local socket. What it lets in ends when the right
/// to it is taken away.</summary>
public static class TicketGate
{
    /// <summary>Set by control's front door, which has checked the user: the name, percent-encoded. Trusted on the local socket alone.</summary>
    public const string IdentityHeader = "X-Vms-Identity";

    /// <summary>None that there is has more.</summary>
    private const int MaxCameraId = 64;

    private static readonly object s_revoked = new();

    /// <summary>Requires a ticket of this kind for the route's <c>{id}</c>, or on the local socket the identity header.
    /// The handler finds it as <c>context.Viewer()</c>.</summary>
    public static TBuilder RequireTicket<TBuilder>(this TBuilder builder, TicketKind kind) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var camera = context.GetRouteValue("id") as string;
            if (Admit(context, kind, camera) is not { } viewer)
            {
                NoteRefusal(context, kind, camera);
                return Refusal(context);
            }

            // Whatever the answer is: the connection goes with the right, unless the handler knows a kinder end.
            if (context.RequestServices.GetRequiredService<Viewings>().TryOpen(viewer, TicketRights.Of(kind), camera, context.Abort) is not { } viewing)
                return Revoked();
            context.Response.RegisterForDispose(viewing);
            context.Items[typeof(Viewer)] = viewer;
            context.Items[typeof(Viewing)] = viewing;
            return await next(invocation);
        });

    /// <summary>Who is watching; only behind <see cref="RequireTicket{TBuilder}"/>.</summary>
    public static Viewer Viewer(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (Viewer)context.Items[typeof(Viewer)]!;
    }

    /// <summary>What the request has open; only behind <see cref="RequireTicket{TBuilder}"/>.</summary>
    public static Viewing Viewing(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (Viewing)context.Items[typeof(Viewing)]!;
    }

    /// <summary>As <see cref="RequireTicket{TBuilder}"/>, for endpoints that have a further way to let somebody in, or hold what is open longer than a request.</summary>
    /// <returns>Null: nobody vouches for the request, see <see cref="Refusal"/>.</returns>
    public static Viewer? Admit(HttpContext context, TicketKind kind, string? cameraId)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.IsLocalSocket() && context.Request.Headers[IdentityHeader] is [{ Length: > 0 } user])
            return Hosting.Viewer.Of(context, user);

        string? text = context.Request.Query["ticket"];
        if (string.IsNullOrEmpty(text) && context.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.Ordinal))
            text = header["Bearer ".Length..];
        if (string.IsNullOrEmpty(text))
            return null;
        var verifier = context.RequestServices.GetRequiredService<TicketVerifier>();
        if (!verifier.TryVerify(text, kind, cameraId, out var ticket))
            return null;
        var viewer = Hosting.Viewer.Of(ticket, Hosting.Viewer.AddressOf(context));
        if (!context.RequestServices.GetRequiredService<RevokedRights>().Takes(viewer, TicketRights.Of(kind), cameraId))
            return viewer;
        context.Items[s_revoked] = viewer;
        return null;
    }

    /// <summary>Whoever was not let in stands in the audit log, with the reason; the name where the ticket is one of ours.</summary>
    /// <param name="reason">Where it was not the ticket's fault.</param>
    public static void NoteRefusal(HttpContext context, TicketKind kind, string? cameraId, string? ticket = null, string? reason = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        var log = context.RequestServices.GetRequiredService<ViewingLog>();
        var address = Hosting.Viewer.AddressOf(context);
        string camera = cameraId is { Length: <= MaxCameraId } ? cameraId : "";
        if (context.Items.TryGetValue(s_revoked, out var revoked))
            log.Refuse((Viewer)revoked!, camera, RevokedCode);
        else if ((ticket ?? context.Request.Query["ticket"]) is not { Length: > 0 } text)
            log.Refuse(new Viewer("", null, Address: address), camera, reason ?? "noTicket");
        else if (context.RequestServices.GetRequiredService<TicketVerifier>().WasIssued(text, kind, null, out var issued))
            log.Refuse(Hosting.Viewer.Of(issued, address), camera, reason ?? (cameraId is null || issued.Opens(cameraId) ? "ticketExpired" : "otherCamera"));
        else
            log.Refuse(new Viewer("", null, Address: address), camera, "invalidTicket");
    }

    /// <summary>Where the viewer is, in front of control's front door, too; null when nobody said.</summary>
    public static string? AddressOf(HttpContext context) => Hosting.Viewer.AddressOf(context);

    /// <summary>Why <see cref="Admit"/> let nobody in.</summary>
    public static ProblemHttpResult Refusal(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items.ContainsKey(s_revoked)
            ? Revoked()
            : Problems.Of(StatusCodes.Status401Unauthorized, "ticketRequired", "A valid ticket is required",
                "The ticket is missing, has expired, or is for another camera. Ask the API for a new one.");
    }

    /// <summary>The ticket is good, and its holder may not do any more what it was issued for.</summary>
    public static ProblemHttpResult Revoked() => Problems.Of(
        StatusCodes.Status403Forbidden, "accessRevoked", "The right to this was taken away", "Ask the API for a new ticket; it says what you may do now.");

    /// <summary>Stable; also the reason in the close frame of a WebSocket.</summary>
    public const string RevokedCode = "accessRevoked";
}
