using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Devices.Onvif;
using Vms.Hosting;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Cameras;

/// <summary>What a device told by ONVIF.</summary>
/// <param name="Camera">The first of its pictures.</param>
/// <param name="Picture">A JPEG of now; null when it was not asked for, or the device has none.</param>
internal sealed record InspectedDevice(DeviceInspection Device, InspectedCamera Camera, byte[]? Picture)
{
    /// <summary>For people: maker and model.</summary>
    public string Name => $"{Device.Information.Manufacturer} {Device.Information.Model}".Trim();
}

/// <summary>Asks a device by ONVIF what it is and where its streams are. A password is tried once. Any thread.</summary>
internal sealed class CameraInspector(CameraAddresses addresses, OnvifClientOptions options, TimeProvider time)
{
    /// <summary>Bytes of a picture that is shown before a camera is added; a larger one is left out.</summary>
    public const int MaxPicture = 4 << 20;

    /// <param name="ip">Checked by <see cref="DeviceAddress.Check"/>, as is the rest.</param>
    /// <param name="patience">All questions together.</param>
    /// <returns>One of the two.</returns>
    public async Task<(InspectedDevice? Device, ProblemHttpResult? Problem)> AskAsync(
        string ip, int? port, string? username, string? password, TimeSpan patience, bool withPicture, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var (address, refused) = await DeviceAddress.FindAsync(ip, port, addresses, either.Token);
            if (address is null)
                return (null, refused);

            using var client = new OnvifClient(
                address.OnvifService, string.IsNullOrEmpty(username) ? null : new OnvifCredentials(username, password ?? ""), options, time);
            var read = await DeviceInspection.ReadAsync(client, either.Token);
            if (!read.IsSuccess)
                return (null, DeviceProblems.Of(read.Failure));
            if (read.Value.Cameras is not [var camera, ..])
                return (null, DeviceProblems.NoVideo());
            return (new InspectedDevice(read.Value, camera, withPicture ? await PictureAsync(client, camera, address, either.Token) : null), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, DeviceProblems.Unreachable("The device took too long to answer"));
        }
    }

    /// <summary>A device without a picture is a device all the same, also one that runs out of time here.</summary>
    private async Task<byte[]?> PictureAsync(OnvifClient client, InspectedCamera camera, DeviceAddress device, CancellationToken cancellationToken)
    {
        if (camera.Snapshot is not { } snapshot || addresses.Refusal(device.Address, snapshot.Port) is not null)
            return null;
        try
        {
            var picture = await client.GetPictureAsync(snapshot, cancellationToken);
            return picture.Value is { Length: <= MaxPicture } jpeg ? jpeg : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
