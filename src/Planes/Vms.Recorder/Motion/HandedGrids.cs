using Vms.Hosting.Motion;
using Vms.Recorder.Archive;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Motion;

/// <summary>
/// Grids that the analytics plane handed over lately: those of a camera since the beginning of what is being recorded of it, and those of the last minutes, with which
/// a recording may begin or has just ended. Any thread.
/// </summary>
/// <remarks>In memory alone, and bounded: what is lost with the process, or because it is too much, the next search makes from the segment.</remarks>
internal sealed class HandedGrids(OpenSegments open)
{
    /// <summary>Keyframes farther apart are not compared on the way: what claims to be longer is no grid.</summary>
    public const long LongestUs = 60_000_000;

    /// <summary>Of one camera: more than an hour with a keyframe a second. No segment is longer.</summary>
    internal const int MaxOfCamera = 4096;

    private const int MaxCameras = 4096;

    /// <summary>The longest pre-roll, and more.</summary>
    private const long LatelyUs = 300_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<Handed>> _cameras = [];

    /// <param name="Entry">As in a file: a fifth of the memory of its cells.</param>
    private readonly record struct Handed(long BeforeUs, long AfterUs, byte[] Entry);

    /// <param name="entry">As <see cref="MotionEntry"/> writes it.</param>
    /// <returns>False when it is none that can be.</returns>
    public bool Add(string cameraId, ReadOnlySpan<byte> entry)
    {
        if (MotionEntry.Read(entry, out int length) is not { Source: MotionSource.Analytics } grid || length != entry.Length
            || grid.AfterUs - grid.BeforeUs is not (> 0 and <= LongestUs))
        {
            return false;
        }

        long keptFromUs = grid.AfterUs - LatelyUs;
        if (open.EarliestOf(cameraId) is { } began) keptFromUs = Math.Min(keptFromUs, UnixTime.ToMicroseconds(began));
        lock (_gate)
        {
            if (!_cameras.TryGetValue(cameraId, out var grids))
            {
                if (_cameras.Count == MaxCameras) return false;
                _cameras[cameraId] = grids = new();
            }

            grids.Enqueue(new Handed(grid.BeforeUs, grid.AfterUs, entry.ToArray()));
            while (grids.Count > MaxOfCamera || grids.Peek().AfterUs < keptFromUs)
                grids.Dequeue();
        }

        return true;
    }

    /// <summary>Those of a camera that reach into a time.</summary>
    public List<MotionGrid> Between(string cameraId, long fromUs, long toUs)
    {
        var found = new List<MotionGrid>();
        lock (_gate)
        {
            foreach (var handed in _cameras.GetValueOrDefault(cameraId) ?? [])
            {
                if (handed.AfterUs > fromUs && handed.BeforeUs < toUs) found.Add(MotionEntry.Read(handed.Entry, out _)!);
            }
        }

        return found;
    }
}
