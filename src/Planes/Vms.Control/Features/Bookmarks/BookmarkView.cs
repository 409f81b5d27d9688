using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Bookmarks;

/// <summary>A mark on a camera's recordings.</summary>
/// <param name="To">The same as <paramref name="From"/> for a moment.</param>
/// <param name="Kept">What of it is there and for how long; of a moment, with half a minute before and after it.</param>
internal sealed record BookmarkView(
    string Id, string CameraId, string CameraName, DateTimeOffset From, DateTimeOffset To, string Title, string Note, IReadOnlyList<string> Tags,
    string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, KeptView? Kept) : IVersioned
{
    string IVersioned.Version => ItemVersion.Of(UpdatedAt);

    public const string Columns = "b.id, b.camera_id, c.name, b.from_time, b.to_time, b.title, b.note, b.tags, b.created_by, b.created_at, b.updated_at";

    public const string Tables = "control.bookmark b join control.camera c on c.id = b.camera_id";

    public static BookmarkView Read(NpgsqlDataReader row) => new(
        row.GetGuid(0).ToString(), row.GetString(1), row.GetString(2), row.Time(3), row.Time(4), row.GetString(5), row.GetString(6),
        row.GetFieldValue<string[]>(7), row.GetString(8), row.Time(9), row.Time(10), null);

    public static async Task<BookmarkView?> FindAsync(NpgsqlDataSource database, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from {Tables} where b.id = $1", id);
        return await command.FirstAsync(Read, cancellationToken) is { } found
            ? (await WithKeptAsync([found], database, now, cancellationToken))[0]
            : null;
    }

    public static async Task<List<BookmarkView>> WithKeptAsync(
        List<BookmarkView> bookmarks, NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await KeptView.OfAsync(database, [.. bookmarks.Select(b => Guid.Parse(b.Id))], now, cancellationToken);
        return [.. bookmarks.Select(b => b with { Kept = kept[Guid.Parse(b.Id)].FirstOrDefault() })];
    }
}
