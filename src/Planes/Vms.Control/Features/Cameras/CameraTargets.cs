using System.Net;
using System.Net.Sockets;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>Whether a camera's addresses are ones that this machine may be made to connect to.</summary>
internal static class CameraTargets
{
    private const int RtspPort = 554;
    private const int RtspsPort = 322;

    /// <summary>A name that takes longer is looked up again by the media plane before it connects: nothing is missed.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <param name="before">Addresses that are stored already are not asked about again; null for a new camera.</param>
    /// <returns>Empty when all may be.</returns>
    public static async Task<IReadOnlyList<FieldProblem>> RefusedAsync(
        CameraSettings settings, CameraSettings? before, CameraAddresses addresses, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        foreach (var (field, url, stored) in ((string, string?, string?)[])[("mainUrl", settings.MainUrl, before?.MainUrl), ("subUrl", settings.SubUrl, before?.SubUrl)])
        {
            if (url is not null and not CameraUrl.Push && url != stored && await RefusalAsync(url, addresses, cancellationToken) is { } refusal)
                problems.Add(new FieldProblem(field, CameraAddresses.NotAllowed, refusal));
        }

        return problems;
    }

    private static async Task<string?> RefusalAsync(string url, CameraAddresses addresses, CancellationToken cancellationToken)
    {
        // Not all that stands in a camera's path is a URI: scheme and authority are, CameraUrl has looked at them.
        int schemeEnd = url.IndexOf("://", StringComparison.Ordinal);
        int pathStart = url.IndexOfAny(['/', '?', '#'], schemeEnd + 3);
        var uri = new Uri(pathStart < 0 ? url : url[..pathStart]);
        int port = uri.Port > 0 ? uri.Port : uri.Scheme == "rtsps" ? RtspsPort : RtspPort;
        try
        {
            // Also for numbers: 2130706433 and 0x7f.1 are 127.0.0.1 to whoever connects.
            return Refusal(await Dns.GetHostAddressesAsync(uri.DnsSafeHost, cancellationToken).WaitAsync(s_patience, cancellationToken), port, addresses);
        }
        catch (ArgumentException)
        {
            return $"{uri.DnsSafeHost} is no address of a camera";       // 0.0.0.0, ::
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return null;        // nobody knows the name now
        }
    }

    /// <summary>One that may be is enough: the media plane asks again about the one that it connects to.</summary>
    /// <param name="resolved">All that a name stands for.</param>
    internal static string? Refusal(IReadOnlyList<IPAddress> resolved, int port, CameraAddresses addresses)
    {
        var refusals = resolved.Select(address => addresses.Refusal(address, port)).ToList();
        return refusals.Contains(null) ? null : refusals.FirstOrDefault();
    }
}
