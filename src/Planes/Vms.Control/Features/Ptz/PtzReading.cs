using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>Where a camera looks, or why nobody knows.</summary>
/// <param name="Status">In shares of the ranges, 0..1; null: it does not say.</param>
internal sealed record PtzReading(PtzNode? Node, PtzStatus? Status, DeviceFault? Fault);
