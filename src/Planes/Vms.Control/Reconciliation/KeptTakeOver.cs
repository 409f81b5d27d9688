using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Reconciliation;

/// <summary>Puts the holds and clips of a recorder's list into the database, as far as that does not know them.</summary>
internal sealed class KeptTakeOver(KeptRanges list, DateTimeOffset now)
{
    private const string By = "recorder";

    public int Holds { get; private set; }

    public int Clips { get; private set; }

    public async Task IntoAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var ranges in list.Ranges.Where(r => r.Kind is "hold" or "clip").GroupBy(r => (r.Id, r.Kind)))
        {
            if (!Guid.TryParse(ranges.Key.Id, out var id))
                continue;
            var isHold = ranges.Key.Kind == "hold";
            var name = ranges.First().Name;
            var (from, to) = (DateTimeOffset.FromUnixTimeMilliseconds(ranges.First().FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(ranges.First().ToUnixMs));
            string[] cameras = [.. ranges.Select(r => r.CameraId)];
            var isNew = await connection.ExecuteAsync(
                isHold
                    ? """
                      insert into control.hold (id, reason, camera_ids, from_time, to_time, created_by, created_at, tenant_id)
                      values ($1, $2, $3, $4, $5, $6, $7, coalesce((select min(tenant_id) from control.camera where id = any($3)), 'default')) on conflict do nothing
                      """
                    : """
                      insert into control.clip (id, name, camera_ids, from_time, to_time, note, tags, owner, created_at, updated_at, tenant_id)
                      values ($1, $2, $3, $4, $5, '', '{}', $6, $7, $7, coalesce((select min(tenant_id) from control.camera where id = any($3)), 'default')) on conflict do nothing
                      """,
                [id, name, cameras, from, to, By, now], cancellationToken) == 1;
            if (!isNew)
                continue;
            await connection.ExecuteAsync("""
                insert into control.kept_range (id, camera_id, kind, from_time, to_time, name, generation)
                select $1, unnest($2::text[]), $3, $4, $5, $6, (select generation from control.kept_generation) on conflict do nothing
                """, [id, cameras, ranges.Key.Kind, from, to, name], cancellationToken);
            await AuditLog.AddAsync(
                connection, now, new Actor(Tenants.First, By, null), $"{ranges.Key.Kind}.recovered", id.ToString(), new { name, cameras, from, to, list = list.Generation }, cancellationToken);
            (Holds, Clips) = isHold ? (Holds + 1, Clips) : (Holds, Clips + 1);
        }
    }
}
