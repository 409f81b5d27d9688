using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Exports;

/// <summary>A row of control.export, with the names and sites that its cameras have now.</summary>
internal sealed record ExportRow(
    string Id, IReadOnlyList<ExportCameraView> Cameras, IReadOnlyList<string> SiteIds, DateTimeOffset From, DateTimeOffset To, string Format, string Note, string RequestedBy,
    DateTimeOffset RequestedAt, string State, string Code, string Detail, long BytesDone, long BytesTotal, IReadOnlyList<ExportedFileRow> Files, long ZipBytes,
    DateTimeOffset? FinishedAt, DateTimeOffset? ExpiresAt, ExportBurnIn? BurnIn,
    double UnlookedSeconds)
{
    public const string Columns = """
        x.id, x.camera_ids, array(select coalesce(c.name, i) from unnest(x.camera_ids) with ordinality as u (i, n) left join control.camera c on c.id = i order by n),
        x.from_time, x.to_time, x.format, x.note, x.requested_by, x.requested_at, x.state, x.code, x.detail, x.bytes_done, x.bytes_total, x.files, x.zip_bytes,
        x.finished_at, x.expires_at,
        array(select coalesce(c.site_id, '') from unnest(x.camera_ids) with ordinality as u (i, n) left join control.camera c on c.id = i order by n),
        x.burn_in, x.unlooked_seconds
        """;

    public const string Source = "control.export x";

    public static ExportRow Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        [.. row.GetFieldValue<string[]>(1).Zip(row.GetFieldValue<string[]>(2), (id, name) => new ExportCameraView(id, name))],
        row.GetFieldValue<string[]>(18),
        row.Time(3),
        row.Time(4),
        row.GetString(5),
        row.GetString(6),
        row.GetString(7),
        row.Time(8),
        row.GetString(9),
        row.GetString(10),
        row.GetString(11),
        row.GetInt64(12),
        row.GetInt64(13),
        JsonSerializer.Deserialize<List<ExportedFileRow>>(row.GetString(14), JsonSerializerOptions.Web)!,
        row.GetInt64(15),
        row.TimeOrNull(16),
        row.TimeOrNull(17),
        row.IsDBNull(19) ? null : JsonSerializer.Deserialize<ExportBurnIn>(row.GetString(19), JsonSerializerOptions.Web),
        row.GetDouble(20));

    /// <summary>Null when there is none, or one of its cameras is out of reach.</summary>
    public static async Task<ExportRow?> FindAsync(NpgsqlDataSource database, string id, CameraFilter seen, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {Columns} from {Source} where x.id = $1 and x.tenant_id = $2 and ($3::text[] is null or x.camera_ids <@ $3)", id, seen.TenantId, seen.CameraIds);
        return await command.FirstAsync(Read, cancellationToken);
    }
}

/// <param name="CameraId">Empty for what is of no camera.</param>
internal sealed record ExportedFileRow(string Name, long Bytes, string Sha256, string CameraId);
