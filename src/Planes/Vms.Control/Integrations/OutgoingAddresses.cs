using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Vms.Control.Federation;
using Vms.Hosting;

namespace Vms.Control.Integrations;

/// <summary>
/// Where this machine may be made to send something: what an operator writes is an address inside his network, and may be one that only this machine reaches.
/// Asked for each address that is connected to, after the name was resolved: it may mean something else each time. Any thread.
/// </summary>
internal sealed class OutgoingAddresses(OutgoingOptions outgoing, PlaneOptions options, IServer server)
{
    private static readonly IPNetwork[] s_never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/128"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    /// <summary>Where clouds tell a machine its own secrets, besides 169.254.169.254.</summary>
    private static readonly IPAddress[] s_metadata = [IPAddress.Parse("100.100.100.200"), IPAddress.Parse("fd00:ec2::254")];

    private readonly Lazy<HashSet<int>> _ownPorts = new(() => ServerAddresses.OwnPorts(options, server));

    /// <param name="loopback">Programs of this machine are meant as well: for what only the administrator of the machine sets.</param>
    /// <returns>Null: it may be. Else why not, as a sentence without its full stop.</returns>
    public string? Refusal(IPAddress address, int port, bool loopback)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (Contains(s_never, address) || s_metadata.Contains(address))
            return $"{address} is no address that anything is sent to";
        if (_ownPorts.Value.Contains(port) && ServerAddresses.IsOwn(address))
            return $"{address} port {port} is this installation itself";
        if (outgoing.Networks.Count > 0)
            return Contains(outgoing.Networks, address) ? null : $"{address} is in none of the networks of VMS_OUTGOING_NETWORKS";
        return loopback || !IPAddress.IsLoopback(address) ? null : $"{address} is this machine; VMS_OUTGOING_NETWORKS can allow it";
    }

    /// <summary>The addresses of the host that may be connected to.</summary>
    /// <exception cref="OutgoingAddressException">None may be, or there is none.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, int port, bool loopback, CancellationToken cancellationToken)
    {
        IPAddress[] resolved;
        try
        {
            resolved = await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (ArgumentException)
        {
            throw new OutgoingAddressException($"{host} is no address that anything is sent to");     // 0.0.0.0, ::
        }
        catch (SocketException)
        {
            throw new OutgoingAddressException($"{host} has no address", isKnown: false);
        }

        var allowed = resolved.Where(address => Refusal(address, port, loopback) is null).ToArray();
        if (allowed.Length > 0)
            return allowed;
        throw resolved.Length == 0
            ? new OutgoingAddressException($"{host} has no address", isKnown: false)
            : new OutgoingAddressException(Refusal(resolved[0], port, loopback)!);
    }

    /// <summary>Connects to the first address of the host that may be one and answers. The caller owns the stream.</summary>
    /// <exception cref="SocketException">None does.</exception>
    /// <exception cref="OutgoingAddressException">None may be.</exception>
    public async ValueTask<Stream> ConnectAsync(string host, int port, bool loopback, CancellationToken cancellationToken)
    {
        var allowed = await ResolveAsync(host, port, loopback, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Contains(IEnumerable<IPNetwork> networks, IPAddress address) =>
        networks.Any(n => n.BaseAddress.AddressFamily == address.AddressFamily && n.Contains(address));
}

/// <summary>An address that nothing is sent to.</summary>
/// <param name="isKnown">It may not be; else nobody knows the name now, and somebody may later.</param>
internal sealed class OutgoingAddressException(string message, bool isKnown = true) : IOException(message)
{
    public bool IsRefused => isKnown;
}
