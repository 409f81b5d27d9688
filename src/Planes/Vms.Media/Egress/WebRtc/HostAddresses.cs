using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Vms.Media.Egress.WebRtc;

/// <summary>The addresses under which a viewer may reach the media port: host candidates. Any thread.</summary>
/// <param name="bound">What the socket is bound to.</param>
/// <param name="announced">What the operator says leads here too: a router that forwards the port (VMS_WEBRTC_ADDRESSES).</param>
/// <param name="time">Ages the list: addresses come and go with cables and leases.</param>
internal sealed class HostAddresses(IPEndPoint bound, IReadOnlyList<IPEndPoint> announced, TimeProvider time)
{
    /// <summary>A candidate costs the browser checks; machines with more addresses name the one to use (VMS_BIND).</summary>
    private const int MaxAddresses = 8;

    private static readonly TimeSpan s_maxAge = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private List<IPEndPoint> _known = [];
    private long _knownSince;

    public IReadOnlyList<IPEndPoint> Current()
    {
        lock (_gate)
        {
            if (_known.Count == 0 || time.GetElapsedTime(_knownSince) > s_maxAge)
            {
                _known = [.. Find().Concat(announced.Select(a => a.Port == 0 ? new IPEndPoint(a.Address, bound.Port) : a)).Distinct()];
                _knownSince = time.GetTimestamp();
            }

            return _known;
        }
    }

    private List<IPEndPoint> Find()
    {
        if (!bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
            return [bound];

        bool v6 = bound.AddressFamily == AddressFamily.InterNetworkV6;
        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(u => u.Address)
            .Where(a => IsUsable(a) && (v6 || a.AddressFamily == AddressFamily.InterNetwork))
            .OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6)
            .Take(MaxAddresses)
            .Select(a => new IPEndPoint(a, bound.Port))
            .ToList();
        // A machine without a network still shows its own screen a picture.
        return addresses.Count > 0 ? addresses : [new IPEndPoint(IPAddress.Loopback, bound.Port)];
    }

    /// <summary>Link-local addresses need a zone that SDP cannot carry.</summary>
    private static bool IsUsable(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? address.GetAddressBytes() is not [169, 254, ..]
            : address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv6LinkLocal: false, IsIPv6Multicast: false };
}
