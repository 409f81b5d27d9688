using System.Collections.Concurrent;
using Vms.Native.Sockets;

namespace Vms.LiveLoad;

/// <summary>What all viewers saw in a window.</summary>
/// <param name="FewestFrames">Of any viewer.</param>
/// <param name="Missed">Frame numbers that never came, all viewers together.</param>
/// <param name="Ended">Viewers that were cut off.</param>
/// <param name="P50Ms">From the camera's write to a viewer's last byte.</param>
/// <param name="CpuSeconds">Of the load itself since its start.</param>
internal sealed record LoadReport(
    int Viewers, double Seconds, int FewestFrames, int MostFrames, int Missed, int Ended, string? Failure,
    float P50Ms, float P99Ms, float MaxMs, double CpuSeconds);

/// <summary>All viewers on one thread, so that they cost the machine as little as they can.</summary>
internal sealed class LoadThread : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly ReadinessPoller _poller = new();
    private readonly List<Viewer> _viewers = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Thread _thread;
    private long _begun;
    private volatile bool _stopping;

    public LoadThread() => _thread = new Thread(Run) { Name = "viewers" };

    /// <summary>Of the first viewer that was cut off.</summary>
    public string? Failure => _viewers.Find(v => v.Failure is not null)?.Failure;

    /// <summary>Before the start.</summary>
    public void Add(Viewer viewer)
    {
        _poller.Add(viewer.Socket, (ulong)_viewers.Count, connecting: false);
        _viewers.Add(viewer);
    }

    public void Start() => _thread.Start();

    public bool WaitUntilAllPlay(TimeSpan patience)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < patience && Failure is null)
        {
            if (OnThread(() => _viewers.TrueForAll(v => v.Plays)))
                return true;
            if (_thread.Join(s_tick))
                return false;
        }

        return false;
    }

    public void Begin() => OnThread(() =>
    {
        _viewers.ForEach(v => v.Clear());
        _begun = TimeProvider.System.GetTimestamp();
        return true;
    });

    public LoadReport Report() => OnThread(() =>
    {
        var seconds = TimeProvider.System.GetElapsedTime(_begun).TotalSeconds;
        var delays = _viewers.SelectMany(v => v.DelaysMs).Order().ToList();
        float At(double part) => delays.Count == 0 ? 0 : delays[(int)Math.Min(delays.Count - 1, part * delays.Count)];
        return new LoadReport(
            _viewers.Count, seconds, _viewers.Min(v => v.Frames), _viewers.Max(v => v.Frames), _viewers.Sum(v => v.Missed),
            _viewers.Count(v => v.Failure is not null), Failure, At(0.5), At(0.99), At(1), Environment.CpuUsage.TotalTime.TotalSeconds);
    });

    public void Dispose()
    {
        _stopping = true;
        _poller.Wake();
        if (_thread.IsAlive)
            _thread.Join();
        foreach (var viewer in _viewers)
        {
            viewer.Leave();
            viewer.Dispose();
        }

        _poller.Dispose();
    }

    private T OnThread<T>(Func<T> ask)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _posted.Enqueue(() => answer.SetResult(ask()));
        _poller.Wake();
        return answer.Task.GetAwaiter().GetResult();
    }

    private void Run()
    {
        long ticked = TimeProvider.System.GetTimestamp();
        while (!_stopping)
        {
            int events = _poller.Wait(s_tick);
            for (int i = 0; i < events; i++)
            {
                if (!_poller.Event(i, out ulong token, out _))
                    continue;
                var viewer = _viewers[(int)token];
                viewer.Receive();
                if (viewer.Failure is not null)
                    _poller.Remove(viewer.Socket);
            }

            while (_posted.TryDequeue(out var action))
                action();
            if (TimeProvider.System.GetElapsedTime(ticked) < s_tick)
                continue;
            ticked = TimeProvider.System.GetTimestamp();
            foreach (var viewer in _viewers)
            {
                if (viewer.Failure is null)
                    viewer.Tick();
            }
        }
    }
}
