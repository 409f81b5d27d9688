using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.Cameras;

/// <summary>A row of <c>control.camera</c>.</summary>
internal sealed record CameraRow(
    string Id, CameraSettings Settings, string? PasswordProtected, CameraGenerations Generations, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    private const string Columns = """
        id, name, enabled, site_id, main_url, sub_url, username, transport, on_demand, recording, analytics, password_protected,
        generation, main_generation, sub_generation, recording_generation, analysis_generation, created_at, updated_at, allow_basic_in_clear, tls_certificate_sha256
        """;

    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string SelectColumns = Columns + ", array(select m.group_id from control.camera_group_member m where m.camera_id = camera.id order by 1), nvr_id, nvr_channel, (select n.port from control.nvr n where n.id = camera.nvr_id)";

    /// <summary>The camera groups that it is in itself.</summary>
    public IReadOnlyList<string> GroupIds { get; init; } = [];

    /// <summary>The recorder that it is a channel of; null for a camera of its own.</summary>
    public string? NvrId { get; init; }

    /// <summary>As the recorder calls it.</summary>
    public string? NvrChannel { get; init; }

    /// <summary>Of that recorder's web server.</summary>
    public int? NvrPort { get; init; }

    public static CameraRow Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        new CameraSettings(
            row.GetString(1), row.GetBoolean(2), row.GetString(3), row.GetString(4), row.StringOrNull(5), row.StringOrNull(6),
            row.GetString(7), row.GetBoolean(8), row.GetBoolean(19),
            JsonSerializer.Deserialize<RecordingSettings>(row.GetString(9), JsonSerializerOptions.Web)!,
            JsonSerializer.Deserialize<AnalyticsSettings>(row.GetString(10), JsonSerializerOptions.Web)!,
            row.StringOrNull(20)),
        row.StringOrNull(11),
        new CameraGenerations(row.GetInt64(12), row.GetInt64(13), row.GetInt64(14), row.GetInt64(15), row.GetInt64(16)),
        row.Time(17), row.Time(18))
    { GroupIds = row.GetFieldValue<string[]>(21), NvrId = row.StringOrNull(22), NvrChannel = row.StringOrNull(23), NvrPort = row.IsDBNull(24) ? null : row.GetInt32(24) };

    /// <summary>A camera that was not deleted, or null.</summary>
    public static async Task<CameraRow?> FindAsync(NpgsqlDataSource database, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {SelectColumns} from control.camera where id = $1 and deleted_at is null", id);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>As <see cref="FindAsync"/>, locked until the transaction ends.</summary>
    public static async Task<CameraRow?> LockAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {SelectColumns} from control.camera where id = $1 and deleted_at is null for update", id);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>It belongs to the tenant that its site belongs to.</summary>
    public Task<int> InsertAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"insert into control.camera (tenant_id, {Columns}) values (coalesce((select tenant_id from control.site where id = $4), 'default'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        Values(), cancellationToken);

    public Task<int> UpdateAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"update control.camera set ({Columns}) = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) where id = $1",
        Values(), cancellationToken);

    private object?[] Values() =>
    [
        Id, Settings.Name, Settings.Enabled, Settings.SiteId, Settings.MainUrl, Settings.SubUrl, Settings.Username, Settings.Transport,
        Settings.OnDemand, JsonSerializer.Serialize(Settings.Recording, JsonSerializerOptions.Web),
        JsonSerializer.Serialize(Settings.Analytics, JsonSerializerOptions.Web), PasswordProtected,
        Generations.Camera, Generations.Main, Generations.Sub, Generations.Recording, Generations.Analysis, CreatedAt, UpdatedAt, Settings.AllowBasicInClear,
        Settings.TlsCertificateSha256,
    ];
}

/// <summary><see cref="Camera"/> counts every change. The others are its value when what that plane is asked for changed last: a
/// plane restarts a stream only for a newer one, so a new name interrupts nothing.</summary>
internal sealed record CameraGenerations(long Camera, long Main, long Sub, long Recording, long Analysis)
{
    public static CameraGenerations First { get; } = new(1, 1, 1, 1, 1);
}
