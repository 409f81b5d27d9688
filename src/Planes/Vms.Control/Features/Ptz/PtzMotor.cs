using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Device;
using Vms.Onvif.Ptz;

namespace Vms.Control.Features.Ptz;

/// <summary>The mechanics of a camera, connected. One caller at a time; whoever opened it disposes of it.</summary>
internal sealed class PtzMotor(DeviceLink link, string profile, PtzNode node) : IDisposable
{
    public DeviceLink Link => link;

    public OnvifClient Client => link.Client;

    public string Profile => profile;

    public PtzNode Node => node;

    public PtzDrive Drive { get; } = new(link.Client, profile, node.Spaces);

    /// <summary>Speeds or distances on axes that it does not have at all; null when something moves.</summary>
    public static DeviceFault? Missing(PtzSpace? panTilt, PtzSpace? zooms, double pan, double tilt, double zoom) =>
        (panTilt is null || (pan == 0 && tilt == 0)) && (zooms is null || zoom == 0) ? new DeviceFault(DeviceTrouble.NotSupported, "The device has no such axis") : null;

    /// <summary>Connects to the camera's device, and asks what it can do.</summary>
    /// <param name="atMost">How long the device may take for each answer.</param>
    /// <returns>Either.</returns>
    public static async Task<(PtzMotor? Motor, DeviceFault? Fault)> OpenAsync(CameraDevices devices, string cameraId, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var (link, fault) = await devices.OpenToStayAsync(cameraId, atMost, cancellationToken);
        if (link is null)
            return (null, fault);
        var motor = await OfAsync(link, cancellationToken);
        if (motor.Motor is null)
            link.Dispose();
        return motor;
    }

    public void Dispose() => link.Dispose();

    private static async Task<(PtzMotor? Motor, DeviceFault? Fault)> OfAsync(DeviceLink link, CancellationToken cancellationToken)
    {
        if (link.Row.PtzProfile is not { } profile)
            return (null, new DeviceFault(DeviceTrouble.NotSupported, "Its device tells of nothing that moves this picture"));
        var nodes = await link.CallAsync(PtzNode.GetAll, cancellationToken);
        if (!nodes.IsSuccess)
            return (null, DeviceFault.Of(nodes.Failure));
        var node = nodes.Value.FirstOrDefault(one => one.Token == link.Row.PtzNode) ?? (nodes.Value is [var only] ? only : null);
        return node is null ? (null, new DeviceFault(DeviceTrouble.NotSupported, "Its device does not say how it moves")) : (new PtzMotor(link, profile, node), null);
    }
}
