using Vms.Contracts.Recorder;

namespace Vms.Recorder.Writing;

/// <summary>When a stream's next segment is due. Every stream has its own offset, so that the cameras of a site do not all open and close
/// their files in the same second.</summary>
internal static class SegmentRotation
{
    public const int DefaultSeconds = 600;
    public const int MinSeconds = 10;
    public const int MaxSeconds = 1800;
    public const long MinBytes = 1 << 20;

    /// <summary>Target length in microseconds.</summary>
    public static long LengthOf(RecordingSpec spec) =>
        1_000_000L * (spec.SegmentSeconds == 0 ? DefaultSeconds : Math.Clamp(spec.SegmentSeconds, MinSeconds, MaxSeconds));

    /// <summary>Bytes from which on a keyframe begins the next segment.</summary>
    public static long BytesOf(RecordingSpec spec) => spec.SegmentBytes <= 0 ? long.MaxValue : Math.Max(spec.SegmentBytes, MinBytes);

    /// <summary>Capture time from which on a keyframe begins the next segment: on the stream's own grid, at least half a length away.</summary>
    public static long NextCut(string stream, long startUs, long lengthUs)
    {
        long offset = (long)(Hash(stream) % (ulong)lengthUs);
        long earliest = startUs + (lengthUs / 2);
        long cut = earliest - Modulo(earliest - offset, lengthUs);
        return cut < earliest ? cut + lengthUs : cut;
    }

    private static long Modulo(long value, long length) => ((value % length) + length) % length;

    /// <summary>FNV-1a: the same in every process and run.</summary>
    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
        {
            hash = unchecked((hash ^ c) * 1099511628211);
        }

        return hash;
    }
}
