using Vms.Control.Features.Events;
using Vms.Control.Features.PlateLists;

namespace Vms.Control.Features.Rules;

/// <summary>Why a rule does nothing for an event of its types.</summary>
internal enum RuleMismatch
{
    Place,
    Class,
    Zone,
    Line,
    Confidence,
    Plate,
    Schedule,
    Expression,
    Cooldown,
}

/// <summary>A rule that is switched on, ready to be compared with events. One caller at a time.</summary>
internal sealed class CompiledRule
{
    private const string ListPrefix = "list:";

    private readonly RuleSettings _settings;
    private readonly HashSet<string>? _cameras;
    private readonly string[] _groups;
    private readonly HashSet<string>? _classes;
    private readonly HashSet<string>? _zones;
    private readonly HashSet<string>? _lines;
    private readonly RuleWeek? _week;
    private readonly RuleExpression? _expression;
    private readonly bool _platesNot;
    private readonly string? _platePattern;
    private readonly PlateSet? _plates;
    private readonly bool _isListMissing;

    /// <param name="listOf">The plates of the list with this name, in lower case; null where there is none.</param>
    public CompiledRule(string id, string name, RuleSettings settings, Func<string, PlateSet?> listOf)
    {
        (Id, Name, _settings) = (id, name, settings);
        var when = settings.When;
        _cameras = SetOf(when.CameraIds);
        _groups = [.. when.GroupIds ?? []];
        _classes = SetOf(when.Classes);
        _zones = SetOf(when.Zones);
        _lines = SetOf(when.Lines);
        _week = when.Schedule is { } schedule ? new RuleWeek(schedule) : null;
        _expression = string.IsNullOrEmpty(when.Expression) ? null : RuleExpression.TryParse(when.Expression, out _);
        if (when.Plates is not { Length: > 0 } plates)
            return;
        _platesNot = plates[0] == '!';
        if (PlateListOf(plates) is { } list)
            _isListMissing = (_plates = listOf(list)) is null;
        else
            _platePattern = string.Concat(plates.Where(c => char.IsLetterOrDigit(c) || c is '*' or '?'));
    }

    public string Id { get; }

    public string Name { get; }

    public IReadOnlyList<RuleAction> Actions => _settings.Actions;

    public TimeSpan Cooldown => TimeSpan.FromSeconds(_settings.CooldownSeconds);

    public bool IsAbout(string type) => _settings.When.Types!.Any(t => t == type || t == "*" || (t.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(t[..^1], StringComparison.Ordinal)));

    /// <summary>The name of the list, in lower case, that the plates of a condition are in, or not in; null: they are a pattern, or of no matter.</summary>
    public static string? PlateListOf(string? plates)
    {
        var wanted = plates is ['!', ..] ? plates[1..] : plates ?? "";
        return wanted.StartsWith(ListPrefix, StringComparison.OrdinalIgnoreCase) ? PlateSets.KeyOf(wanted[ListPrefix.Length..]) : null;
    }

    /// <param name="groupIds">Those that the event's camera is in.</param>
    public bool Matches(EventView happened, IReadOnlyList<string> groupIds) => Missing(happened, groupIds) is null;

    /// <summary>The first of its conditions that is not true of the event; null: all are.</summary>
    public RuleMismatch? Missing(EventView happened, IReadOnlyList<string> groupIds)
    {
        var when = _settings.When;
        if (_settings.SiteId is { } site && site != happened.SiteId)
            return RuleMismatch.Place;
        if ((_cameras is not null || _groups.Length > 0)
            && (happened.CameraId is null || !(_cameras?.Contains(happened.CameraId) == true || _groups.Any(groupIds.Contains))))
        {
            return RuleMismatch.Place;
        }

        if (!Is(_classes, happened.Class))
            return RuleMismatch.Class;
        if (!Is(_zones, happened.Zone))
            return RuleMismatch.Zone;
        if (!Is(_lines, happened.Line))
            return RuleMismatch.Line;
        if (when.MinConfidence is { } least && !(happened.Confidence >= least))
            return RuleMismatch.Confidence;
        if (!IsPlate(happened.Plate))
            return RuleMismatch.Plate;
        if (_week?.Holds(happened.At) == false)
            return RuleMismatch.Schedule;
        return _expression?.IsTrue(happened) == false ? RuleMismatch.Expression : null;
    }

    private bool IsPlate(string? plate)
    {
        // Renamed or deleted: what is in it, and what is not, nobody can say.
        if (_isListMissing)
            return false;
        if (_plates is null && _platePattern is null)
            return true;
        if (string.IsNullOrEmpty(plate))
            return false;
        var normal = PlatePattern.Normal(plate);
        return (_plates?.Contains(normal) ?? PlatePattern.Matches(_platePattern!, normal)) != _platesNot;
    }

    private static bool Is(HashSet<string>? wanted, string? value) => wanted is null || (value is not null && wanted.Contains(value));

    private static HashSet<string>? SetOf(IReadOnlyList<string>? words) => words is { Count: > 0 } ? words.ToHashSet(StringComparer.Ordinal) : null;
}
