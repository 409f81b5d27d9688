using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Codecs;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>GET /api/cameras/{id}/timeline?from&amp;to[&amp;stream]: what is recorded, what is missing and why.</summary>
internal static class GetTimeline
{
    // Capture times are estimates: a smaller hole between two segments is none, unless the ledger knows a cause for it.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMilliseconds(500);

    public sealed record Timeline(IReadOnlyList<Recording> Recordings, IReadOnlyList<Gap> Gaps, IReadOnlyList<object> Events);

    public sealed record Recording(Time From, Time To, string Class);

    public sealed record Gap(Time From, Time To, string Cause);

    /// <summary>UTC with milliseconds, as everywhere in the API.</summary>
    [JsonConverter(typeof(TimeJsonConverter))]
    public readonly record struct Time(DateTimeOffset Value);

    public static async Task<IResult> Handle(
        HttpContext context, ArchiveIndex index, PlaybackOptions options, CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxTimeline, out var request, out var problem)) return problem;

        var segments = await index.FindSpansAsync(request.CameraId, request.Stream, request.From, request.To, cancellationToken);
        var gaps = await index.GapsAsync(request.CameraId, request.Stream, request.From, request.To, cancellationToken);
        return TypedResults.Ok(new Timeline(Merge(segments, gaps, request.From, request.To), [.. gaps.Select(g => View(g, request))], []));
    }

    /// <summary>Adjacent segments as one recording, cut to the range.</summary>
    internal static List<Recording> Merge(
        IReadOnlyList<SegmentRow> segments, IReadOnlyList<GapRow> gaps, DateTimeOffset from, DateTimeOffset to)
    {
        var merged = new List<(DateTimeOffset From, DateTimeOffset To)>();
        var damaged = gaps.Where(g => g.Cause == GapCause.Damaged).ToList();
        foreach (var (start, end) in segments.SelectMany(s => Playable(s, damaged)).OrderBy(p => p.From))
        {
            var span = (From: Max(start, from), To: Min(end, to));
            if (span.To <= span.From) continue;
            if (merged.Count > 0 && span.From - merged[^1].To <= s_tolerance && (span.From < merged[^1].To || !IsGap(gaps, merged[^1].To, span.From)))
            {
                merged[^1] = (merged[^1].From, Max(merged[^1].To, span.To));
            }
            else
            {
                merged.Add(span);
            }
        }

        return [.. merged.Select(m => new Recording(new Time(m.From), new Time(m.To), "continuous"))];
    }

    /// <summary>A segment without what is damaged in it. Damage of another one, from before or after the clock was set back, takes nothing from it.</summary>
    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Playable(SegmentRow segment, List<GapRow> damaged)
    {
        var from = segment.From;
        foreach (var gap in damaged.Where(g => SegmentDamage.IsOf(g, segment.Id) && g.To > segment.From && g.From < segment.To))
        {
            if (gap.From > from) yield return (from, gap.From);
            from = Max(from, gap.To);
        }

        if (segment.To > from) yield return (from, segment.To);
    }

    private static bool IsGap(IReadOnlyList<GapRow> gaps, DateTimeOffset from, DateTimeOffset to) =>
        gaps.Any(g => g.From < to && g.To > from);

    private static Gap View(GapRow gap, PlaybackRequest request) =>
        new(new Time(Max(gap.From, request.From)), new Time(Min(gap.To, request.To)), NameOf(gap.Cause));

    /// <summary>The cause as the API spells it: <c>cameraOffline</c>.</summary>
    internal static string NameOf(GapCause cause) => JsonNamingPolicy.CamelCase.ConvertName(cause.ToString());

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    internal sealed class TimeJsonConverter : JsonConverter<Time>
    {
        public override Time Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetDateTimeOffset());

        public override void Write(Utf8JsonWriter writer, Time value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture));
    }
}
