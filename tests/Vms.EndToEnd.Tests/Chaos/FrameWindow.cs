using Vms.EndToEnd.Tests.Product;
using Vms.Testing.Footage;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>The frames that were sent from a moment before a fault until everything had settled again, to be looked for in the files afterwards.</summary>
internal sealed class FrameWindow
{
    /// <summary>Of all simulated cameras.</summary>
    public const double FrameMs = 1000.0 / 25;

    private readonly SimulatedCameras _cameras;
    private readonly int _count;
    private readonly long[] _from;
    private long[] _to = [];

    private FrameWindow(SimulatedCameras cameras, int count)
    {
        _cameras = cameras;
        _count = count;
        _from = Now();
    }

    public DateTimeOffset Begun { get; } = DateTimeOffset.UtcNow;

    public static FrameWindow Begin(SimulatedCameras cameras, int count) => new(cameras, count);

    public void End() => _to = Now();

    /// <summary>Milliseconds of footage that are in no file, of the camera that lost most.</summary>
    /// <param name="recorded">Frame numbers by camera.</param>
    public double LostMs(IReadOnlyDictionary<int, List<long>> recorded) =>
        Enumerable.Range(1, _count).Max(camera => LostFrames(camera, [.. recorded[camera]]) * FrameMs);

    /// <summary>All cameras together.</summary>
    public int LostFrames(IReadOnlyDictionary<int, List<long>> recorded) => Enumerable.Range(1, _count).Sum(camera => LostFrames(camera, [.. recorded[camera]]));

    private int LostFrames(int camera, HashSet<long> recorded)
    {
        int lost = 0;
        for (long frame = _from[camera - 1]; frame < _to[camera - 1]; frame++)
            lost += recorded.Contains(frame) ? 0 : 1;
        return lost;
    }

    private long[] Now()
    {
        long now = FrameStamp.NowNs;
        return [.. Enumerable.Range(1, _count).Select(camera => _cameras.FrameAt(camera, now))];
    }
}
