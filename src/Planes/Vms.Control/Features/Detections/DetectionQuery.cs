using Microsoft.AspNetCore.Mvc;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Features.Events;
using Vms.Hosting;

namespace Vms.Control.Features.Detections;

/// <summary>Which objects are wanted; what is absent can be anything. The list and the counts take the same.</summary>
internal sealed record DetectionQuery
{
    /// <summary>Boxes waver, and with them the feet of what stands.</summary>
    private const string StoodWithin = "0.05";

    private static readonly string[] s_states = ["new", "confirmed", "false"];
    private static readonly string[] s_directions = ["in", "out"];
    private static readonly string[] s_motions = ["moving", "standing"];
    private static readonly string[] s_headings = ["left", "right", "up", "down"];

    // Sources write what they like into data: whatever is no number there, or one that no float8 is, is left alone, and compares with nothing.
    private const string IfNumber = """? (@.type() == "number" && (@ == 0 || @ > 1e-300 && @ < 1e300 || @ < -1e-300 && @ > -1e300))""";
    private const string Silent = "{}";      // no variables; with true behind it: what is not as it should be is nothing, and no error
    private const string Confidence = $"jsonb_path_query_first(e.data, '$.confidence {IfNumber}', '{Silent}', true)::float8";

    /// <summary>What was said of the same object while it was there, or by the object's own event.</summary>
    private const string OfSameObject = """
        s.tenant_id = e.tenant_id and s.camera_id = e.camera_id and (s.data ->> 'trackId' = e.data ->> 'trackId' or (s.id = e.id and s.at = e.at))
          and s.at >= e.at - interval '1 minute' and s.at <= coalesce(e.end_at + interval '1 minute', 'infinity')
        """;

    // Which objects were there at all is found once, by the index of the name, and not for each object anew; that it was this one, and then, is looked at in those alone.
    private const string Tracks = "select s.camera_id, s.data ->> 'trackId' from control.event s where s.tenant_id = $1 and ($9::timestamptz is null or s.at >= $9::timestamptz - interval '1 minute')";
    private const string InZone = "s.data ? 'zone' and left(s.data ->> 'zone', 128) = $11";
    private const string OverLine = "s.data ? 'line' and left(s.data ->> 'line', 128) = $12 and ($13::text is null or s.data ->> 'direction' = $13)";

    // What an event is itself.
    private const string WhereOfEvent = $"""
        e.tenant_id = $1 and ($2::text[] is null or e.camera_id = any($2))
          and ($3::text[] is null or e.camera_id = any($3)) and ($4::text[] is null or e.data ->> 'class' = any($4))
          and ($5::text is null or (e.data ? 'plate' and left(e.data ->> 'plate', 64) like $5))
          and ($8::float8 is null or {Confidence} >= $8)
          and ($9::timestamptz is null or e.at >= $9) and ($10::timestamptz is null or e.at < $10)
          and ($11::text is null or (e.camera_id, e.data ->> 'trackId') in ({Tracks} and {InZone}) or left(e.data ->> 'zone', 128) = $11)
          and ($11::text is null or exists (select 1 from control.event s where {OfSameObject} and {InZone}))
          and ($12::text is null or (e.camera_id, e.data ->> 'trackId') in ({Tracks} and {OverLine}) or left(e.data ->> 'line', 128) = $12)
          and ($12::text is null or exists (select 1 from control.event s where {OfSameObject} and {OverLine}))
        """;

    /// <summary>When the object did what is asked for; of a line and a zone, the line: that is one moment.</summary>
    public const string MatchedAt = $"""
        case when $12::text is not null then (select min(s.at) from control.event s where {OfSameObject} and {OverLine})
          when $11::text is not null then (select min(s.at) from control.event s where {OfSameObject} and {InZone}) end
        """;

    /// <summary>Behind <see cref="EventRow.From"/>, for <see cref="WhereOfItsObject"/>: the object that crossed or entered. None where a camera names none itself, and where it
    /// has been there for more than a day.</summary>
    public const string ItsObject = """
        left join lateral (select o.at, o.end_at, o.review, o.data from control.event o
            where o.tenant_id = e.tenant_id and o.camera_id = e.camera_id and e.data ? 'trackId' and o.data ->> 'trackId' = e.data ->> 'trackId'
              and starts_with(o.type, 'object.') and o.type not in ('object.left', 'object.removed')
              and o.at <= e.at + interval '1 minute' and o.at >= e.at - interval '1 day' and coalesce(o.end_at, 'infinity') >= e.at - interval '1 minute'
            order by o.at desc limit 1) o on true
        """;

    /// <summary>Over <see cref="EventRow.From"/>, with <see cref="ValuesOf"/> as its parameters.</summary>
    public static readonly string Where = $"{WhereOfEvent} and {WhereOfObject("e")} and {DetectionView.IsOne}";

    /// <summary>Of any event, and of the object that it is about.</summary>
    public static readonly string WhereOfItsObject = $"{WhereOfEvent} and {WhereOfObject("o")}";

    [FromQuery(Name = "cameraId")]
    public string[]? CameraId { get; init; }

    /// <summary>Cameras of these groups, and of those in them, besides those that are named.</summary>
    [FromQuery(Name = "groupId")]
    public string[]? GroupId { get; init; }

    /// <summary>Cameras of these sites, likewise.</summary>
    [FromQuery(Name = "siteId")]
    public string[]? SiteId { get; init; }

    [FromQuery(Name = "class")]
    public string[]? Classes { get; init; }

