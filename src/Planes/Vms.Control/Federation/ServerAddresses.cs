using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Vms.Hosting;

namespace Vms.Control.Federation;

/// <summary>
/// Where another installation may be. Only whoever administers the machine names one; still, this machine is not made to ask itself, or where clouds keep a
/// machine's secrets. Asked for each address that is connected to, after the name was resolved: it may mean something else each time. Any thread.
/// </summary>
internal sealed class ServerAddresses(PlaneOptions options, IServer server)
{
    private static readonly IPNetwork[] s_never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/128"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    private static readonly IPAddress[] s_metadata = [IPAddress.Parse("100.100.100.200"), IPAddress.Parse("fd00:ec2::254")];

    private readonly Lazy<HashSet<int>> _ownPorts = new(() => OwnPorts(options, server));

    /// <summary>Connects to the first address of the host that may be one and answers.</summary>
    /// <exception cref="SocketException">None does.</exception>
    /// <exception cref="ServerAddressException">None may be.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var resolved = await ResolveAsync(endPoint.Host, cancellationToken);
        var allowed = resolved.Where(address => Refusal(address, endPoint.Port) is null).ToArray();
        if (allowed.Length == 0)
            throw new ServerAddressException(resolved.Length == 0 ? $"{endPoint.Host} has no address" : Refusal(resolved[0], endPoint.Port)!);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, endPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (ArgumentException)
        {
            throw new ServerAddressException($"{host} is no address of a server");      // 0.0.0.0, ::
        }
    }

    /// <returns>Null: it may be. Else why not, as a sentence without its full stop.</returns>
    internal string? Refusal(IPAddress address, int port)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (s_never.Any(n => n.BaseAddress.AddressFamily == address.AddressFamily && n.Contains(address)) || s_metadata.Contains(address))
            return $"{address} is no address of a server";
        return _ownPorts.Value.Contains(port) && IsOwn(address) ? $"{address} port {port} is this installation itself" : null;
    }

    /// <summary>Those of the settings, and those that were left to chance and are known by now.</summary>
    internal static HashSet<int> OwnPorts(PlaneOptions options, IServer server)
    {
        HashSet<int> ports =
            [options.HttpPort, options.Door.HttpsPort ?? 0, options.MediaPort, options.PlaybackPort, options.WebRtcPort, options.RtspPort ?? 0, options.RtspsPort ?? 0];
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            if (!address.Contains("unix:", StringComparison.Ordinal) && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Port > 0)
                ports.Add(uri.Port);
        }

        if (Uri.TryCreate(options.Nats, UriKind.Absolute, out var nats))
            ports.Add(nats.Port);
        ports.Remove(0);
        return ports;
    }

    internal static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(n => n.GetIPProperties().UnicastAddresses).Any(a => a.Address.Equals(address));
}

/// <summary>An address that no server may have.</summary>
internal sealed class ServerAddressException(string message) : IOException(message);
