using Npgsql;
using Vms.Control.Data;
using Vms.Onvif.Device;

namespace Vms.Control.Features.Device;

/// <summary>A row of <c>control.device</c>: what the device of a camera said of itself last.</summary>
/// <param name="Service">Of its ONVIF device service.</param>
/// <param name="CameraHost">Of the camera's main address when it was asked.</param>
/// <param name="CredentialsKey">Of <see cref="DeviceTarget.Key"/>: what was tried.</param>
/// <param name="IsOnvif">It has answered once.</param>
/// <param name="NextCheckAt">Null: when somebody asks.</param>
internal sealed record DeviceRow(string CameraId, Uri Service, string CameraHost, string CredentialsKey, bool IsOnvif, DateTimeOffset CheckedAt, DateTimeOffset? NextCheckAt)
{
    private const string Columns = """
        camera_id, service_url, camera_host, credentials_key, is_onvif, checked_at, next_check_at, problem_code, problem_detail, maker, model, firmware,
        serial_number, hardware_id, clock_offset_ms, clock_checked_at, clock_ntp, video_source, profile, ptz_profile, ptz_node, has_imaging, relays, has_inputs, has_events
        """;

    private const string Values = "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";

    /// <summary>Why the last try came to nothing; null when it came to something.</summary>
    public DeviceProblem? Problem { get; init; }

    public DeviceInformation Information { get; init; } = new("", "", "", "", "");

    /// <summary>Null when it never told the time.</summary>
    public ClockReading? Clock { get; init; }

    /// <summary>Token of the sensor that the camera's picture comes from; null when none is known to be it.</summary>
    public string? VideoSource { get; init; }

    public string? Profile { get; init; }

    /// <summary>A profile of that sensor which something moves; null: nothing does.</summary>
    public string? PtzProfile { get; init; }

    public string? PtzNode { get; init; }

    public bool HasImaging { get; init; }

    public int Relays { get; init; }

    public bool HasInputs { get; init; }

    public bool HasEvents { get; init; }

    public static async Task<DeviceRow?> FindAsync(NpgsqlDataSource database, string cameraId, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.device where camera_id = $1", cameraId);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>Of all cameras that were not deleted.</summary>
    public static async Task<List<DeviceRow>> AllAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {Columns} from control.device where camera_id in (select id from control.camera where deleted_at is null)");
        return await command.RowsAsync(Read, cancellationToken);
    }

    /// <summary>In the place of what was known.</summary>
    public Task<int> SaveAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"insert into control.device ({Columns}) values {Values} on conflict (camera_id) do update set ({Columns}) = {Values}",
        [
            CameraId, Service.AbsoluteUri, CameraHost, CredentialsKey, IsOnvif, CheckedAt, NextCheckAt, Problem?.Code, Problem?.Detail,
            Information.Manufacturer, Information.Model, Information.Firmware, Information.SerialNumber, Information.HardwareId,
            Clock?.OffsetMs, Clock?.CheckedAt, Clock?.Ntp, VideoSource, Profile, PtzProfile, PtzNode, HasImaging, Relays, HasInputs, HasEvents,
        ],
        cancellationToken);

    private static DeviceRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), new Uri(row.GetString(1)), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.Time(5), row.TimeOrNull(6))
    {
        Problem = row.StringOrNull(7) is { } code ? new DeviceProblem(code, row.StringOrNull(8) ?? "") : null,
        Information = new DeviceInformation(row.GetString(9), row.GetString(10), row.GetString(11), row.GetString(12), row.GetString(13)),
        Clock = row.IsDBNull(14) ? null : new ClockReading(row.GetInt64(14), row.Time(15), row.IsDBNull(16) ? null : row.GetBoolean(16)),
        VideoSource = row.StringOrNull(17),
        Profile = row.StringOrNull(18),
        PtzProfile = row.StringOrNull(19),
        PtzNode = row.StringOrNull(20),
        HasImaging = row.GetBoolean(21),
        Relays = row.GetInt32(22),
        HasInputs = row.GetBoolean(23),
        HasEvents = row.GetBoolean(24),
    };
}

/// <summary>Why a device did not answer as it should.</summary>
/// <param name="Code">As in problem documents.</param>
/// <param name="Detail">For people; holds no credentials.</param>
internal sealed record DeviceProblem(string Code, string Detail);

/// <summary>What a device's clock said.</summary>
/// <param name="OffsetMs">Its time minus this server's. Devices tell whole seconds: right to half of one.</param>
/// <param name="Ntp">A time server sets it; absent when the device does not say.</param>
internal sealed record ClockReading(long OffsetMs, DateTimeOffset CheckedAt, bool? Ntp)
{
    /// <summary>Beyond it what the camera writes into its picture, and its events, are at a wrong time.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public bool IsOff() => Math.Abs(OffsetMs) > Tolerance.TotalMilliseconds;
}
