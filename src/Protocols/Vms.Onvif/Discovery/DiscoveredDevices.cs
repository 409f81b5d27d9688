using System.Net;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Discovery;

/// <summary>A device as all its answers together tell it.</summary>
/// <param name="Address">Where the answer came from: the one address that is known to be right.</param>
/// <param name="Services">Of its device service, on that address.</param>
public sealed record DiscoveredDevice(IPAddress Address, string Endpoint, IReadOnlyList<Uri> Services, DeviceScopes Scopes);

/// <summary>
/// Puts the answers of a scan together: several probes, each answered several times, make one device. One caller at a time.
/// </summary>
/// <remarks>Devices of a series may share one name (clones with the same UUID), and one address may hold several (recorders, gateways): only both
/// together tell them apart.</remarks>
public sealed class DiscoveredDevices
{
    /// <summary>Ceiling of a scan; further ones are not taken.</summary>
    public const int MaxDevices = 8192;

    private readonly Dictionary<(IPAddress, string), DiscoveredDevice> _devices = [];

    public IReadOnlyCollection<DiscoveredDevice> All => _devices.Values;

    /// <param name="from">Sender of the answer.</param>
    /// <returns>The device when it is new, or more is known of it than before; null when it is known, or no device of this kind.</returns>
    public DiscoveredDevice? Add(IPAddress from, ProbeMatch match)
    {
        if (!match.IsOnvif)
            return null;

        var services = ServicesOf(from, match);
        var key = (from, match.Endpoint.Length > 0 ? match.Endpoint : services.FirstOrDefault()?.AbsoluteUri ?? "");
        if (!_devices.TryGetValue(key, out var known))
            return _devices.Count >= MaxDevices ? null : _devices[key] = new DiscoveredDevice(from, match.Endpoint, services, match.Scopes);

        var all = known.Services.Union(services).Take(ProbeMatch.MaxItems).ToList();
        var scopes = known.Scopes.Or(match.Scopes);
        return all.Count == known.Services.Count && scopes == known.Scopes ? null : _devices[key] = known with { Services = all, Scopes = scopes };
    }

    private static List<Uri> ServicesOf(IPAddress from, ProbeMatch match)
    {
        string host = from.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{from}]" : from.ToString();
        var usual = new Uri($"http://{host}/onvif/device_service");
        var services = new List<Uri>();
        foreach (string address in match.Addresses)
        {
            // The device has not answered HTTP yet: whichever port it tells is the best guess, also where it tells another host.
            if (Uri.TryCreate(address, UriKind.Absolute, out var told) && told.Scheme is "http" or "https"
                && ServiceAddress.Service(address, new UriBuilder(usual) { Scheme = told.Scheme, Port = told.Port }.Uri) is { } service && !services.Contains(service))
            {
                services.Add(service);
            }
        }

        if (services.Count == 0)
            services.Add(usual);
        return services;
    }
}
