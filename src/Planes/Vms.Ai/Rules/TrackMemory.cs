using Vms.Ai.Tracking;

namespace Vms.Ai.Rules;

/// <summary>What the rules know of one object track; stored with it, so that a restart repeats nothing. By id of the zone or line.</summary>
internal sealed class TrackMemory
{
    /// <summary>The object itself was reported.</summary>
    public bool Reported { get; set; }

    /// <summary>When it was reported last.</summary>
    public long ToldUs { get; set; }

    /// <summary>How often.</summary>
    public int Tellings { get; set; }

    /// <summary>That it was left or taken away was reported.</summary>
    public bool Left { get; set; }

    public Dictionary<string, ZoneMemory> Zones { get; init; } = [];

    public Dictionary<string, LineMemory> Lines { get; init; } = [];

    /// <summary>The zone is elsewhere now. How often it was entered stays: that numbers its events, and an event's number never comes twice.</summary>
    internal void ForgetZone(string id)
    {
        if (Zones.TryGetValue(id, out ZoneMemory? memory))
            Zones[id] = new ZoneMemory(Visits: memory.Visits);
    }

    /// <summary>The line is elsewhere now; as for a zone.</summary>
    internal void ForgetLine(string id)
    {
        if (Lines.TryGetValue(id, out LineMemory? memory))
            Lines[id] = new LineMemory(0, 0, AtUs: 0, memory.Crossings);
    }
}

/// <param name="IsInside">Counted as in it.</param>
/// <param name="SinceUs">It entered then; while it is not counted as inside: first seen inside then. 0: not there.</param>
/// <param name="AwaySinceUs">It is counted as inside, but has not been seen there since; 0: it is.</param>
/// <param name="Loitered">That it loiters was reported.</param>
/// <param name="Visits">How often it entered.</param>
internal sealed record ZoneMemory(bool IsInside = false, long SinceUs = 0, long AwaySinceUs = 0, bool Loitered = false, int Visits = 0);

/// <param name="X">Where it stood last, clearly on one side.</param>
/// <param name="AtUs">When; 0: it has not been seen clearly on one side of the line as it is now.</param>
/// <param name="Crossings">How often it crossed.</param>
internal sealed record LineMemory(float X, float Y, long AtUs, int Crossings = 0)
{
    internal Spot Spot => new(X, Y);
}
