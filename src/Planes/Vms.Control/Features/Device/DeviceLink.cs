using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Device;

/// <summary>A device that has answered, for as long as somebody asks it. One caller at a time; whoever opened it disposes of it.</summary>
/// <param name="row">What is known of it.</param>
/// <param name="client">Connected; owned.</param>
/// <param name="left">Lets the next one in; null: nobody waits.</param>
internal sealed class DeviceLink(CameraRow camera, DeviceTarget target, DeviceRow row, OnvifClient client, DeviceChecks checks, Action? left) : IDisposable
{
    public CameraRow Camera => camera;

    public DeviceRow Row => row;

    public OnvifClient Client => client;

    /// <summary>As the client does; credentials that are refused are noted, so that nobody else sends them. A user who only may not do this is told so.</summary>
    public async Task<OnvifResult<T>> CallAsync<T>(OnvifCall<T> call, CancellationToken cancellationToken)
        where T : class
    {
        var result = await client.CallAsync(call, cancellationToken);
        return await NoteAsync(result.Failure, cancellationToken) is { } failure ? OnvifResult<T>.Failed(failure) : result;
    }

    /// <param name="failure">Of a call that was made with <see cref="Client"/>; null: none.</param>
    /// <returns>What it is, now that it is known whether the credentials are wrong.</returns>
    public async Task<OnvifFailure?> NoteAsync(OnvifFailure? failure, CancellationToken cancellationToken)
    {
        if (failure?.Kind is not (OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear) || await checks.RefusedAsync(camera, target, failure, cancellationToken))
            return failure;
        client.AreTaken();
        return OnvifClient.NotAllowed;
    }

    public void Dispose()
    {
        client.Dispose();
        left?.Invoke();
    }
}
