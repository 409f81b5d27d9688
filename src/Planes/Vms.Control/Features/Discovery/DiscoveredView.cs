using Vms.Onvif.Discovery;

namespace Vms.Control.Features.Discovery;

/// <summary>A device that answered a scan.</summary>
/// <param name="Ip">Where its answer came from.</param>
/// <param name="Xaddrs">Of its device service.</param>
/// <param name="Name">For people: maker and model, or what somebody called it.</param>
/// <param name="Known">A camera of yours has this address.</param>
/// <param name="LastSeenAt">When it answered last; an earlier scan's where this one has not heard of it.</param>
internal sealed record DiscoveredView(string Ip, IReadOnlyList<string> Xaddrs, string Name, string? Model, string? Mac, bool Known, DateTimeOffset LastSeenAt)
{
    public static DiscoveredView Of(DiscoveredDevice device, DateTimeOffset seenAt, IReadOnlySet<string> knownHosts)
    {
        var ip = device.Address.ToString();
        return new DiscoveredView(
            ip, [.. device.Services.Select(s => s.AbsoluteUri)], device.Scopes.Name ?? device.Scopes.Hardware ?? ip, device.Scopes.Hardware, device.Scopes.Mac,
            knownHosts.Contains(ip), seenAt);
    }
}

/// <param name="State">running, done, or failed.</param>
/// <param name="Error">Of a failed one.</param>
internal sealed record ScanView(string ScanId, string State, string? Subnet, DateTimeOffset StartedAt, string? Error, IReadOnlyList<DiscoveredView> Devices);