    /// <summary>* and ? stand for any characters, and any one.</summary>
    [FromQuery(Name = "plate")]
    public string? Plate { get; init; }

    /// <summary>new, confirmed or false.</summary>
    [FromQuery(Name = "state")]
    public string? State { get; init; }

    /// <summary>It entered, left or stayed in a zone of this name.</summary>
    [FromQuery(Name = "zone")]
    public string? Zone { get; init; }

    /// <summary>It crossed a line of this name.</summary>
    [FromQuery(Name = "line")]
    public string? Line { get; init; }

    /// <summary>Of that line: in or out.</summary>
    [FromQuery(Name = "direction")]
    public string? Direction { get; init; }

    /// <summary>moving or standing: whether its feet, or wheels, went further than a twentieth of the picture.</summary>
    [FromQuery(Name = "motion")]
    public string? Motion { get; init; }

    /// <summary>left, right, up or down: where it was last, seen from where it was first, as the picture shows it.</summary>
    [FromQuery(Name = "heading")]
    public string? Heading { get; init; }

    /// <summary>It was seen for so long; one that is still there has no length yet.</summary>
    [FromQuery(Name = "minSeconds")]
    public double? MinSeconds { get; init; }

    [FromQuery(Name = "maxSeconds")]
    public double? MaxSeconds { get; init; }

    /// <summary>Part of the picture's height.</summary>
    [FromQuery(Name = "minSize")]
    public double? MinSize { get; init; }

    [FromQuery(Name = "maxSize")]
    public double? MaxSize { get; init; }

    [FromQuery(Name = "minConfidence")]
    public double? MinConfidence { get; init; }

    [FromQuery(Name = "from")]
    public DateTimeOffset? From { get; init; }

    [FromQuery(Name = "to")]
    public DateTimeOffset? To { get; init; }

    /// <summary>What a person said of an object, and what it did while it was there.</summary>
    private static string WhereOfObject(string row)
    {
        var (firstX, firstY, lastX, lastY) = (Number("$.path[0][1]"), Number("$.path[0][2]"), Number("$.path[last][1]"), Number("$.path[last][2]"));
        var height = Number("$.box[3]");
        var reach = $"""
            (select greatest(max(x) - min(x), max(y) - min(y)) from (
                select jsonb_path_query_first(p, '$[1] {IfNumber}', '{Silent}', true)::float8 as x, jsonb_path_query_first(p, '$[2] {IfNumber}', '{Silent}', true)::float8 as y
                from jsonb_path_query({row}.data, '$.path[*]', '{Silent}', true) p) foot)
            """;
        return $"""
            ($6::text is null or coalesce({row}.review, 'new') = $6) and ($7::boolean or {row}.review is distinct from 'false')
              and ($14::text is null or ({reach} >= {StoodWithin}) = ($14 = 'moving'))
              and ($15::text is null or case $15
                when 'right' then {lastX} - {firstX} >= greatest({StoodWithin}, abs({lastY} - {firstY})) when 'left' then {firstX} - {lastX} >= greatest({StoodWithin}, abs({lastY} - {firstY}))
                when 'down' then {lastY} - {firstY} >= greatest({StoodWithin}, abs({lastX} - {firstX})) else {firstY} - {lastY} >= greatest({StoodWithin}, abs({lastX} - {firstX})) end)
              and ($16::float8 is null or extract(epoch from {row}.end_at - {row}.at) >= $16) and ($17::float8 is null or extract(epoch from {row}.end_at - {row}.at) <= $17)
              and ($18::float8 is null or {height} >= $18) and ($19::float8 is null or {height} <= $19)
            """;

        string Number(string path) => $"jsonb_path_query_first({row}.data, '{path} {IfNumber}', '{Silent}', true)::float8";
    }

    public List<FieldProblem> Check() => [.. Problems()];

    private IEnumerable<FieldProblem> Problems()
    {
        foreach (var (field, value, words) in new[]
        {
            ("state", State, s_states), ("direction", Direction, s_directions), ("motion", Motion, s_motions), ("heading", Heading, s_headings),
        })
        {
            if (value is not null && !words.Contains(value))
                yield return new FieldProblem(field, "invalidValue", $"Use {string.Join(", ", words)}");
        }

        if (!(CameraId ?? []).Concat(GroupId ?? []).Concat(SiteId ?? []).Concat(Classes ?? []).Append(Zone).Append(Line).Append(Plate).All(EventText.IsStorable))
            yield return new FieldProblem("class", "invalidValue", "It holds a NUL, or half of a character");
        if (Direction is not null && Line is null)
            yield return new FieldProblem("direction", "required", "Name the line, too");
    }

    /// <param name="withFalse">Also those that a person said are none; asked for by <see cref="State"/> they are there in any case.</param>
    /// <param name="more">Behind those of <see cref="Where"/>.</param>
    public object?[] ValuesOf(CameraFilter seen, RightsSnapshot? places, bool withFalse, params ReadOnlySpan<object?> more) =>
    [
        seen.TenantId, seen.CameraIds, ChosenCameras.Of(CameraId, GroupId, SiteId, places), Classes is { Length: > 0 } ? Classes : null, Plate is null ? null : PlatePattern.ToLike(Plate), State, withFalse || State is not null, MinConfidence,
        From?.ToUniversalTime(), To?.ToUniversalTime(), Zone, Line, Direction, Motion, Heading, MinSeconds, MaxSeconds, MinSize, MaxSize, .. more,
    ];
}
