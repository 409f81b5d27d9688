using System.Text.Json;
using Npgsql;
using Vms.Contracts.Ai;
using Vms.Control.Data;
using Vms.Control.Features.Detections;
using Vms.Control.Features.Events;

namespace Vms.Control.Features.Cameras;

/// <summary>An object that was seen once, with the way it took.</summary>
/// <param name="Seen">The event of the object itself.</param>
/// <param name="Way">Null: nobody stored it, or it cannot be read.</param>
/// <param name="LeastConfidence">Objects that were less sure were not stored then; null: it does not say.</param>
/// <param name="IsNone">A person said that it is none.</param>
internal sealed record StoredTrack(EventView Seen, PastTrack? Way, double? LeastConfidence, bool IsNone)
{
    /// <summary>A way has no more points: vms-ai thins it out.</summary>
    private const int MaxPoints = 64;

    /// <summary>Whatever says that it stayed longer has forgotten to end.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(31);

    /// <summary>Those of a camera that came in a time, the newest first, beginning behind the last one that was read.</summary>
    public static async Task<List<StoredTrack>> ReadAsync(
        NpgsqlDataSource database, string tenant, string camera, DateTimeOffset from, DateTimeOffset to, EventView? behind, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Command($"""
            select {EventRow.Columns}, e.data -> 'path', e.review = 'false' from {EventRow.From}
            where e.tenant_id = $1 and e.camera_id = $2 and e.at >= $3 and e.at < $4 and {DetectionView.IsOne} and ($5::timestamptz is null or (e.at, e.id) < ($5, $6))
            order by e.at desc, e.id desc limit $7
            """, tenant, camera, from, to, behind?.At, behind?.Id, limit);
        return await command.RowsAsync(Read, cancellationToken);
    }

    private static StoredTrack Read(NpgsqlDataReader row)
    {
        var seen = EventRow.Read(row);
        double? least = seen.Data.TryGetProperty("thresholds", out var thresholds) && thresholds.ValueKind == JsonValueKind.Object ? EventRow.Number(thresholds, "event") : null;
        return new StoredTrack(seen, WayOf(seen, row.StringOrNull(EventRow.ColumnCount)), least, !row.IsDBNull(EventRow.ColumnCount + 1) && row.GetBoolean(EventRow.ColumnCount + 1));
    }

    /// <summary>Other programs write what they like: what is no way of an object in the picture is none.</summary>
    private static PastTrack? WayOf(EventView seen, string? json)
    {
        if (json is null || seen is not { Class: { } @class, Confidence: { } confidence })
            return null;
        using var document = JsonDocument.Parse(json);
        if (document.RootElement is not { ValueKind: JsonValueKind.Array } path || path.GetArrayLength() is 0 or > MaxPoints)
            return null;
        var began = seen.At.ToUnixTimeMilliseconds();
        var way = new PastTrack { Class = @class, Score = confidence };
        foreach (var point in path.EnumerateArray())
        {
            if (PointOf(point, began, seen.Box) is not { } where)
                return null;
            way.Path.Add(where);
        }

        if (seen.EndAt is { } end)
            way.EndUnixUs = Math.Clamp(end.ToUnixTimeMilliseconds(), began, began + (long)s_longest.TotalMilliseconds) * 1000;
        return way;
    }

    /// <param name="box">How large it was when its point does not say.</param>
    private static PastPoint? PointOf(JsonElement point, long began, IReadOnlyList<double>? box)
    {
        if (point.ValueKind != JsonValueKind.Array || point.GetArrayLength() is not (3 or 5) || point.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.Number))
            return null;
        double[] said = [.. point.EnumerateArray().Select(n => n.GetDouble())];
        var size = said.Length == 5 ? said[3..] : box is null ? [] : [.. box.Skip(2)];
        var at = began + said[0];
        if (size.Length != 2 || !(Math.Abs(said[0]) < s_longest.TotalMilliseconds) || at < 0 || said[1..3].Concat(size).Any(part => !(part is > -2 and < 2)))
            return null;
        return new PastPoint { AtUnixUs = (long)(at * 1000), X = (float)said[1], Y = (float)said[2], Width = (float)size[0], Height = (float)size[1] };
    }
}
