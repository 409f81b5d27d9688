using System.Security.Claims;
using Vms.Hosting;

namespace Vms.Control.Auth;

/// <summary>Who a request comes from, with the rights that count for all of it.</summary>
/// <param name="Principal">Null for a ticket alone, while the rights were not read yet.</param>
/// <param name="SignInId">Of a person with an access token; null for an API key and for a ticket.</param>
/// <param name="Ticket">What was shown instead of a token or a key: it opens the one endpoint that accepted it.</param>
internal sealed record Caller(Principal? Principal, Guid? SignInId, Ticket? Ticket)
{
    /// <summary>What a key's name follows where it stands beside those of users: no user name has a colon.</summary>
    private const string ApiKeyPrefix = "apiKey:";

    /// <summary>As it stands in the audit log.</summary>
    public string Name => Principal is null ? Ticket!.User : NameOf(Principal);

    /// <summary>Of whoever is known; behind <see cref="Needs"/> that is everybody but the holder of a ticket for a camera.</summary>
    public Rights Rights => Principal!.Rights;

    public string TenantId => Principal?.TenantId ?? Ticket!.TenantId ?? Tenants.First;

    public ClaimsPrincipal ToClaims() => new(new Identity(this));

    /// <summary>Likewise, and as the planes know who watches.</summary>
    public static string NameOf(Principal principal) => principal.IsApiKey ? ApiKeyPrefix + principal.Name : principal.Name;

    /// <summary>Null for nobody.</summary>
    public static Caller? Of(ClaimsPrincipal claims) => (claims.Identity as Identity)?.Caller;

    /// <summary>Behind an endpoint that needs a credential.</summary>
    public static Caller Of(HttpContext context) => Of(context.User)!;

    private sealed class Identity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], CredentialHandler.SchemeName)
    {
        public Caller Caller => caller;
    }
}
