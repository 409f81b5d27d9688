using Npgsql;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.KeptFootage;

/// <summary>One camera of a bookmark, clip or hold, and what of its range is there.</summary>
/// <param name="CameraName">Of a deleted camera, too; its recordings are still kept.</param>
/// <param name="State">pending: the recorder has not got it yet; kept; expired: a bookmark older than its camera keeps them.</param>
/// <param name="RecordedSeconds">Null until the recorder has measured it.</param>
/// <param name="MissingSeconds">Of the range, as far as it is over: not recorded, or deleted before.</param>
/// <param name="DeletedSeconds">Of these, what was deleted before it was to be kept, as far as the last 30 days of deletions tell.</param>
internal sealed record KeptView(
    string CameraId, string CameraName, [property: OneOf("pending", "kept", "expired")] string State, DateTimeOffset? Until, double? RecordedSeconds, double? MissingSeconds, double? DeletedSeconds)
{
    /// <summary>By id of the bookmark, clip or hold.</summary>
    public static async Task<ILookup<Guid, KeptView>> OfAsync(
        NpgsqlDataSource database, Guid[] ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Command("""
            select k.id, k.camera_id, coalesce(c.name, k.camera_id), k.from_time, k.to_time, k.until_time, k.generation <= g.applied, k.recorded_ms, k.deleted_ms, k.measured_at
            from control.kept_range k cross join control.kept_generation g left join control.camera c on c.id = k.camera_id
            where k.id = any($1) order by lower(c.name), k.camera_id
            """, (object)ids);
        var rows = await command.RowsAsync(r => (Id: r.GetGuid(0), View: Read(r, now)), cancellationToken);
        return rows.ToLookup(r => r.Id, r => r.View);
    }

    private static KeptView Read(NpgsqlDataReader row, DateTimeOffset now)
    {
        var until = row.TimeOrNull(5);
        double? recorded = row.IsDBNull(7) ? null : row.GetInt64(7) / 1000.0;
        double? deleted = row.IsDBNull(8) ? null : row.GetInt64(8) / 1000.0;
        double? missing = null;
        if (recorded is not null && row.TimeOrNull(9) is { } measured)
        {
            // What is still to come is not missing.
            var over = measured < row.Time(4) ? measured : row.Time(4);
            missing = Math.Max(0, (over - row.Time(3)).TotalSeconds - recorded.Value);
        }

        return new KeptView(
            row.GetString(1), row.GetString(2), until <= now ? "expired" : row.GetBoolean(6) ? "kept" : "pending", until,
            recorded, missing is null ? null : Math.Round(missing.Value, 3), deleted);
    }
}
