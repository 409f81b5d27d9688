using Microsoft.AspNetCore.Authorization;

namespace Vms.Control.Auth;

/// <summary>For what a permission has to be held.</summary>
internal enum Scope
{
    /// <summary>For anything at all; the operation itself narrows it, if there is something to narrow.</summary>
    None,

    /// <summary>For everything of the tenant.</summary>
    Tenant,

    /// <summary>For some cameras: the operation shows and takes only these.</summary>
    Cameras,

    /// <summary>For the camera in the route's <c>{id}</c>; one out of reach is answered as one that never was.</summary>
    Camera,
}

/// <summary>What an endpoint declares. In the API document: <c>x-permission</c> and <c>x-scope</c>. One that declares nothing fails a test.</summary>
/// <param name="Permission">Null: whoever has a credential.</param>
/// <param name="PersonOnly">A sign-in; an API key is none.</param>
internal sealed record Needs(string? Permission, Scope Scope = Scope.None, bool PersonOnly = false)
{
    /// <summary>Where the query decides which permission it is.</summary>
    public Func<HttpContext, string>? Choose { get; init; }

    /// <summary>What was declared is checked before the body is read.</summary>
    public static AuthorizationPolicy Policy { get; } =
        new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new NeedsRequirement()).Build();

    public static void Configure(AuthorizationOptions options)
    {
        // What no endpoint opens on purpose is closed, whatever somebody forgets to write.
        options.FallbackPolicy = options.DefaultPolicy;
    }
}

internal static class NeedsDeclaration
{
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, string permission, Scope scope = Scope.None) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Declare(new Needs(permission, scope));

    /// <param name="choose">One of the permissions that there are, by what the query asks for.</param>
    /// <param name="declared">The one that the API document names.</param>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, Func<HttpContext, string> choose, string declared, Scope scope) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Declare(new Needs(declared, scope) { Choose = choose });

    /// <summary>Any credential: it tells about the caller alone.</summary>
    public static TBuilder NeedsCredential<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Declare(new Needs(null));

    /// <summary>A person's sign-in: it changes what is theirs.</summary>
    public static TBuilder NeedsSignIn<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Declare(new Needs(null, PersonOnly: true));

    private static TBuilder Declare<TBuilder>(this TBuilder endpoint, Needs needs) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(needs).RequireAuthorization(Auth.Needs.Policy);
}

internal sealed class NeedsRequirement : IAuthorizationRequirement;

/// <summary>Compares what the endpoint declared with what the caller may.</summary>
internal sealed class NeedsHandler : AuthorizationHandler<NeedsRequirement>
{
    private static readonly object s_outOfReach = new();

    /// <summary>The request was refused because of a camera that is none for the caller.</summary>
    public static bool IsOutOfReach(HttpContext context) => context.Items.ContainsKey(s_outOfReach);

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NeedsRequirement requirement)
    {
        if (context.Resource is HttpContext http && http.GetEndpoint()?.Metadata.GetMetadata<Needs>() is { } needs
            && Caller.Of(context.User) is { } caller && IsAllowed(http, needs, caller))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }

    private static bool IsAllowed(HttpContext http, Needs needs, Caller caller)
    {
        if (needs.PersonOnly && caller.SignInId is null)
            return false;
        if (needs.Permission is null)
            return caller.Ticket is null;
        // Rights were not read yet, and the ticket was issued for this camera: the plane behind takes it as well.
        if (caller.Principal is null)
            return needs.Scope == Scope.Camera;

        var permission = needs.Choose?.Invoke(http) ?? needs.Permission;
        var rights = caller.Rights;
        if (needs.Scope == Scope.Tenant)
            return rights.AllowsTenant(permission);
        if (!rights.AllowsAnywhere(permission))
            return false;
        if (needs.Scope != Scope.Camera)
            return true;

        var id = (string)http.GetRouteValue("id")!;
        if (rights.Knows(id))
            return rights.Allows(permission, id);
        http.Items[s_outOfReach] = true;
        return false;
    }
}
