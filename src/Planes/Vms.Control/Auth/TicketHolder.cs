using System.Security.Claims;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>A request that carries a ticket instead of an access token: it may use the one endpoint that accepted it.</summary>
internal static class TicketHolder
{
    private const string KindClaim = "ticket";

    public static ClaimsPrincipal ToPrincipal(Ticket ticket) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, ticket.User), new Claim(KindClaim, ticket.Kind.ToString())], CredentialHandler.SchemeName));

    public static bool Is(ClaimsPrincipal principal) => principal.HasClaim(c => c.Type == KindClaim);
}
