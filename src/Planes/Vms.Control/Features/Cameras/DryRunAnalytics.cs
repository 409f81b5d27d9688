using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Detections;
using Vms.Control.Features.Events;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/{id}/analytics/dry-run: what zones and lines would have told of the objects that were seen in a time; nothing is stored or told.</summary>
internal static class DryRunAnalytics
{
    /// <summary>Three thousand a day for a week; what is beyond it is said, not counted.</summary>
    private const int MaxTracks = 20_000;

    private const int PageSize = 250;

    /// <summary>What was looked at until then is told.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(31);

    /// <summary>At a time, of all callers: each keeps the database and the AI plane busy.</summary>
    private static readonly SemaphoreSlim s_room = new(2);

    /// <param name="Analytics">As PATCH /api/cameras/{id} takes them: those that are tried, not those that the camera has.</param>
    /// <param name="From">Absent: a week before the end.</param>
    /// <param name="To">Absent: now.</param>
    public sealed record Request(AnalyticsRequest? Analytics = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

    /// <param name="Tracks">Objects whose way was tried.</param>
    /// <param name="Complete">False: there are more than are looked at, or than there was time for; the newest were.</param>
    /// <param name="HoursSeen">Hours in which there were any; the others may have been without objects, or without analysis.</param>
    /// <param name="Oldest">When the first of them came; null: there were none.</param>
    /// <param name="LeastConfidence">Objects that were less certain were not stored in that time, so that nothing can be tried on them; null: nobody knows.</param>
    /// <param name="LeftOut">Objects that were not tried, and why.</param>
    public sealed record Outcome(
        DateTimeOffset From, DateTimeOffset To, int Tracks, bool Complete, int HoursSeen, DateTimeOffset? Oldest, double? LeastConfidence,
        IReadOnlyList<LeftOutTracks> LeftOut, IReadOnlyList<Shape> Shapes);

    /// <param name="Why">noPath: their way was not stored; markedFalse: a person said that they are none; tooSmall: lower than minSize.</param>
    public sealed record LeftOutTracks([property: OneOf("noPath", "markedFalse", "tooSmall")] string Why, int Tracks);

    /// <param name="Untried">presets: where the camera stood at a time is not stored. Null: it was tried.</param>
    /// <param name="Fired">How often it would have told something.</param>
    /// <param name="Told">Of these, what.</param>
    /// <param name="Hours">The hours (UTC) in which it would have, in their order.</param>
    /// <param name="Samples">The newest of them.</param>
    public sealed record Shape(
        string Id, [property: OneOf("zone", "line")] string Kind, string Name, [property: OneOf("presets")] string? Untried, int Fired, IReadOnlyList<Told> Told, IReadOnlyList<Hour> Hours,
        IReadOnlyList<Sample> Samples);

    public sealed record Told([property: OneOf("entered", "left", "loitering", "in", "out")] string What, int Fired);

    public sealed record Hour(DateTimeOffset At, int Fired);

    /// <param name="EventId">Of the object; with EventAt it names it.</param>
    /// <param name="At">When it would have been told.</param>
    /// <param name="CropUrl">The object alone; null: nobody cut it out.</param>
    public sealed record Sample(
        string EventId, DateTimeOffset EventAt, DateTimeOffset At, [property: OneOf("entered", "left", "loitering", "in", "out")] string What, string? Class, string? CropUrl);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/{id}/analytics/dry-run", Handle).WithName(nameof(DryRunAnalytics)).WithSummary("Try zones and lines on what was seen; nothing is stored or told. Needs events.read of the camera, too.")
            .Needs(Permissions.CamerasWrite, Scope.Camera).ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429);

