using Vms.Control.Devices.Onvif;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>Makes the clients of cameras' devices: each connection asks whether its address may be a camera's.</summary>
internal sealed class DeviceClients(OnvifClientOptions options, CameraAddresses addresses, TimeProvider time)
{
    /// <param name="atMost">How long the device may take to answer; null: as long as usual.</param>
    public OnvifClient New(DeviceTarget target, TimeSpan? atMost = null)
    {
        var patience = atMost is { } limit && limit < options.AnswerTimeout ? limit : options.AnswerTimeout;
        var connect = options.ConnectTimeout < patience ? options.ConnectTimeout : patience;
        return new OnvifClient(
            target.Service, target.Credentials,
            options with { AnswerTimeout = patience, ConnectTimeout = connect, Refusal = addresses.Refusal, CertificateSha256 = target.CertificateSha256 ?? options.CertificateSha256 }, time);
    }
}
