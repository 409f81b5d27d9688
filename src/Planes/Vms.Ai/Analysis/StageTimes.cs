namespace Vms.Ai.Analysis;

/// <summary>What the time of analysis is spent on, all streams together. Any thread.</summary>
internal sealed class StageTimes(TimeProvider time)
{
    private long _decode, _motion, _convert, _track;

    internal long Now => time.GetTimestamp();

    internal double DecodeSeconds => SecondsOf(ref _decode);

    /// <summary>Scaling to the small grey picture and comparing it.</summary>
    internal double MotionSeconds => SecondsOf(ref _motion);

    /// <summary>Making the picture in colour that detectors take.</summary>
    internal double ConvertSeconds => SecondsOf(ref _convert);

    /// <summary>Tracks, rules, events and crops.</summary>
    internal double TrackSeconds => SecondsOf(ref _track);

    internal void Decoded(long since) => Add(ref _decode, since);

    internal void Moved(long since) => Add(ref _motion, since);

    internal void Converted(long since) => Add(ref _convert, since);

    internal void Tracked(long since) => Add(ref _track, since);

    private void Add(ref long total, long since) => Interlocked.Add(ref total, time.GetElapsedTime(since).Ticks);

    private static double SecondsOf(ref long ticks) => TimeSpan.FromTicks(Interlocked.Read(ref ticks)).TotalSeconds;
}
