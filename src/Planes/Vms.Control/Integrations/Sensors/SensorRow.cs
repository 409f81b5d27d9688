using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Integrations.Sensors;

/// <summary>A row of <c>control.sensor</c>.</summary>
/// <param name="PasswordHash">bcrypt.</param>
internal sealed record SensorRow(string Id, string TenantId, string SiteId, string Name, string PasswordHash, string CreatedBy, DateTimeOffset CreatedAt)
{
    public const string Columns = "id, tenant_id, site_id, name, password_hash, created_by, created_at";

    /// <summary>Of one tenant.</summary>
    public const int MaxSensors = 500;

    public static SensorRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.Time(6));

    /// <summary>Of all tenants and sites that are still there, in order of their ids.</summary>
    public static async Task<List<SensorRow>> AllAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"""
            select {Columns} from control.sensor r
            where exists (select 1 from control.tenant t where t.id = r.tenant_id and t.deleted_at is null)
              and exists (select 1 from control.site s where s.id = r.site_id and s.deleted_at is null)
            order by id
            """);
        return await command.RowsAsync(Read, cancellationToken);
    }
}
