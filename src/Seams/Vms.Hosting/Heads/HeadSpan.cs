namespace Vms.Hosting.Heads;

/// <summary>A part of the picture that a person's head was in throughout a time. Immutable.</summary>
/// <param name="FromUs">Capture time: UTC microseconds since 1970.</param>
/// <param name="X">Of the left edge; this and the others in parts of the picture, 0 to 1.</param>
public readonly record struct HeadSpan(long FromUs, long ToUs, float X, float Y, float Width, float Height);

/// <summary>A stretch of time in which a camera's pictures were looked at for people, and where their heads were.</summary>
/// <param name="Spans">May begin before <paramref name="FromUs"/>: who is seen at its beginning was there already.</param>
public sealed record HeadEntry(long FromUs, long ToUs, IReadOnlyList<HeadSpan> Spans);
