using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Tenancy;

/// <summary>A tenant as the installation's administrator sees it: how much of it there is, never what.</summary>
internal sealed record TenantView(string Id, string Name, UsageLimits Limits, int Sites, int Cameras, int Accounts, DateTimeOffset CreatedAt) : IVersioned
{
    /// <summary>Each is a name in front of ids and subjects, and shares the machine.</summary>
    public const int MaxTenants = 1000;

    private const int MaxNameLength = 64;

    /// <summary>Of what can be changed, as the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => VersionOf(Name, Limits);

    public static string VersionOf(string name, UsageLimits limits) => ItemVersion.OfContent(name, limits);

    /// <param name="id">Null: all, by name.</param>
    public static async Task<List<TenantView>> ReadAsync(NpgsqlDataSource database, string? id, CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select t.id, t.name, t.limits, t.created_at, (select count(*)::int from control.site s where s.tenant_id = t.id and s.deleted_at is null),
                (select count(*)::int from control.camera c where c.tenant_id = t.id and c.deleted_at is null), (select count(*)::int from control.account a where a.tenant_id = t.id)
            from control.tenant t where t.deleted_at is null and ($1::text is null or t.id = $1) order by lower(t.name), t.id
            """, id);
        return await command.RowsAsync(
            r => new TenantView(
                r.GetString(0), r.GetString(1), JsonSerializer.Deserialize<UsageLimits>(r.GetString(2), JsonSerializerOptions.Web)!, r.GetInt32(4), r.GetInt32(5),
                r.GetInt32(6), r.Time(3)),
            cancellationToken);
    }

    public static ProblemHttpResult NotFound() => Problems.NotFound("tenantNotFound", "There is no such tenant");

    public static bool IsTaken(PostgresException e) => e.SqlState == PostgresErrorCodes.UniqueViolation;

    /// <summary>Which of the names it was.</summary>
    public static ProblemHttpResult Taken(PostgresException e) => e.ConstraintName switch
    {
        "tenant_name" => Problems.Of(
            StatusCodes.Status409Conflict, "tenantNameTaken", "There is a tenant of this name", fields: [new FieldProblem("name", "taken", "Choose another name")]),
        "account_username_key" => Problems.Of(
            StatusCodes.Status409Conflict, "usernameTaken", "There is an account of this name", fields: [new FieldProblem("administrator.username", "taken", "Choose another name")]),
        _ => Problems.Of(StatusCodes.Status409Conflict, "tenantIdTaken", "There is, or was, a tenant with this id", fields: [new FieldProblem("id", "taken", "Choose another id")]),
    };

    public static string CheckName(string? name, List<FieldProblem> problems)
    {
        name = name?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem("name", "required", "A name is required"));
        else if (name.Length > MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {MaxNameLength} printable characters"));
        return name;
    }
}
