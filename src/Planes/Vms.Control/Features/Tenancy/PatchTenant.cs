using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Tenancy;

/// <summary>PATCH /api/tenants/{id}: its name and limits (JSON merge patch, RFC 7396).</summary>
internal static class PatchTenant
{
    public sealed record Request(string? Name, UsageLimits? Limits);

    public static void Map(RouteGroupBuilder tenants) =>
        tenants.MapPatch("/{id}", Handle).WithName(nameof(PatchTenant)).WithSummary("Change a tenant's name or limits (JSON merge patch).")
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<TenantView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, UsageLimitRows limitRows, TimeProvider time, CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await using var locked = connection.Command("select name, limits from control.tenant where id = $1 and deleted_at is null for update", id);
            if (await locked.FirstAsync(r => new Request(r.GetString(0), JsonSerializer.Deserialize<UsageLimits>(r.GetString(1), JsonSerializerOptions.Web)), cancellationToken) is not { } before)
                return TenantView.NotFound();
            if (ItemVersion.Check(context, TenantView.VersionOf(before.Name!, before.Limits!)) is { } otherVersion)
                return otherVersion;

            Request wanted;
            try
            {
                wanted = MergePatch.Of(before, patch);
            }
            catch (JsonException e)
            {
                return JsonFailure.ToProblem(e);
            }

            var problems = new List<FieldProblem>();
            var name = TenantView.CheckName(wanted.Name, problems);
            var limits = UsageLimits.Check(wanted.Limits, ofSite: false, problems);
            if (problems.Count > 0)
                return Problems.Fields(problems);
            try
            {
                await connection.ExecuteAsync("update control.tenant set name = $2, limits = $3::jsonb where id = $1", [id, name, limits.ToJson()], cancellationToken);
            }
            catch (PostgresException e) when (TenantView.IsTaken(e))
            {
                return TenantView.Taken(e);
            }

            await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "tenant.changed", id, new { name, limits }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        limitRows.Changed();
        return await TenantView.ReadAsync(database, id, cancellationToken) is [var view] ? TypedResults.Ok(view) : TenantView.NotFound();
    }
}
