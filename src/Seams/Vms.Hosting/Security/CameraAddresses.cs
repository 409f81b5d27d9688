using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Vms.Hosting;

/// <summary>
/// Where a camera may be. Whoever may add cameras has this machine connect to an address of his choice: not to this installation's own
/// ports, and not where clouds keep a machine's secrets. Asked when a camera is stored, with what its name resolves to, and again
/// for each address that is connected to: a name may mean something else by then. Any thread.
/// </summary>
/// <remarks>Cameras on loopback are usual (other programs of the machine that serve RTSP), and so are cameras with addresses that they gave
/// themselves (link-local) on a network card of their own. <c>VMS_CAMERA_LOOPBACK=off</c> forbids the former, <c>VMS_CAMERA_NETWORKS</c> everything
/// but the networks in it.</remarks>
public sealed class CameraAddresses
{
    public const string NotAllowed = "addressNotAllowed";

    private static readonly IPNetwork[] s_never =
    [
        IPNetwork.Parse("0.0.0.0/8"),               // "this host" (RFC 1122 §3.2.1.3)
        IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),     // multicast, reserved, broadcast
        IPNetwork.Parse("::/128"), IPNetwork.Parse("ff00::/8"),
    ];

    /// <summary>Where clouds tell a machine its own secrets.</summary>
    private static readonly IPAddress[] s_metadata = [IPAddress.Parse("169.254.169.254"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("fd00:ec2::254")];

    private readonly DoorOptions _door;
    private readonly HashSet<int> _ownPorts;

    public CameraAddresses(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _door = options.Door;
        _ownPorts = [options.HttpPort, options.Door.HttpsPort ?? 0, options.MediaPort, options.PlaybackPort, options.WebRtcPort, options.RtspPort ?? 0, options.RtspsPort ?? 0];
        if (Uri.TryCreate(options.Nats, UriKind.Absolute, out var nats))
            _ownPorts.Add(nats.Port);
        _ownPorts.Remove(0);
    }

    /// <param name="address">What will be connected to, never a name.</param>
    /// <returns>Null: it may be a camera. Else why not, as a sentence without its full stop.</returns>
    public string? Refusal(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (Contains(s_never, address))
            return $"{address} is no address of a camera";
        if (s_metadata.Contains(address))
            return $"{address} is where a cloud keeps this machine's own secrets";
        if (_ownPorts.Contains(port) && IsOwn(address))
            return $"{address} port {port} is this installation itself";
        if (_door.CameraNetworks.Count > 0)
            return Contains(_door.CameraNetworks, address) ? null : $"{address} is in none of the networks of VMS_CAMERA_NETWORKS";
        return !_door.CameraLoopback && IPAddress.IsLoopback(address) ? $"{address} is this machine, and VMS_CAMERA_LOOPBACK is off" : null;
    }

    private static bool Contains(IEnumerable<IPNetwork> networks, IPAddress address) =>
        networks.Any(n => n.BaseAddress.AddressFamily == address.AddressFamily && n.Contains(address));

    private static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(n => n.GetIPProperties().UnicastAddresses)
        .Any(a => a.Address.AddressFamily == AddressFamily.InterNetworkV6
            ? a.Address.GetAddressBytes().AsSpan().SequenceEqual(address.GetAddressBytes())      // without the zone
            : a.Address.Equals(address));
}
