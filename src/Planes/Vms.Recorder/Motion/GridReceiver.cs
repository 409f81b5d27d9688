using Vms.Bus;
using Vms.Contracts;

namespace Vms.Recorder.Motion;

/// <summary>Takes the grids that the analytics plane hands over. What does not arrive is made by the next search, so that nobody waits for it.</summary>
internal sealed class GridReceiver(BusConnection bus, HandedGrids handed, MotionMetrics metrics) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = bus.Subscribe(BusLayout.MotionSubjects, queueGroup: null);
        await foreach (var message in subscription.WithCancellation(stoppingToken))
        {
            if (message.Subject.Split('.') is [_, _, var cameraId] && handed.Add(cameraId, message.Payload.Span)) metrics.Handed();
        }
    }
}
