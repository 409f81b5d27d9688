using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Features.Nvrs;

/// <summary>A row of <c>control.nvr</c>.</summary>
/// <param name="Host">As somebody typed it.</param>
/// <param name="State">online, offline or unauthorized.</param>
/// <param name="StateDetail">One sentence for the operator; null when all is well.</param>
/// <param name="Channels">As the recorder told them last.</param>
/// <param name="UpdatedAt">Of what somebody changed; looking at the recorder is none.</param>
internal sealed record NvrRow(
    string Id, string TenantId, string SiteId, string Name, NvrMaker Vendor, string Host, int Port, string? Username, string? PasswordProtected, string Model, string Firmware,
    string SerialNumber, IReadOnlyList<ToldChannel> Channels, string State, string? StateDetail, DateTimeOffset CheckedAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string Online = "online";
    public const string Offline = "offline";
    public const string Unauthorized = "unauthorized";

    public const int UsualPort = 80;

    public const string Columns = """
        n.id, n.tenant_id, n.site_id, n.name, n.vendor, n.host, n.port, n.username, n.password_protected, n.model, n.firmware, n.serial_number, n.channels, n.state,
        n.state_detail, n.checked_at, n.created_at, n.updated_at
        """;

    /// <summary>For people.</summary>
    public string Address => Port == UsualPort ? Host : $"{Host}:{Port}";

    public static NvrRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), VendorOf(row.GetString(4))!.Value, row.GetString(5), row.GetInt32(6), row.StringOrNull(7),
        row.StringOrNull(8), row.GetString(9), row.GetString(10), row.GetString(11), JsonSerializer.Deserialize<List<ToldChannel>>(row.GetString(12), JsonSerializerOptions.Web)!,
        row.GetString(13), row.StringOrNull(14), row.Time(15), row.Time(16), row.Time(17));

    /// <summary>Null for one that is not there for the caller: recorders are seen with the right for their site.</summary>
    public static async Task<NvrRow?> FindAsync(NpgsqlDataSource database, Caller caller, string permission, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.nvr n where n.id = $1 and n.tenant_id = $2", id, caller.TenantId);
        return await command.FirstAsync(Read, cancellationToken) is { } row && caller.Rights.AllowsSite(permission, row.SiteId) ? row : null;
    }

    /// <summary>As <see cref="FindAsync"/>, locked until the transaction ends.</summary>
    public static async Task<NvrRow?> LockAsync(NpgsqlConnection connection, Caller caller, string permission, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {Columns} from control.nvr n where n.id = $1 and n.tenant_id = $2 for update", id, caller.TenantId);
        return await command.FirstAsync(Read, cancellationToken) is { } row && caller.Rights.AllowsSite(permission, row.SiteId) ? row : null;
    }

    /// <summary>The recorder at an address, whoever may see it.</summary>
    public static async Task<NvrRow?> AtAsync(NpgsqlConnection connection, string tenantId, string host, int port, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"select {Columns} from control.nvr n where n.tenant_id = $1 and lower(n.host) = lower($2) and n.port = $3", tenantId, host, port);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>The same device at another address, by the serial number that its maker gave it.</summary>
    public static async Task<NvrRow?> WithSerialAsync(NpgsqlConnection connection, string tenantId, NvrMaker vendor, string serialNumber, CancellationToken cancellationToken)
    {
        // Clones that speak ONVIF share serial numbers.
        if (serialNumber.Length == 0 || vendor == NvrMaker.Onvif)
            return null;
        await using var command = connection.Command(
            $"select {Columns} from control.nvr n where n.tenant_id = $1 and n.vendor = $2 and n.serial_number = $3 order by n.created_at limit 1", tenantId, WordOf(vendor), serialNumber);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>Adds it, or writes all of it anew.</summary>
    public Task<int> SaveAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync("""
        insert into control.nvr (id, tenant_id, site_id, name, vendor, host, port, username, password_protected, model, firmware, serial_number, channels, state, state_detail,
            checked_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16, $17, $18)
        on conflict (id) do update set name = $4, host = $6, port = $7, username = $8, password_protected = $9, model = $10, firmware = $11, serial_number = $12,
            channels = $13::jsonb, state = $14, state_detail = $15, checked_at = $16, updated_at = $18
        """,
        [
            Id, TenantId, SiteId, Name, WordOf(Vendor), Host, Port, Username, PasswordProtected, Model, Firmware, SerialNumber,
            JsonSerializer.Serialize(Channels, JsonSerializerOptions.Web), State, StateDetail, CheckedAt, CreatedAt, UpdatedAt,
        ], cancellationToken);

    /// <summary>As the API names it; null for none of them.</summary>
    public static NvrMaker? VendorOf(string? word) => word switch { "hikvision" => NvrMaker.Hikvision, "dahua" => NvrMaker.Dahua, "onvif" => NvrMaker.Onvif, _ => null };

    public static string WordOf(NvrMaker vendor) => vendor switch { NvrMaker.Hikvision => "hikvision", NvrMaker.Dahua => "dahua", _ => "onvif" };
}

/// <summary>A channel as its recorder told it last.</summary>
/// <param name="Number">From 1, what the recorder's own screen shows.</param>
/// <param name="Online">Null: the recorder does not say.</param>
/// <param name="MainUrl">Null: the recorder tells of no stream that is switched on.</param>
/// <param name="Width">Pixels of the main stream; 0: unknown.</param>
internal sealed record ToldChannel(string Id, int Number, string Name, bool? Online, string? MainUrl, string? SubUrl, string? Codec, int Width, int Height)
{
    /// <summary>Characters of an id: tokens of ONVIF are at most 64.</summary>
    public const int MaxId = 128;

    public static IReadOnlyList<ToldChannel> Of(IEnumerable<NvrChannel> channels) =>
    [
        .. from channel in channels
           where channel.Id.Length <= MaxId
           let main = channel.Main
           select new ToldChannel(
               channel.Id, channel.Number, NvrFacts.Cut(channel.Name), channel.Online, main?.Url, channel.Sub?.Url,
               main is null or { Codec: Codecs.CodecKind.None } ? null : main.Codec.ToString(), main?.Width ?? 0, main?.Height ?? 0),
    ];
}
