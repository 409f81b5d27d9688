using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>Where a device's web server is: looked up, and one that this machine may be made to connect to.</summary>
internal sealed record DeviceAddress(IPAddress Address, int Port)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <summary>Characters of what somebody types.</summary>
    private const int MaxHostLength = 255;

    /// <summary>For a name that nobody knows.</summary>
    private static readonly TimeSpan s_lookUp = TimeSpan.FromSeconds(3);

    /// <summary>HTTPS on 443. The address that was looked at, not the name: it could lead elsewhere the next time.</summary>
    public Uri WebServer => new UriBuilder(Port == HttpsPort ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Host, Port).Uri;

    /// <summary>Of ONVIF's device service.</summary>
    public Uri OnvifService => new(WebServer, "/onvif/device_service");

    private string Host => Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address.ToString();

    /// <summary>As people write it, to tell devices apart.</summary>
    public override string ToString() => Port == HttpPort ? Host : $"{Host}:{Port}";

    /// <summary>Adds what is wrong with the fields.</summary>
    public static void Check(string? ip, int? port, string? username, string? password, List<FieldProblem> problems, string prefix = "")
    {
        if (string.IsNullOrWhiteSpace(ip))
            problems.Add(new FieldProblem(prefix + "ip", "required", "The device's address is missing"));
        else if (ip.Length > MaxHostLength || Uri.CheckHostName(ip.Trim().Trim('[', ']')) == UriHostNameType.Unknown)
            problems.Add(new FieldProblem(prefix + "ip", "invalidValue", "Use an IP address or a host name"));
        if (port is < 1 or > 65535)
            problems.Add(new FieldProblem(prefix + "port", "outOfRange", "Use 1 to 65535"));
        CheckCredential(username, prefix + "username", problems);
        CheckCredential(password, prefix + "password", problems);
    }

    /// <param name="ip">An address or a host name; checked.</param>
    /// <param name="port">80 when absent.</param>
    /// <returns>One of the two.</returns>
    public static async Task<(DeviceAddress? Address, ProblemHttpResult? Problem)> FindAsync(
        string ip, int? port, CameraAddresses addresses, CancellationToken cancellationToken)
    {
        var host = ip.Trim();
        if (await LookUpAsync(host.Trim('[', ']'), cancellationToken) is not { } address)
            return (null, Problems.Of(StatusCodes.Status400BadRequest, "unreachable", "The device cannot be reached", $"Nobody knows the name {host}."));
        return addresses.Refusal(address, port ?? HttpPort) is { } refusal
            ? (null, Problems.Fields(new FieldProblem("ip", CameraAddresses.NotAllowed, refusal)))
            : (new DeviceAddress(address, port ?? HttpPort), null);
    }

    private static void CheckCredential(string? value, string field, List<FieldProblem> problems)
    {
        if (value is not null && (value.Length > CameraRules.MaxCredentialLength || value.Any(char.IsControl)))
            problems.Add(new FieldProblem(field, "tooLong", $"Use at most {CameraRules.MaxCredentialLength} printable characters"));
    }

    private static async Task<IPAddress?> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return IPAddress.TryParse(host, out var address) ? address : (await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(s_lookUp, cancellationToken)).FirstOrDefault();
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            return null;
        }
    }
}
