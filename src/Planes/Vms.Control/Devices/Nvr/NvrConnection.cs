using Vms.Control.Devices.Http;
using Vms.Control.Devices.Onvif;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Nvr;

/// <summary>A recorder that let us in. Whoever opened it disposes of it.</summary>
internal sealed class NvrConnection : IDisposable
{
    private readonly IDisposable _owned;

    private NvrConnection(INvr nvr, NvrFacts facts, IDisposable owned) => (Nvr, Facts, _owned) = (nvr, facts, owned);

    public INvr Nvr { get; }

    public NvrFacts Facts { get; }

    /// <summary>Asks who it is and what it says of itself. A password that is wrong is sent once.</summary>
    /// <param name="webServer">http or https, host and port.</param>
    /// <param name="maker">Null: is found out by how it refuses to talk to strangers; ONVIF is for those that none of the makers' interfaces fits.</param>
    /// <exception cref="DeviceException">It is not there, does not let us in, or is no recorder.</exception>
    public static async Task<NvrConnection> OpenAsync(
        Uri webServer, NvrMaker? maker, string? username, string? password, DeviceHttpOptions http, OnvifClientOptions onvif, TimeProvider time, CancellationToken cancellationToken)
    {
        if (maker != NvrMaker.Onvif)
        {
            var device = new DeviceHttp(webServer, username, password, http, time);
            try
            {
                var (nvr, facts) = await NvrRecognition.ConnectAsync(device, maker, cancellationToken);
                return new NvrConnection(nvr, facts, device);
            }
            catch (DeviceException e) when (maker is null && e.Failure == DeviceFailure.NotSupported)
            {
                device.Dispose();
            }
            catch
            {
                device.Dispose();
                throw;
            }
        }

        var speaker = new OnvifNvr(OpenClient(), OpenClient);
        try
        {
            return new NvrConnection(speaker, await speaker.FactsAsync(cancellationToken), speaker);
        }
        catch
        {
            speaker.Dispose();
            throw;
        }

        OnvifClient OpenClient() => new(
            new Uri(webServer, "/onvif/device_service"), string.IsNullOrEmpty(username) ? null : new OnvifCredentials(username, password ?? ""), onvif, time);
    }

    public void Dispose() => _owned.Dispose();
}
