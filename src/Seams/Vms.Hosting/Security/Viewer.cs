using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Vms.Hosting;

/// <summary>The person (or wall) behind a request to a plane.</summary>
/// <param name="User">Name for the audit log.</param>
/// <param name="Ticket">Null when control vouched for the request.</param>
/// <param name="AccountId">Account or API key; null where nobody said.</param>
/// <param name="SignInId">Null for an API key, and where a password was shown.</param>
/// <param name="RightsAsOf">When the rights were read that they were let in by.</param>
/// <param name="Address">Where they are, in front of control's front door, too.</param>
public sealed record Viewer(
    string User, Ticket? Ticket, Guid? AccountId = null, Guid? SignInId = null, DateTimeOffset RightsAsOf = default, string? TenantId = null, string? Address = null)
{
    /// <summary>Set by control's front door beside <see cref="TicketGate.IdentityHeader"/>: account, sign-in, tenant and age of the rights.</summary>
    public const string AccountHeader = "X-Vms-Account";

    /// <summary>Set by control's front door: where the request came from.</summary>
    public const string AddressHeader = "X-Vms-Address";

    public static Viewer Of(Ticket ticket, string? address)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        return new Viewer(ticket.User, ticket, ticket.AccountId, ticket.SignInId, ticket.RightsAsOf, ticket.TenantId, address);
    }

    /// <summary>For <see cref="AccountHeader"/>.</summary>
    public static string Account(Guid accountId, Guid? signInId, string tenantId, DateTimeOffset rightsAsOf) =>
        string.Create(CultureInfo.InvariantCulture, $"{accountId:N};{signInId:N};{rightsAsOf.UtcTicks};{tenantId}");

    /// <summary>Whom control vouches for.</summary>
    /// <param name="escaped">As the header has it.</param>
    internal static Viewer Of(HttpContext context, string escaped)
    {
        string user = Uri.UnescapeDataString(escaped);
        string[] parts = context.Request.Headers[AccountHeader] is [{ } account] ? account.Split(';') : [];
        return parts is [var id, var signIn, var ticks, var tenant] && Guid.TryParseExact(id, "N", out var accountId)
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out long asOf) && asOf <= DateTimeOffset.MaxValue.UtcTicks
            ? new Viewer(
                user, null, accountId, Guid.TryParseExact(signIn, "N", out var signInId) ? signInId : null, new DateTimeOffset(asOf, TimeSpan.Zero), tenant, AddressOf(context))
            : new Viewer(user, null, Address: AddressOf(context));
    }

    internal static string? AddressOf(HttpContext context) => context.IsLocalSocket()
        ? context.Request.Headers[AddressHeader] is [{ } named] && IPAddress.TryParse(named, out var behind) ? Text(behind) : null
        : context.Connection.RemoteIpAddress is { } address ? Text(address) : null;

    private static string Text(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
