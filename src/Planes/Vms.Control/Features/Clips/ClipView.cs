using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Clips;

/// <summary>A saved, named range of some cameras; its footage is kept until it is deleted.</summary>
internal sealed record ClipView(
    string Id, string Name, IReadOnlyList<KeptView> Cameras, DateTimeOffset From, DateTimeOffset To, string Note, IReadOnlyList<string> Tags, string Owner,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    string IVersioned.Version => ItemVersion.Of(UpdatedAt);

    public const string Columns = "id, name, from_time, to_time, note, tags, owner, created_at, updated_at";

    public static ClipView Read(NpgsqlDataReader row) => new(
        row.GetGuid(0).ToString(), row.GetString(1), [], row.Time(2), row.Time(3), row.GetString(4), row.GetFieldValue<string[]>(5), row.GetString(6),
        row.Time(7), row.Time(8));

    /// <summary>Null when there is none, or one of its cameras is out of reach.</summary>
    public static async Task<ClipView?> FindAsync(
        NpgsqlDataSource database, Guid id, CameraFilter seen, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"select {Columns} from control.clip where id = $1 and tenant_id = $2 and ($3::text[] is null or camera_ids <@ $3)", id, seen.TenantId, seen.CameraIds);
        return await command.FirstAsync(Read, cancellationToken) is { } found
            ? (await WithCamerasAsync([found], database, now, cancellationToken))[0]
            : null;
    }

    public static async Task<List<ClipView>> WithCamerasAsync(
        List<ClipView> clips, NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await KeptView.OfAsync(database, [.. clips.Select(c => Guid.Parse(c.Id))], now, cancellationToken);
        return [.. clips.Select(c => c with { Cameras = [.. kept[Guid.Parse(c.Id)]] })];
    }
}
