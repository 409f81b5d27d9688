using Microsoft.AspNetCore.Authorization;

namespace Vms.Control.Auth;

/// <summary>The policy behind <c>RequireAuthorization(Permissions.…)</c>: one per permission, under the permission's name.</summary>
internal sealed record PermissionRequirement(string Permission) : IAuthorizationRequirement
{
    public static void AddPolicies(AuthorizationOptions options)
    {
        // What no endpoint opens on purpose is closed, whatever somebody forgets to write.
        options.FallbackPolicy = options.DefaultPolicy;
        foreach (var permission in Permissions.All)
            options.AddPolicy(permission, policy => policy.RequireAuthenticatedUser().AddRequirements(new PermissionRequirement(permission)));
    }
}

/// <summary>A signed-in user needs the permission; whoever got a ticket had it when the ticket was issued.</summary>
internal sealed class PermissionHandler : AuthorizationHandler<PermissionRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        var allowed = SignedIn.From(context.User) is { } user
            ? Role.Allows(user.Role, requirement.Permission)
            : TicketHolder.Is(context.User);
        if (allowed)
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
