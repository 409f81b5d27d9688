using System.Globalization;
using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Layouts;

/// <summary>A layout as the API shows it. Cameras that the caller may not see are not in it: their cells are empty.</summary>
/// <param name="Owner">Name of whoever made it.</param>
/// <param name="Editable">The caller may change and delete it.</param>
internal sealed record LayoutView(
    string Id, string Name, string Grid, int Columns, int Rows, bool Shared, int Order, IReadOnlyList<LayoutCell> Cells, string Owner, bool Editable, long Generation,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    string IVersioned.Version => VersionOf(Generation);

    public static string VersionOf(long generation) => generation.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A row of <c>control.layout</c>.</summary>
internal sealed record LayoutRow(
    string Id, Guid OwnerId, string Owner, LayoutSettings Settings, long Generation, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string Columns = "l.id, l.owner_id, l.owner, l.name, l.grid, l.columns, l.rows, l.shared, l.position, l.cells, l.generation, l.created_at, l.updated_at";

    /// <summary>Of the tenant $1, shared or of the principal $2.</summary>
    public const string IsSeen = "l.tenant_id = $1 and (l.shared or l.owner_id = $2)";

    public static LayoutRow Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetGuid(1), row.GetString(2),
        new LayoutSettings(
            row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetInt32(6), row.GetBoolean(7), row.GetInt32(8),
            JsonSerializer.Deserialize<List<LayoutCell>>(row.GetString(9), JsonSerializerOptions.Web)!),
        row.GetInt64(10), row.Time(11), row.Time(12));

    /// <summary>Null for one that is not there for the caller. Locked until the transaction ends.</summary>
    public static async Task<LayoutRow?> LockAsync(NpgsqlConnection connection, Caller caller, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"select {Columns} from control.layout l where {IsSeen} and l.id = $3 for update", caller.TenantId, caller.Principal!.Id, id);
        return await command.FirstAsync(Read, cancellationToken);
    }

    /// <summary>The owner; a shared one also by whoever may change layouts of the whole tenant.</summary>
    public bool IsEditableBy(Caller caller) =>
        OwnerId == caller.Principal!.Id || (Settings.Shared && caller.Rights.AllowsTenant(Permissions.LayoutsWrite));

    /// <param name="isThere">Whether a camera was not deleted.</param>
    public LayoutView ToView(Caller caller, Func<string, bool> isThere) => new(
        Id, Settings.Name, Settings.Grid, Settings.Columns, Settings.Rows, Settings.Shared, Settings.Order,
        [.. Settings.Cells.Select(c => c.CameraId is { } camera && caller.Rights.Allows(Permissions.CamerasRead, camera) && isThere(camera) ? c : c with { CameraId = null })],
        Owner, IsEditableBy(caller), Generation, CreatedAt, UpdatedAt);

    /// <summary>Which of these were not deleted.</summary>
    public static async Task<HashSet<string>> CamerasThereAsync(NpgsqlDataSource database, IEnumerable<LayoutRow> rows, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "select id from control.camera where id = any($1) and deleted_at is null", (object)rows.SelectMany(r => r.Settings.CameraIds).Distinct().ToArray());
        return (await command.RowsAsync(r => r.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
    }
}
