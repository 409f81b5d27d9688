using System.Collections.Concurrent;
using Vms.Control.Features.Device;
using Vms.Onvif.Imaging;

namespace Vms.Control.Features.Imaging;

/// <summary>Ends the focusing of somebody who says nothing more. Any thread.</summary>
internal sealed partial class FocusWatch(CameraDevices devices, TimeProvider time, ILogger<FocusWatch> logger) : IDisposable
{
    /// <summary>A lens is at its end after so long, and its picture blurred.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, ITimer> _moving = new(StringComparer.Ordinal);

    /// <summary>The lens moves from now on.</summary>
    public void Moved(string cameraId)
    {
        var timer = time.CreateTimer(_ => _ = StopAsync(cameraId), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ITimer? before = null;
        _moving.AddOrUpdate(cameraId, timer, (_, other) =>
        {
            before = other;
            return timer;
        });
        before?.Dispose();
        timer.Change(Longest, Timeout.InfiniteTimeSpan);
    }

    public void Stopped(string cameraId)
    {
        if (_moving.TryRemove(cameraId, out var timer))
            timer.Dispose();
    }

    public void Dispose()
    {
        foreach (var timer in _moving.Values)
            timer.Dispose();
    }

    private async Task StopAsync(string cameraId)
    {
        Stopped(cameraId);
        try
        {
            var (link, fault) = await devices.OpenAsync(cameraId, CancellationToken.None);
            using (link)
            {
                if (link?.Row.VideoSource is { } source)
                    fault = DeviceFault.Of(await link.CallAsync(FocusMoves.Stop(source), CancellationToken.None));
            }

            if (fault is not null)
                Log.NotStopped(logger, cameraId, fault.Detail);
        }
        catch (Exception e)
        {
            Log.NotStopped(logger, cameraId, e.Message);        // the database is away; the lens stops at its end
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1420, LogLevel.Warning, "Camera {CameraId}: its lens could not be stopped ({Reason}): it goes to its end")]
        public static partial void NotStopped(ILogger logger, string cameraId, string reason);
    }
}
