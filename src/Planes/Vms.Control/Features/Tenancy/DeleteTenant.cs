using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Features.Rules;
using Vms.Control.FrontDoor;
using Vms.Control.Integrations.Sensors;
using Vms.Hosting;

namespace Vms.Control.Features.Tenancy;

/// <summary>DELETE /api/tenants/{id}: one that has no cameras any more. Its people are out at once; recordings that remain go by retention.</summary>
internal static class DeleteTenant
{
    public static void Map(RouteGroupBuilder tenants) =>
        tenants.MapDelete("/{id}", Handle).WithName(nameof(DeleteTenant)).WithSummary("Delete a tenant that has no cameras; its accounts are switched off.")
            .ProducesProblem(404).ProducesProblem(409).ChecksVersion();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, HttpContext context, NpgsqlDataSource database, RightsState rights, RuleBook rules, SensorDirectory sensors, TimeProvider time, CancellationToken cancellationToken)
    {
        if (id == Tenants.First)
            return Problems.Of(StatusCodes.Status409Conflict, "tenantIsDefault", "The first tenant stays", "What belongs to the installation belongs to it.");
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var locked = connection.Command("select name, limits from control.tenant where id = $1 and deleted_at is null for update", id);
        if (await locked.FirstAsync(r => new { Name = r.GetString(0), Limits = UsageLimits.Parse(r.GetString(1)) }, cancellationToken) is not { Name: var name } tenant)
            return TenantView.NotFound();
        if (ItemVersion.Check(context, TenantView.VersionOf(name, tenant.Limits)) is { } otherVersion)
            return otherVersion;
        // Before the count: a camera that is being added holds its site, and this waits for it.
        await connection.ExecuteAsync("update control.site set deleted_at = $2 where tenant_id = $1 and deleted_at is null", [id, now], cancellationToken);
        await using var left = connection.Command("select count(*) from control.camera where tenant_id = $1 and deleted_at is null", id);
        if (await left.ExecuteScalarAsync(cancellationToken) is > 0L and var cameras)
            return Problems.Of(StatusCodes.Status409Conflict, "tenantNotEmpty", "The tenant has cameras", $"Its administrator has to delete its {cameras} cameras first.");

        await connection.ExecuteAsync("delete from control.nvr where tenant_id = $1", [id], cancellationToken);
        await connection.ExecuteAsync("update control.tenant set deleted_at = $2 where id = $1", [id, now], cancellationToken);
        await connection.ExecuteAsync("update control.account set enabled = false where tenant_id = $1", [id], cancellationToken);
        await connection.ExecuteAsync("update control.api_key set expires_at = $2 where tenant_id = $1", [id, now], cancellationToken);
        await connection.ExecuteAsync("""
            update control.sign_in s set ended_at = $2, end_reason = 'disabled' from control.account a
            where a.id = s.account_id and a.tenant_id = $1 and s.ended_at is null
            """, [id, now], cancellationToken);
        await AuditLog.AddAsync(connection, now, Actor.Of(context), "tenant.deleted", id, new { name }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        rules.Changed();
        sensors.Changed();
        await rights.RefreshAsync();
        return TypedResults.NoContent();
    }
}
