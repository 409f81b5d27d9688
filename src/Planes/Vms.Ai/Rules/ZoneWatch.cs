using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Rules;

internal enum ZoneChange
{
    Entered,
    Left,
    Loitering,
}

/// <summary>One zone: which objects enter it, leave it and stay. An object is in it when its foot is; a foot that wavers at the edge does not come and go.</summary>
internal sealed class ZoneWatch(Zone zone, RuleScope scope)
{
    /// <summary>It has to be in it, or out of it, for so long.</summary>
    private const long SettledUs = 350_000;

    private readonly Shape _shape = Shape.Of(zone.Polygon);
    private readonly long _loiterUs = (long)(zone.LoiterSeconds * 1e6);

    internal string Id => zone.Id;

    internal string Name => zone.Name;

    internal double MinConfidence => scope.MinConfidence;

    internal bool IsActive(long nowUs, string? preset) => scope.IsActive(nowUs, preset);

    internal bool Reports(ZoneChange change) => zone.Events.Contains(change switch
    {
        ZoneChange.Entered => "entered",
        ZoneChange.Left => "left",
        _ => "loitering",
    });

    internal bool Contains(Spot spot) => _shape.Contains(spot);

    /// <summary>What the picture changed for an object, with the time of it.</summary>
    internal IEnumerable<(ZoneChange Change, long AtUs, int Visit)> Look(ObjectTrack track, long nowUs)
    {
        if (!scope.IsFor(track))
            yield break;
        ZoneMemory memory = track.Memory.Zones.GetValueOrDefault(zone.Id) ?? new ZoneMemory();
        bool isSeenInside = track.State == TrackState.Lost ? memory.IsInside : _shape.Contains(track.Box.Foot());
        if (isSeenInside)
        {
            memory = memory with { SinceUs = memory.SinceUs == 0 ? nowUs : memory.SinceUs, AwaySinceUs = 0 };
            if (!memory.IsInside && nowUs - memory.SinceUs >= SettledUs)
            {
                memory = memory with { IsInside = true, Visits = memory.Visits + 1 };
                yield return (ZoneChange.Entered, memory.SinceUs, memory.Visits);
            }

            if (memory is { IsInside: true, Loitered: false } && _loiterUs > 0 && nowUs - memory.SinceUs >= _loiterUs)
            {
                memory = memory with { Loitered = true };
                yield return (ZoneChange.Loitering, memory.SinceUs + _loiterUs, memory.Visits);
            }
        }
        else if (!memory.IsInside)
        {
            memory = memory with { SinceUs = 0 };
        }
        else
        {
            memory = memory with { AwaySinceUs = memory.AwaySinceUs == 0 ? nowUs : memory.AwaySinceUs };
            if (nowUs - memory.AwaySinceUs >= SettledUs)
            {
                yield return (ZoneChange.Left, memory.AwaySinceUs, memory.Visits);
                memory = new ZoneMemory(Visits: memory.Visits);
            }
        }

        track.Memory.Zones[zone.Id] = memory;
    }

    /// <summary>The object's track ended: what was in the zone has left it.</summary>
    internal (ZoneChange Change, long AtUs, int Visit)? End(ObjectTrack track) =>
        track.Memory.Zones.GetValueOrDefault(zone.Id) is { IsInside: true } memory ? (ZoneChange.Left, track.LastSeenUs, memory.Visits) : null;
}
