using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

/// <summary>What is to be reported of one stream's objects: they themselves, zones, lines, things left and taken away. One caller at a time.</summary>
internal sealed class RuleSet
{
    /// <summary>An object that goes on is told again so often; well below how long such a word counts.</summary>
    private const long AgainUs = 25_000_000;

    /// <summary>What stands when analysis begins was not left then.</summary>
    private const long BeginningUs = 15_000_000;

    private static readonly IReadOnlyDictionary<string, long> s_none = new Dictionary<string, long>();

    private readonly AnalysisSettings _settings;
    private readonly List<ZoneWatch> _zones;
    private readonly List<LineWatch> _lines;
    private readonly Dictionary<string, long> _counts;
    private readonly TimeZoneInfo _zone;
    private readonly long _leftUs;
    private long _beganUs;
    private long _day;

    /// <param name="counts">Of that day, from before a restart or a change of settings; those of lines that are no more are left out.</param>
    internal RuleSet(AnalysisSettings settings, long day = 0, IReadOnlyDictionary<string, long>? counts = null)
    {
        _settings = settings;
        _zones = [.. settings.Zones.Select(z => new ZoneWatch(z, new RuleScope(z.Classes, Or(z.MinConfidence), z.Presets, z.Schedule)))];
        _lines = [.. settings.Lines.Select(l => new LineWatch(l, new RuleScope(l.Classes, Or(l.MinConfidence), l.Presets, l.Schedule)))];
        (_day, _counts) = (day, new Dictionary<string, long>((counts ?? s_none).Where(c => settings.Lines.Any(l => c.Key.StartsWith(l.Id + "/", StringComparison.Ordinal)))));
        _zone = settings.TimeZone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(settings.TimeZone, out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Local;
        _leftUs = (long)((settings.LeftObjects?.Seconds ?? 0) * 1e6);

        double Or(double confidence) => confidence > 0 ? confidence : settings.MinConfidence;
    }

    /// <summary>Day of <see cref="Counts"/>, since year 1, on the wall clock of the camera's time zone.</summary>
    internal long Day => _day;

    /// <summary>Crossings of each line and direction today.</summary>
    internal IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Objects of this class are of interest to somebody.</summary>
    internal bool Follows(string @class) =>
        ObjectKind.IsWanted(@class, _settings.Classes)
        || _settings.LeftObjects is { Enabled: true }
        || _settings.Zones.Any(z => z.Classes.Count > 0 && ObjectKind.IsWanted(@class, z.Classes))
        || _settings.Lines.Any(l => l.Classes.Count > 0 && ObjectKind.IsWanted(@class, l.Classes));

    /// <param name="preset">Where the camera stands; null when nobody knows.</param>
    internal List<Finding> Look(IReadOnlyList<ObjectTrack> tracks, long nowUs, string? preset)
    {
        _beganUs = _beganUs == 0 ? nowUs : _beganUs;
        long today = TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddTicks(nowUs * 10), _zone).Date.Ticks / TimeSpan.TicksPerDay;
        if (today != _day)
        {
            _day = today;
            _counts.Clear();
        }

        var found = new List<Finding>();
        foreach (ObjectTrack track in tracks)
            LookAtObject(track, nowUs, found);
        foreach (ZoneWatch zone in _zones.Where(z => z.IsActive(nowUs, preset)))
        {
            foreach (ObjectTrack track in tracks.Where(t => IsOfCamera(t) || HasClasses(zone)))
            {
                foreach (var (change, atUs, visit) in zone.Look(track, nowUs))
                    Add(zone, track, change, atUs, visit, found);
            }
        }

        foreach (LineWatch line in _lines.Where(l => l.IsActive(nowUs, preset)))
        {
            foreach (ObjectTrack track in tracks.Where(t => IsOfCamera(t) || _settings.Lines.First(l => l.Id == line.Id).Classes.Count > 0))
            {
                if (line.Look(track, nowUs) is { } crossing)
                    Add(line, track, crossing, found);
            }
        }

        return found;
    }

