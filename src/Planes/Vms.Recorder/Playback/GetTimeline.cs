using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>GET /api/cameras/{id}/timeline?from&amp;to[&amp;stream][&amp;resolution]: what is recorded, what is missing and why. Holes and gaps closer
/// together than <c>resolution</c> seconds are one; by default nothing is left out up to a month.</summary>
internal static class GetTimeline
{
    /// <summary>Details smaller than this part of a long timeline cannot be seen on it.</summary>
    private const int Details = 4000;

    private static readonly TimeSpan s_coarsest = TimeSpan.FromDays(7);

    /// <param name="Gaps">What is missing.</param>
    /// <param name="Filled">What was missing and has been fetched from the device, with the cause it had. Absent where there is nothing of the kind.</param>
    public sealed record Timeline(
        IReadOnlyList<Recording> Recordings, IReadOnlyList<Gap> Gaps, IReadOnlyList<object> Events,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Gap>? Filled = null);

    /// <param name="Source"><c>device</c>: the device had recorded it, and it was fetched from there. Absent: recorded from the camera's live stream.</param>
    public sealed record Recording(
        Time From, Time To, string Class, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source = null);

    /// <param name="Seconds">How much of it is missing, where several gaps are one.</param>
    public sealed record Gap(
        Time From, Time To, string Cause, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Seconds = null);

    /// <summary>UTC with milliseconds, as everywhere in the API.</summary>
    [JsonConverter(typeof(TimeJsonConverter))]
    public readonly record struct Time(DateTimeOffset Value);

    public static async Task<IResult> Handle(
        HttpContext context, ArchiveIndex index, PlaybackSegments recorded, PlaybackOptions options, CancellationToken cancellationToken)
    {
        if (!PlaybackRequest.TryRead(context, options.MaxTimeline, out var request, out var problem)) return problem;

        if (!TryReadResolution(context, request, options, out var resolution, out problem)) return problem;

        var (id, asked, from, to) = request;
        var streams = recorded.StreamsOf(id, asked);
        var (spans, gaps) = await StreamAsync(index, request, streams[0], cancellationToken);
        var booked = gaps;
        foreach (string stream in streams.Skip(1))
        {
            (spans, gaps) = TimelineSpans.Fill((spans, gaps), await StreamAsync(index, request, stream, cancellationToken));
        }

        var filled = TimelineSpans.Filled(booked, spans, from, to);
        return TypedResults.Ok(new Timeline(
            [.. TimelineSpans.Join(spans, gaps, from, to, resolution).Select(View)],
            [.. TimelineSpans.Join(gaps, from, to, resolution).Select(View)],
            [],
            filled.Count > 0 ? [.. filled.Select(View)] : null));
    }

    private static async ValueTask<(IReadOnlyList<RecordedSpan> Spans, IReadOnlyList<GapRow> Gaps)> StreamAsync(
        ArchiveIndex index, PlaybackRequest request, string stream, CancellationToken cancellationToken)
    {
        var (id, _, from, to) = request;
        var gaps = await index.GapsAsync(id, stream, from, to, cancellationToken);
        // What is damaged is so in one segment.
        bool apart = gaps.Any(g => g.Cause == GapCause.Damaged);
        var spans = await index.FindSpansAsync(id, stream, from, to, apart, cancellationToken);
        return (stream == PlaybackSegments.Device ? [.. spans.Select(s => s with { FromDevice = true })] : spans, gaps);
    }

    private static bool TryReadResolution(
        HttpContext context, PlaybackRequest request, PlaybackOptions options, out TimeSpan resolution, [NotNullWhen(false)] out IResult? problem)
    {
        problem = null;
        var length = request.To - request.From;
        resolution = length > options.ExactTimeline ? length / Details : TimeSpan.Zero;
        if (context.Request.Query["resolution"] is not [{ Length: > 0 } text]) return true;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds >= 0 && seconds <= s_coarsest.TotalSeconds)
        {
            resolution = TimeSpan.FromSeconds(seconds);
            return true;
        }

        problem = Problems.Fields(new FieldProblem("resolution", "outOfRange", $"0 to {s_coarsest.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds are expected"));
        return false;
    }

    private static Recording View(RecordedSpan span) =>
        new(new Time(span.From), new Time(span.To), RecordingClasses.NameOf(span.Class), span.FromDevice ? SegmentLabel.FromDevice : null);

    private static Gap View(TimelineSpans.GapSpan gap) => new(
        new Time(gap.From), new Time(gap.To), NameOf(gap.Cause), gap.Lost < gap.To - gap.From ? Math.Round(gap.Lost.TotalSeconds, 3) : null);

    /// <summary>The cause as the API spells it: <c>cameraOffline</c>.</summary>
    internal static string NameOf(GapCause cause) => JsonNamingPolicy.CamelCase.ConvertName(cause.ToString());

    internal sealed class TimeJsonConverter : JsonConverter<Time>
    {
        public override Time Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetDateTimeOffset());

        public override void Write(Utf8JsonWriter writer, Time value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
    }
}
