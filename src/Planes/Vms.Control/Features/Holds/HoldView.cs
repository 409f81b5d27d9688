using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;

namespace Vms.Control.Features.Holds;

/// <summary>A legal hold: nobody's rule or request deletes its footage until it is lifted.</summary>
/// <param name="Cameras">Empty once it is lifted.</param>
/// <param name="LiftedBy">Null while it is in force.</param>
internal sealed record HoldView(
    string Id, string Reason, IReadOnlyList<string> CameraIds, IReadOnlyList<KeptView> Cameras, DateTimeOffset From, DateTimeOffset To, string CreatedBy,
    DateTimeOffset CreatedAt, string? LiftedBy, DateTimeOffset? LiftedAt)
{
    public const string Columns = "id, reason, camera_ids, from_time, to_time, created_by, created_at, lifted_by, lifted_at";

    public static HoldView Read(NpgsqlDataReader row) => new(
        row.GetGuid(0).ToString(), row.GetString(1), row.GetFieldValue<string[]>(2), [], row.Time(3), row.Time(4), row.GetString(5), row.Time(6),
        row.StringOrNull(7), row.TimeOrNull(8));

    public static async Task<HoldView?> FindAsync(NpgsqlDataSource database, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"select {Columns} from control.hold where id = $1", id);
        return await command.FirstAsync(Read, cancellationToken) is { } found
            ? (await WithCamerasAsync([found], database, now, cancellationToken))[0]
            : null;
    }

    public static async Task<List<HoldView>> WithCamerasAsync(
        List<HoldView> holds, NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await KeptView.OfAsync(database, [.. holds.Select(h => Guid.Parse(h.Id))], now, cancellationToken);
        return [.. holds.Select(h => h with { Cameras = [.. kept[Guid.Parse(h.Id)]] })];
    }
}
