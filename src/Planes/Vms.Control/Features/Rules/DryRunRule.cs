using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Detections;
using Vms.Control.Features.Events;
using Vms.Control.Features.PlateLists;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

/// <summary>POST /api/rules/dry-run: what the rule would have done with the events of a time, its cool-down included; nothing is done. As cameras stand now.</summary>
internal static class DryRunRule
{
    /// <summary>A day of a thousand events a minute; what is beyond it is said, not counted.</summary>
    private const int MaxEvents = 1_000_000;

    private const int MaxSamples = 20;

    /// <summary>Events, and patterns of plates for each of them, can be many: what was looked at until then is told.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(92);

    /// <summary>A rule, with the time that it is tried on.</summary>
    /// <param name="From">Absent: a week before the end.</param>
    /// <param name="To">Absent: now.</param>
    public sealed record Request(
        string? Name = null, bool? Enabled = null, string? SiteId = null, RuleCondition? When = null, int? CooldownSeconds = null, IReadOnlyList<RuleAction>? Actions = null,
        DateTimeOffset? From = null, DateTimeOffset? To = null);

    /// <param name="Fired">How often it would have done something.</param>
    /// <param name="Evaluated">Events of these types in that time.</param>
    /// <param name="Complete">False: there are more events than are looked at, or than there was time for; the oldest were.</param>
    /// <param name="LeftOut">Why it would have done nothing for the others, most of them first.</param>
    /// <param name="Hours">The hours (UTC) in which it would have fired, in their order.</param>
    /// <param name="Samples">The newest of those it would have fired for.</param>
    public sealed record Outcome(
        DateTimeOffset From, DateTimeOffset To, int Fired, int Evaluated, bool Complete, IReadOnlyList<LeftOutEvents> LeftOut, IReadOnlyList<Hour> Hours, IReadOnlyList<Sample> Samples);

    /// <param name="Why">The first condition that was not true of them: place, class, zone, line, confidence, plate, schedule or expression; cooldown: it had just done something.</param>
    public sealed record LeftOutEvents(
        [property: OneOf("place", "class", "zone", "line", "confidence", "plate", "schedule", "expression", "cooldown")] string Why, int Events);

    public sealed record Hour(DateTimeOffset At, int Fired);

    /// <param name="SnapshotUrl">The still that was taken for it; null: none.</param>
    /// <param name="CropUrl">The object alone; null: nobody cut it out.</param>
    public sealed record Sample(string EventId, DateTimeOffset At, string Type, string? CameraId, string? CameraName, string? SnapshotUrl, string? CropUrl);

    public static void Map(RouteGroupBuilder rules) =>
        rules.MapPost("/dry-run", Handle).WithName(nameof(DryRunRule)).WithSummary("Try a rule on what happened; nothing is done.").Needs(Permissions.RulesWrite, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<Outcome>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, RightsState places, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var to = request.To?.ToUniversalTime() ?? time.GetUtcNow();
        if (!CountPeriods.IsWithin(to))
            return Problems.Fields(new FieldProblem("to", "outOfRange", "Use a time from 1970 to 9000"));
        var from = request.From?.ToUniversalTime() ?? to.AddDays(-7);
        if (from >= to || to - from > s_longest)
            problems.Add(new FieldProblem("from", "outOfRange", $"Use a beginning before the end, at most {s_longest.Days} days before it"));
        var settings = RuleChecks.Check(new RuleRequest(request.Name ?? "?", true, request.SiteId, request.When, request.CooldownSeconds, request.Actions), problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var tenant = Caller.Of(context).TenantId;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await RuleNames.CheckAsync(connection, tenant, settings, before: null, cancellationToken) is { } unknown)
            return unknown;
        var plates = await PlateSets.ReadAsync(connection, tenant, cancellationToken);
        var rule = new CompiledRule("", request.Name ?? "", settings, list => plates.Of(tenant, list));

        var last = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var samples = new Queue<Sample>();
        var leftOut = new Dictionary<RuleMismatch, int>();
        var hours = new List<Hour>();
        var (fired, evaluated, complete) = (0, 0, true);
        var began = time.GetTimestamp();
        // One row at a time: a month of events is not held in memory.
        await using var command = connection.Command($"""
            select {EventRow.Columns} from {EventRow.From}
            where e.tenant_id = $1 and e.at >= $2 and e.at < $3 and e.type like any($4) order by e.at, e.id limit {(MaxEvents + 1).ToString(CultureInfo.InvariantCulture)}
            """, tenant, from, to, settings.When.Types!.Select(LikeOf).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (evaluated == MaxEvents || time.GetElapsedTime(began) > s_patience)
            {
                complete = false;
                break;
            }

            evaluated++;
            var happened = EventRow.Read(reader);
            var camera = happened.CameraId ?? "";
            var groups = places.Current?.Cameras.GetValueOrDefault(camera)?.GroupIds ?? [];
            var missing = rule.Missing(happened, groups);
            if (missing is null && last.TryGetValue(camera, out var before) && happened.At - before < rule.Cooldown)
                missing = RuleMismatch.Cooldown;
            if (missing is { } why)
            {
                leftOut[why] = leftOut.GetValueOrDefault(why) + 1;
                continue;
            }

            last[camera] = happened.At;
            fired++;
            var hour = new DateTimeOffset(happened.At.UtcTicks - (happened.At.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);
            if (hours.Count > 0 && hours[^1].At == hour)
                hours[^1] = hours[^1] with { Fired = hours[^1].Fired + 1 };
            else
                hours.Add(new Hour(hour, 1));
            samples.Enqueue(new Sample(happened.Id, happened.At, happened.Type, happened.CameraId, happened.CameraName, happened.SnapshotUrl, happened.CropUrl));
            if (samples.Count > MaxSamples)
                samples.Dequeue();
        }

        return TypedResults.Ok(new Outcome(
            from, to, fired, evaluated, complete,
            [.. leftOut.OrderByDescending(l => l.Value).Select(l => new LeftOutEvents(JsonNamingPolicy.CamelCase.ConvertName(l.Key.ToString()), l.Value))], hours, [.. samples.Reverse()]));
    }

    private static string LikeOf(string type) =>
        type.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace('*', '%');
}
