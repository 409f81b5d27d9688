using System.Text.Json;
using Vms.Control.Features.Events;

namespace Vms.Control.Features.PlateLists;

/// <summary>The plates of a list, to be compared with one that was read. Immutable; any thread.</summary>
internal sealed class PlateSet
{
    private readonly HashSet<string> _plates;
    private readonly string[] _patterns;

    private PlateSet(IEnumerable<string> plates)
    {
        var parted = plates.ToLookup(p => p.AsSpan().ContainsAny('*', '?'));
        (_plates, _patterns) = (parted[false].ToHashSet(StringComparer.Ordinal), [.. parted[true]]);
    }

    /// <param name="entries">As they are stored, of one list or of more.</param>
    public static PlateSet Of(params IEnumerable<string> entries) =>
        new(entries.SelectMany(list => JsonSerializer.Deserialize<List<PlateEntry>>(list, JsonSerializerOptions.Web) ?? []).Select(e => e.Plate!));

    /// <param name="plate">Capital letters and digits alone.</param>
    public bool Contains(string plate) => _plates.Contains(plate) || _patterns.Any(p => PlatePattern.Matches(p, plate));
}
