using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Detections;

/// <summary>GET /api/detections/counts: how many there were, by the hour, day, week or month of a time zone. Whatever a person said is none does not count.</summary>
internal static class CountDetections
{
    /// <summary>A month of hours, two years of days.</summary>
    private const int MaxPeriods = 750;

    private const int MaxSeries = 100;
    private const string PublicZone = "UTC";
    private static readonly string[] s_of = ["class", "camera", "line", "zone"];

    /// <param name="Starts">Where each period begins.</param>
    /// <param name="Series">The largest first, at most <see cref="MaxSeries"/>.</param>
    /// <param name="Omitted">Series beyond these.</param>
    public sealed record Response(
        [property: OneOf("minute", "tenMinutes", "hour", "day", "week", "month")] string By,
        [property: OneOf("class", "camera", "line", "zone")] string Of,
        string TimeZone, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<SeriesView> Series, int Omitted);

    /// <param name="Name">The class, or the name of the line or zone; null: of a camera, or of no known class.</param>
    /// <param name="CameraId">Of what belongs to one camera: a camera, a line, a zone.</param>
    /// <param name="Direction">Of a line: in or out.</param>
    /// <param name="Counts">One for each period.</param>
    public sealed record SeriesView(string? Name, string? CameraId, string? CameraName, string? Direction, long Total, IReadOnlyList<long> Counts);

    public static void Map(RouteGroupBuilder detections) =>
        detections.MapGet("/counts", Handle).WithName(nameof(CountDetections)).WithSummary("Count objects that were seen, over time.").Needs(Permissions.EventsRead, Scope.Cameras).ProducesProblem(400);

    /// <summary>of: objects by class or camera, or how often lines were crossed (in and out apart) and zones entered. by: hour when absent. timeZone: whose clock; UTC when absent.</summary>
    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        [AsParameters] DetectionQuery wanted, string? of, string? by, string? timeZone, HttpContext context, RightsState people, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var (what, period, zoneName) = (of ?? s_of[0], by ?? "hour", timeZone ?? PublicZone);
        var problems = wanted.Check();
        if (!s_of.Contains(what))
            problems.Add(new FieldProblem("of", "invalidValue", $"Use {string.Join(", ", s_of)}"));
        if (!CountPeriods.Names.Contains(period))
            problems.Add(new FieldProblem("by", "invalidValue", $"Use {string.Join(", ", CountPeriods.Names)}"));
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out var zone))
            problems.Add(new FieldProblem("timeZone", "unknownTimeZone", "Use the IANA name of a time zone, as Europe/Berlin"));
        if (wanted.From is null)
            problems.Add(new FieldProblem("from", "required", "Say from when on is counted"));
        else if (!CountPeriods.IsWithin(wanted.From.Value))
            problems.Add(new FieldProblem("from", "outOfRange", "Use a time from 1970 to 9000"));
        if (wanted.To is { } end && !CountPeriods.IsWithin(end))
            problems.Add(new FieldProblem("to", "outOfRange", "Use a time from 1970 to 9000"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (from, to) = (wanted.From!.Value.ToUniversalTime(), (wanted.To ?? time.GetUtcNow()).ToUniversalTime());
        var starts = CountPeriods.Starts(period, from, to, zone!, MaxPeriods);
        if (starts.Count is 0 or > MaxPeriods)
            return Problems.Fields(new FieldProblem("to", starts.Count == 0 ? "invalidRange" : "rangeTooLong", $"Use a later time than from, and at most {MaxPeriods} periods"));

        await using var command = database.Command(
            SqlOf(what), (wanted with { From = from, To = to }).ValuesOf(Caller.Of(context).Rights.Filter(Permissions.EventsRead), people.Current, withFalse: false, starts.ToArray()));
        var cells = await command.RowsAsync(
            r => (Key: (Name: r.StringOrNull(0), CameraId: r.StringOrNull(1), CameraName: r.StringOrNull(2), Direction: r.StringOrNull(3)), Period: r.GetInt32(4), Count: r.GetInt64(5), Series: r.GetInt64(6)),
            cancellationToken);
        var series = cells.GroupBy(r => r.Key)
            .Select(g =>
            {
                var counts = new long[starts.Count];
                foreach (var row in g)
                    counts[row.Period - 1] = row.Count;
                return new SeriesView(g.Key.Name, g.Key.CameraId, g.Key.CameraName, g.Key.Direction, counts.Sum(), counts);
            })
            .OrderByDescending(s => s.Total).ThenBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.CameraId, StringComparer.Ordinal).ThenBy(s => s.Direction, StringComparer.Ordinal).ToList();
        return TypedResults.Ok(new Response(period, what, zoneName, from, to, starts, series, cells.Count == 0 ? 0 : (int)cells[0].Series - series.Count));
    }

    /// <summary>Sources may call anything a class: no more of it is read than a name is long, and of the largest series alone. Each has all its periods, and how many series there are.</summary>
    private static string SqlOf(string what)
    {
        var key = what switch
        {
            "class" => "left(e.data ->> 'class', 64), null::text, null::text, null::text",
            "camera" => "null::text, e.camera_id, c.name, null::text",
            "line" => "left(e.data ->> 'line', 128), e.camera_id, c.name, left(e.data ->> 'direction', 8)",
            _ => "left(e.data ->> 'zone', 128), e.camera_id, c.name, null::text",
        };
        var rows = what switch
        {
            "line" => $"{EventRow.From} {DetectionQuery.ItsObject} where {DetectionQuery.WhereOfItsObject} and e.type = 'line.crossed' and e.data ? 'line' and ($12::text is null or left(e.data ->> 'line', 128) = $12) and ($13::text is null or e.data ->> 'direction' = $13)",
            "zone" => $"{EventRow.From} {DetectionQuery.ItsObject} where {DetectionQuery.WhereOfItsObject} and e.type = 'zone.entered' and e.data ? 'zone' and ($11::text is null or left(e.data ->> 'zone', 128) = $11)",
            _ => $"{EventRow.From} where {DetectionQuery.Where}",
        };
        return $"""
            with cell (name, camera_id, camera_name, direction, period, found) as (select {key}, width_bucket(e.at, $20::timestamptz[]), count(*) from {rows} group by 1, 2, 3, 4, 5),
            summed as (select *, sum(found) over (partition by name, camera_id, camera_name, direction) as total from cell),
            ranked as (select *, dense_rank() over (order by total desc, name collate "C", camera_id collate "C", camera_name collate "C", direction collate "C") as rank from summed),
            counted as (select *, max(rank) over () as series from ranked)
            select name, camera_id, camera_name, direction, period, found, series from counted where rank <= {MaxSeries.ToString(CultureInfo.InvariantCulture)}
            """;
    }
}
