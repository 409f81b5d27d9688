using Vms.Bus;
using Vms.Contracts;
using Vms.Hosting.Heads;

namespace Vms.Ai.Events;

/// <summary>
/// Hands the archive where people's heads were, so that exports can hide them. What does not arrive counts as not looked at, and the export says so: nothing is
/// kept here. Any thread; returns at once.
/// </summary>
internal sealed class HeadHandover(BusConnection bus)
{
    internal void Tell(string cameraId, HeadEntry entry)
    {
        if (bus.State == BusState.Connected)
            _ = PublishAsync(BusLayout.HeadsSubject(cameraId), HeadBytes.Write(entry));
    }

    private async Task PublishAsync(string subject, ReadOnlyMemory<byte> entry)
    {
        try
        {
            await bus.PublishAsync(subject, entry, headers: null, replyTo: null, CancellationToken.None);
        }
        catch (BusException)
        {
            return;
        }
    }
}
