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

    /// <summary>All open segments are gone through for it, and grids of every camera come all the time: so often is what began asked for.</summary>
    private const long AskAgainUs = 10_000_000;

    /// <summary>The last moment that can be told: capture times are before it.</summary>
    private static readonly long s_latestUs = UnixTime.ToMicroseconds(DateTimeOffset.MaxValue);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Camera> _cameras = [];

    /// <param name="Entry">As in a file: a fifth of the memory of its cells.</param>
    private readonly record struct Handed(long BeforeUs, long AfterUs, byte[] Entry);

    private sealed class Camera
    {
        public Queue<Handed> Grids { get; } = new();

        public long NewestUs { get; set; }

        /// <summary>Those that end before it are not needed; as of the grid at <see cref="AskedUs"/>.</summary>
        public long KeptFromUs { get; set; }

        public long AskedUs { get; set; } = long.MinValue;
    }

    /// <param name="entry">As <see cref="MotionEntry"/> writes it.</param>
    /// <returns>False when it is none that can be.</returns>
    public bool Add(string cameraId, ReadOnlySpan<byte> entry)
    {
        if (MotionEntry.Read(entry, out int length) is not { Source: MotionSource.Analytics } grid || length != entry.Length
            || grid.BeforeUs < 0 || grid.AfterUs > s_latestUs || grid.AfterUs - grid.BeforeUs is not (> 0 and <= LongestUs))
        {
            return false;
        }

        lock (_gate)
        {
            if (!_cameras.TryGetValue(cameraId, out var camera))
            {
                if (_cameras.Count >= MaxCameras && !ForgetOld(grid.AfterUs)) return false;
                _cameras[cameraId] = camera = new Camera();
            }

            camera.NewestUs = grid.AfterUs;
            if (camera.AskedUs == long.MinValue || Math.Abs(grid.AfterUs - camera.AskedUs) >= AskAgainUs)
                (camera.AskedUs, camera.KeptFromUs) = (grid.AfterUs, KeptFromUs(cameraId, grid.AfterUs));
            camera.Grids.Enqueue(new Handed(grid.BeforeUs, grid.AfterUs, entry.ToArray()));
            while (camera.Grids.Count > MaxOfCamera || (camera.Grids.Count > 0 && camera.Grids.Peek().AfterUs < camera.KeptFromUs))
                camera.Grids.Dequeue();
        }

        return true;
    }

    private long KeptFromUs(string cameraId, long nowUs) =>
        Math.Min(nowUs - LatelyUs, open.EarliestOf(cameraId) is { } began ? UnixTime.ToMicroseconds(began) : long.MaxValue);

    /// <summary>Cameras that were taken away, or are not analysed any more, and of which nothing is being recorded.</summary>
    /// <returns>False when there are none.</returns>
    private bool ForgetOld(long nowUs)
    {
        var old = _cameras.Where(c => c.Value.NewestUs < KeptFromUs(c.Key, nowUs)).Select(c => c.Key).ToList();
        foreach (string cameraId in old)
            _cameras.Remove(cameraId);
        return old.Count > 0;
    }

    /// <summary>Those of a camera that reach into a time.</summary>
    public List<MotionGrid> Between(string cameraId, long fromUs, long toUs)
    {
        var found = new List<MotionGrid>();
        lock (_gate)
        {
            foreach (var handed in _cameras.GetValueOrDefault(cameraId)?.Grids ?? [])
            {
                if (handed.AfterUs > fromUs && handed.BeforeUs < toUs) found.Add(MotionEntry.Read(handed.Entry, out _)!);
            }
        }

        return found;
    }
}
