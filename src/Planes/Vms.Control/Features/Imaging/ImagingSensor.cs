using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Device;
using Vms.Onvif.Imaging;

namespace Vms.Control.Features.Imaging;

/// <summary>The sensor of a camera, as long as its device is asked.</summary>
/// <param name="Source">The device's token of it.</param>
/// <param name="Options">What can be set, and how far.</param>
internal sealed record ImagingSensor(DeviceLink Link, string Source, ImagingOptions Options)
{
    /// <returns>Either. The link stays its owner's.</returns>
    public static async Task<(ImagingSensor? Sensor, DeviceFault? Fault)> OfAsync(DeviceLink link, CancellationToken cancellationToken)
    {
        if (link.Row is not { HasImaging: true, VideoSource: { } source })
            return (null, new DeviceFault(DeviceTrouble.NotSupported, "Its device does not say that this picture can be set"));
        var told = await link.CallAsync(ImagingOptions.Get(source), cancellationToken);
        return told.IsSuccess ? (new ImagingSensor(link, source, told.Value), null) : (null, DeviceFault.Of(told.Failure));
    }

    /// <summary>How it is set now.</summary>
    public Task<OnvifResult<ImagingSettings>> ReadAsync(CancellationToken cancellationToken) => Link.CallAsync(ImagingSettings.Get(Source), cancellationToken);
}
