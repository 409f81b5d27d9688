using Vms.Onvif.Discovery;

namespace Vms.Control.Features.Discovery;

/// <summary>What a scan has found: the state, and in the end the result, of its job.</summary>
internal sealed record ScanFindings(string? Subnet, IReadOnlyList<FoundDevice> Devices)
{
    public int Found => Devices.Count;
}

/// <param name="Ip">Where its answer came from.</param>
/// <param name="Endpoint">Its name in discovery: one address may hold several.</param>
/// <param name="Xaddrs">Of its device service.</param>
/// <param name="SeenAt">When it answered last.</param>
internal sealed record FoundDevice(string Ip, string Endpoint, IReadOnlyList<string> Xaddrs, string Name, string? Model, string? Mac, DateTimeOffset SeenAt)
{
    private const int MaxXaddrs = 4;

    /// <summary>Characters of an address or a name in discovery; a longer one is none that a device would use.</summary>
    private const int MaxText = 256;

    public static FoundDevice Of(DiscoveredDevice device, DateTimeOffset seenAt)
    {
        var ip = device.Address.ToString();
        return new FoundDevice(
            ip, device.Endpoint.Length <= MaxText ? device.Endpoint : device.Endpoint[..MaxText],
            [.. device.Services.Select(s => s.AbsoluteUri).Where(x => x.Length <= MaxText).Take(MaxXaddrs)],
            device.Scopes.Name ?? device.Scopes.Hardware ?? ip, device.Scopes.Hardware, device.Scopes.Mac, seenAt);
    }
}

/// <summary>Those of a scan while it goes on: filled by the scan, read by who saves it. Any thread.</summary>
internal sealed class FoundDevices(string? subnet)
{
    /// <summary>All are in one row, which is written again while they come.</summary>
    public const int MaxDevices = 2048;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Ip, string Endpoint), FoundDevice> _devices = [];
    private long _done;
    private long _total;

    public ScanFindings Findings
    {
        get
        {
            lock (_gate)
                return new ScanFindings(subnet, [.. _devices.Values]);
        }
    }

    /// <summary>Questions that were sent.</summary>
    public long Done => Interlocked.Read(ref _done);

    public long? Total => Interlocked.Read(ref _total) is > 0 and var total ? total : null;

    /// <summary>Found by an earlier scan, or before a restart.</summary>
    public void Keep(FoundDevice device)
    {
        lock (_gate)
        {
            if (_devices.Count < MaxDevices || _devices.ContainsKey((device.Ip, device.Endpoint)))
                _devices[(device.Ip, device.Endpoint)] = device;
        }
    }

    /// <summary>It answered. One that is found now counts for more than one of an earlier scan.</summary>
    public void Add(DiscoveredDevice device, DateTimeOffset seenAt)
    {
        var found = FoundDevice.Of(device, seenAt);
        lock (_gate)
        {
            if (_devices.Count >= MaxDevices && !_devices.ContainsKey((found.Ip, found.Endpoint)))
                _devices.Remove(_devices.MinBy(d => d.Value.SeenAt).Key);
            _devices[(found.Ip, found.Endpoint)] = found;
        }
    }

    public void Asked(long done, long total)
    {
        Interlocked.Exchange(ref _done, done);
        Interlocked.Exchange(ref _total, total);
    }
}
