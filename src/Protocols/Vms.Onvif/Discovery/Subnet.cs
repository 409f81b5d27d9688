using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vms.Onvif.Discovery;

/// <summary>A range of IPv4 addresses to be asked one by one: <c>192.168.1.0/24</c>, or one address.</summary>
public sealed record Subnet
{
    /// <summary>Shortest prefix: 4,096 addresses. A larger network takes several scans.</summary>
    public const int MinPrefix = 20;

    private readonly uint _first;

    private Subnet(uint first, int prefix) => (_first, Prefix) = (first, prefix);

    public int Prefix { get; }

    /// <summary>Addresses of hosts: without those of the network and of its broadcast, where it has such.</summary>
    public int Count => Prefix >= 31 ? 1 << (32 - Prefix) : (1 << (32 - Prefix)) - 2;

    /// <param name="text">An address with or without a prefix length; bits behind the prefix do not matter.</param>
    /// <returns>False for what is none, what is larger than <see cref="MinPrefix"/> allows, and what holds no hosts (0.0.0.0/8, multicast, reserved).</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Subnet? subnet)
    {
        subnet = null;
        string[] parts = (text ?? "").Trim().Split('/');
        int prefix = 32;
        if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix)))
            return false;
        if (prefix is < MinPrefix or > 32 || !IsDotted(parts[0]) || !IPAddress.TryParse(parts[0], out var address) || address.AddressFamily != AddressFamily.InterNetwork)
            return false;

        uint first = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) & (uint)(-1L << (32 - prefix));
        if (first >> 24 is 0 or >= 224)
            return false;
        subnet = new Subnet(first, prefix);
        return true;
    }

    public IEnumerable<IPAddress> Hosts()
    {
        uint first = Prefix >= 31 ? _first : _first + 1;
        byte[] bytes = new byte[4];
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, first + (uint)i);
            yield return new IPAddress(bytes);
        }
    }

    public override string ToString()
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _first);
        return $"{new IPAddress(bytes)}/{Prefix.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Four numbers: <see cref="IPAddress"/> also takes "1" and "0x7f.1".</summary>
    private static bool IsDotted(string text) => text.Length <= 15 && text.Count(c => c == '.') == 3 && text.All(c => c == '.' || char.IsAsciiDigit(c));
}
