using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>Opens connections to recorders, at addresses that this machine may be made to connect to. Any thread.</summary>
internal sealed class NvrConnector(CameraAddresses addresses, DeviceHttpOptions http, OnvifClientOptions onvif, NodeKey nodeKey, TimeProvider time)
{
    /// <param name="vendor">Null: is found out.</param>
    /// <returns>A connection that the caller disposes of, or a problem with the address.</returns>
    /// <exception cref="DeviceException">The recorder is not there, does not let us in, or is none.</exception>
    public async Task<(NvrConnection? Connection, ProblemHttpResult? Problem)> OpenAsync(
        string host, int port, NvrMaker? vendor, string? username, string? password, CancellationToken cancellationToken)
    {
        var (address, problem) = await DeviceAddress.FindAsync(host, port, addresses, cancellationToken);
        if (address is null)
            return (null, problem);
        return (await NvrConnection.OpenAsync(address.WebServer, vendor, username, password, http, onvif, time, cancellationToken), null);
    }

    /// <summary>As <see cref="OpenAsync(string, int, NvrMaker?, string?, string?, CancellationToken)"/>, with what is stored of it.</summary>
    public async Task<NvrConnection> OpenAsync(NvrRow row, CancellationToken cancellationToken)
    {
        var (connection, problem) = await OpenAsync(row.Host, row.Port, row.Vendor, row.Username, PasswordOf(row), cancellationToken);
        return connection ?? throw new DeviceException(DeviceFailure.Unreachable, problem!.ProblemDetails.Detail ?? "Its address may not be connected to");
    }

    /// <summary>Null also where the node key is another than the one it was encrypted with: then the recorder asks for it.</summary>
    public string? PasswordOf(NvrRow row)
    {
        try
        {
            return row.PasswordProtected is null ? null : nodeKey.Unprotect(row.PasswordProtected);
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or FormatException)
        {
            return null;
        }
    }
}