    private static async Task<Results<Ok<Outcome>, ProblemHttpResult>> Handle(
        string id, Request request, HttpContext context, NpgsqlDataSource database, AnalyticsTrial trial, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (!caller.Rights.Allows(Permissions.EventsRead, id))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "What was seen is shown to those who may see the camera's events.");
        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { } camera)
            return CameraProblems.NotFound();
        var problems = new List<FieldProblem>();
        var (from, to) = SpanOf(request, time.GetUtcNow(), problems);
        var settings = AnalyticsRules.Check(request.Analytics, hasSub: camera.Settings.SubUrl is not null, problems);
        if (settings.Zones!.Count + settings.Lines!.Count == 0)
            problems.Add(new FieldProblem("analytics.zones", "required", "Send a zone or a line to try"));
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (!await s_room.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            context.Response.Headers.RetryAfter = "2";
            return Problems.Of(StatusCodes.Status429TooManyRequests, "trialsBusy", "As many zones and lines are tried as may be at a time", "Try again in a moment.");
        }

        try
        {
            if (await TryAsync(caller.TenantId, camera, settings, from, to, database, trial, time, cancellationToken) is { } outcome)
                return TypedResults.Ok(outcome);
        }
        finally
        {
            s_room.Release();
        }

        context.Response.Headers.RetryAfter = "2";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "planeUnavailable", "Analysis is not available", "It restarts by itself. Try again in a moment.");
    }

    private static (DateTimeOffset From, DateTimeOffset To) SpanOf(Request request, DateTimeOffset now, List<FieldProblem> problems)
    {
        var to = request.To?.ToUniversalTime() ?? now;
        if (!CountPeriods.IsWithin(to))
        {
            problems.Add(new FieldProblem("to", "outOfRange", "Use a time from 1970 to 9000"));
            return (to, to);
        }

        var from = request.From?.ToUniversalTime() ?? to.AddDays(-7);
        if (from >= to || to - from > s_longest)
            problems.Add(new FieldProblem("from", "outOfRange", $"Use a beginning before the end, at most {s_longest.Days} days before it"));
        return (from, to);
    }

    /// <returns>Null: the AI plane does not answer.</returns>
    private static async Task<Outcome?> TryAsync(
        string tenant, CameraRow camera, AnalyticsSettings settings, DateTimeOffset from, DateTimeOffset to, NpgsqlDataSource database, AnalyticsTrial trial, TimeProvider time,
        CancellationToken cancellationToken)
    {
        // Where the camera stood is not stored: whatever counts at one place alone would count wherever it looked.
        var tried = AnalysisSpecs.Of(
            settings with { Zones = [.. settings.Zones!.Where(z => z.Presets!.Count == 0)], Lines = [.. settings.Lines!.Where(l => l.Presets!.Count == 0)] }, camera.Settings.Recording.TimeZone);
        List<ShapeTally> shapes =
        [
            .. settings.Zones!.Select(z => new ShapeTally("zone", z.Id!, z.Name!, z.Presets!.Count == 0)),
            .. settings.Lines!.Select(l => new ShapeTally("line", l.Id!, l.Name!, l.Presets!.Count == 0)),
        ];
        var leftOut = new Dictionary<string, int>(StringComparer.Ordinal);
        var hours = new HashSet<DateTimeOffset>();
        var (looked, read, complete) = (0, 0, true);
        double? least = null;
        EventView? last = null;
        var began = time.GetTimestamp();
        while (await StoredTrack.ReadAsync(database, tenant, camera.Id, from, to, last, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            if (read == MaxTracks || time.GetElapsedTime(began) > s_patience)
            {
                complete = false;
                break;
            }

            read += page.Count;
            last = page[^1].Seen;
            LeaveOut("markedFalse", page.Count(t => t.IsNone));
            LeaveOut("noPath", page.Count(t => t is { IsNone: false, Way: null }));
            var ways = page.FindAll(t => t is { IsNone: false, Way: not null });
            if (await trial.TryAsync(tried, ways.Select(t => t.Way!), cancellationToken) is not { } reply)
                return null;
            LeaveOut("tooSmall", reply.TooSmall);
            looked += ways.Count - reply.TooSmall;
            hours.UnionWith(page.Select(t => ShapeTally.HourOf(t.Seen.At)));
            least = page.Select(t => t.LeastConfidence).Append(least).Min();
            foreach (var finding in reply.Findings)
            {
                var at = DateTimeOffset.FromUnixTimeMilliseconds(finding.AtUnixUs / 1000);
                if (at < to)
                    shapes.Find(s => s.IsOf(finding))?.Add(finding, at, ways[finding.Track]);
            }
        }

        return new Outcome(
            from, to, looked, complete, hours.Count, last?.At, least, [.. leftOut.OrderByDescending(l => l.Value).Select(l => new LeftOutTracks(l.Key, l.Value))],
            [.. shapes.Select(s => s.ToShape())]);

        void LeaveOut(string why, int tracks)
        {
            if (tracks > 0)
                leftOut[why] = leftOut.GetValueOrDefault(why) + tracks;
        }
    }
}