    /// <summary>The object's track is over.</summary>
    /// <param name="isGone">It was looked for and not found: it has left. False when nobody looks any more, because the camera turned or analysis stops: nothing is known of it but that.</param>
    internal List<Finding> End(ObjectTrack track, bool isGone = true)
    {
        var found = new List<Finding>();
        foreach (ZoneWatch zone in _zones)
        {
            if (isGone && zone.End(track) is { } left)
                Add(zone, track, left.Change, left.AtUs, left.Visit, found);
        }

        if (isGone && _settings.LeftObjects is { Enabled: true } && IsThing(track) && track.IsStationary && track.BestScore >= _settings.MinConfidence
            && track.LastSeenUs - track.StandingSinceUs >= _leftUs)
            found.Add(new Finding("object.removed", track, "removed", track.LastSeenUs, _settings.MinConfidence));
        if (track.Memory.Reported)
            found.Add(ObjectOf(track) with { EndUs = Math.Max(track.LastSeenUs, track.FirstUs) });
        return found;
    }

    private void LookAtObject(ObjectTrack track, long nowUs, List<Finding> found)
    {
        if (track.State != TrackState.Followed || track.BestScore < _settings.MinConfidence)
            return;
        if (IsOfCamera(track))
        {
            bool isNew = !track.Memory.Reported;
            if (isNew || (!track.IsStationary && nowUs - track.Memory.ToldUs >= AgainUs))
            {
                found.Add(ObjectOf(track) with { Ongoing = !track.IsStationary, Telling = track.Memory.Tellings });
                (track.Memory.Reported, track.Memory.ToldUs, track.Memory.Tellings) = (true, nowUs, track.Memory.Tellings + 1);
            }
        }

        if (_settings.LeftObjects is { Enabled: true } && !track.Memory.Left && IsThing(track) && track.IsStationary && nowUs - track.StandingSinceUs >= _leftUs
            && (track.HasMoved || track.FirstUs - _beganUs > BeginningUs))
        {
            track.Memory.Left = true;
            found.Add(new Finding("object.left", track, "left", track.StandingSinceUs, _settings.MinConfidence));
        }
    }

    private Finding ObjectOf(ObjectTrack track) => new("object." + track.Kind, track, "object", track.FirstUs, _settings.MinConfidence);

    private bool IsOfCamera(ObjectTrack track) => ObjectKind.IsWanted(track.Class, _settings.Classes);

    private static bool IsThing(ObjectTrack track) => track.Kind is ObjectKind.Other or ObjectKind.Vehicle;

    private bool HasClasses(ZoneWatch zone) => _settings.Zones.First(z => z.Id == zone.Id).Classes.Count > 0;

    private static void Add(ZoneWatch zone, ObjectTrack track, ZoneChange change, long atUs, int visit, List<Finding> found)
    {
        if (!zone.Reports(change))
            return;
        string type = change switch { ZoneChange.Entered => "zone.entered", ZoneChange.Left => "zone.left", _ => "zone.loitering" };
        found.Add(new Finding(type, track, FormattableString.Invariant($"{type}/{zone.Id}/{visit}"), atUs, zone.MinConfidence) { ShapeId = zone.Id, Zone = zone.Name });
    }

    private void Add(LineWatch line, ObjectTrack track, (string Direction, long AtUs, int Number) crossing, List<Finding> found)
    {
        if (!line.Reports(crossing.Direction))
            return;
        string counted = $"{line.Id}/{crossing.Direction}";
        long count = _counts[counted] = _counts.GetValueOrDefault(counted) + 1;
        found.Add(new Finding("line.crossed", track, FormattableString.Invariant($"line/{line.Id}/{crossing.Number}"), crossing.AtUs, line.MinConfidence)
        {
            ShapeId = line.Id,
            Line = line.Name,
            Direction = crossing.Direction,
            Count = count,
        });
    }
}
