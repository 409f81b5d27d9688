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
}

/// <param name="IsInside">Counted as in it.</param>
/// <param name="SinceUs">It entered then; while it is not counted as inside: first seen inside then. 0: not there.</param>
/// <param name="AwaySinceUs">It is counted as inside, but has not been seen there since; 0: it is.</param>
/// <param name="Loitered">That it loiters was reported.</param>
/// <param name="Visits">How often it entered.</param>
internal sealed record ZoneMemory(bool IsInside = false, long SinceUs = 0, long AwaySinceUs = 0, bool Loitered = false, int Visits = 0);

/// <param name="X">Where it stood last, clearly on one side.</param>
/// <param name="AtUs">When.</param>
/// <param name="Crossings">How often it crossed.</param>
internal sealed record LineMemory(float X, float Y, long AtUs, int Crossings = 0)
{
    internal Spot Spot => new(X, Y);
}
