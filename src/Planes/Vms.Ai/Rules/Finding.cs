using Vms.Ai.Tracking;

namespace Vms.Ai.Rules;

/// <summary>Something that a rule says of an object.</summary>
/// <param name="Key">What makes it this finding among those of its track; with the track it is the event's id.</param>
/// <param name="AtUs">Capture time.</param>
internal sealed record Finding(string Type, ObjectTrack Track, string Key, long AtUs, double Threshold)
{
    /// <summary>It is over: the last telling.</summary>
    internal long? EndUs { get; init; }

    /// <summary>It goes on.</summary>
    internal bool Ongoing { get; init; }

    /// <summary>Number of this telling of an event that goes on; 0 for the first.</summary>
    internal int Telling { get; init; }

    /// <summary>Where, when it is not where the object is.</summary>
    internal Detectors.Box? Box { get; init; }

    /// <summary>Of the zone or line that it is about.</summary>
    internal string? ShapeId { get; init; }

    internal string? Zone { get; init; }
    internal string? Line { get; init; }
    internal string? Direction { get; init; }
    internal long? Count { get; init; }
}
