using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Tenancy;

/// <summary>Everything under /api/tenants: for whoever administers the installation, whom only the first tenant can have.</summary>
internal static class TenantsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var tenants = app.MapGroup("/api/tenants").WithTags("Tenants").Needs(Permissions.TenantsWrite, Scope.Tenant).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        tenants.MapGet("/", ListAsync).WithName("ListTenants").WithSummary("List tenants.");
        tenants.MapGet("/{id}", GetAsync).WithName("GetTenant").WithSummary("Get a tenant.").ProducesProblem(404);
        AddTenant.Map(tenants);
        PatchTenant.Map(tenants);
        DeleteTenant.Map(tenants);
    }

    private static async Task<Ok<Page<TenantView>>> ListAsync(NpgsqlDataSource database, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<TenantView>(await TenantView.ReadAsync(database, null, cancellationToken), null));

    private static async Task<Results<Ok<TenantView>, ProblemHttpResult>> GetAsync(string id, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await TenantView.ReadAsync(database, id, cancellationToken) is [var view] ? TypedResults.Ok(view) : TenantView.NotFound();
}
