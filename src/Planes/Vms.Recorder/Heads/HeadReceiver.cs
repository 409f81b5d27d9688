using Vms.Bus;
using Vms.Contracts;

namespace Vms.Recorder.Heads;

/// <summary>Takes what the analytics plane hands over of where people's heads were. What does not arrive counts as not looked at.</summary>
internal sealed class HeadReceiver(BusConnection bus, HeadStore heads) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = bus.Subscribe(BusLayout.HeadsSubjects, queueGroup: null);
        await foreach (var message in subscription.WithCancellation(stoppingToken))
        {
            if (message.Subject.Split('.') is [_, _, var cameraId]) heads.Add(cameraId, message.Payload.Span);
        }
    }
}
