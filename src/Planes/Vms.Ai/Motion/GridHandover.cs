using System.Diagnostics.Metrics;
using Vms.Bus;
using Vms.Contracts;
using Vms.Hosting.Motion;

namespace Vms.Ai.Motion;

/// <summary>Hands the archive what changed between keyframes. What does not arrive the recorder makes itself when somebody searches, so that nothing is kept
/// here. Any thread; returns at once.</summary>
internal sealed class GridHandover : IDisposable
{
    private readonly BusConnection _bus;
    private readonly Meter _meter = new("Vms.Ai.Motion");
    private readonly Counter<long> _handed;

    public GridHandover(BusConnection bus)
    {
        _bus = bus;
        _handed = _meter.CreateCounter<long>("vms_analysis_motion_grids_total", null, "Motion grids handed to the archive.");
    }

    internal void Tell(string cameraId, MotionGrid grid)
    {
        if (_bus.State != BusState.Connected)
            return;
        var entry = new byte[MotionEntry.MaxBytes];
        _ = PublishAsync(BusLayout.MotionSubject(cameraId), entry.AsMemory(0, MotionEntry.Write(grid, entry)));
    }

    public void Dispose() => _meter.Dispose();

    private async Task PublishAsync(string subject, ReadOnlyMemory<byte> entry)
    {
        try
        {
            await _bus.PublishAsync(subject, entry, headers: null, replyTo: null, CancellationToken.None);
            _handed.Add(1);
        }
        catch (BusException)
        {
            return;
        }
    }
}
