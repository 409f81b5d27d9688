using System.Text.Json.Serialization;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Motion;

/// <summary>One line of a search's answer. Field names are the API's.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MotionHit), "hit")]
[JsonDerivedType(typeof(MotionProgress), "progress")]
[JsonDerivedType(typeof(MotionSkipped), "skipped")]
[JsonDerivedType(typeof(MotionEnd), "end")]
[JsonDerivedType(typeof(MotionFailed), "failed")]
internal abstract record MotionMessage;

/// <summary>Something moved in the region.</summary>
/// <param name="From">Keyframe before it.</param>
/// <param name="To">Keyframe behind it.</param>
/// <param name="Score">Of the cell that changed most, the share that did: 0..1.</param>
/// <param name="Box">[x, y, width, height] around the cells of the region that changed, 0..1.</param>
internal sealed record MotionHit(GetTimeline.Time From, GetTimeline.Time To, double Score, double[] Box) : MotionMessage;

/// <summary>How far the search has come, back from the end of its range.</summary>
/// <param name="Share">Of the range, 0..1.</param>
/// <param name="GridsComputed">Made for this search because nobody had searched there before.</param>
internal sealed record MotionProgress(GetTimeline.Time SearchedTo, double Share, long GridsComputed) : MotionMessage;

/// <summary>Footage that could not be looked at.</summary>
/// <param name="Reason">deleted, damaged, readError, undecodable or noDecoder.</param>
internal sealed record MotionSkipped(GetTimeline.Time From, GetTimeline.Time To, string Reason) : MotionMessage;

/// <summary>The last line of a search that came to its end.</summary>
/// <param name="SearchedSeconds">Footage that was looked at.</param>
/// <param name="Complete">Up to the beginning of the range; otherwise there were too many hits, and searchedTo says how far.</param>
internal sealed record MotionEnd(int Hits, double SearchedSeconds, long GridsComputed, bool Complete, GetTimeline.Time SearchedTo) : MotionMessage;

/// <summary>The last line of one that did not.</summary>
internal sealed record MotionFailed(string Code, string Title) : MotionMessage;
