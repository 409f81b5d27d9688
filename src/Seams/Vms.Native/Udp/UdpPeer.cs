using System.Buffers.Binary;

namespace Vms.Native.Udp;

/// <summary>The far end of a datagram, as a value: one is compared and hashed for every packet.</summary>
/// <param name="Address">IPv4 in the low 32 bits, or IPv6; an IPv4-mapped address is stored as IPv4.</param>
/// <param name="Port">Host order.</param>
/// <param name="IsV6">What <paramref name="Address"/> is.</param>
public readonly record struct UdpPeer(UInt128 Address, ushort Port, bool IsV6)
{
    /// <summary>Bytes of the longest socket address, sockaddr_in6.</summary>
    internal const int MaxSocketAddressLength = 28;

    private const int V4Length = 16;    // sockaddr_in
    private static readonly UInt128 s_mappedPrefix = (UInt128)0xFFFF << 32;

    /// <summary>Reads what the system wrote behind the family field: port and address have one layout everywhere.</summary>
    internal static UdpPeer FromSocketAddress(ReadOnlySpan<byte> socketAddress, bool isV6)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);
        if (!isV6)
            return new UdpPeer(BinaryPrimitives.ReadUInt32BigEndian(socketAddress[4..]), port, false);

        var address = BinaryPrimitives.ReadUInt128BigEndian(socketAddress[8..]);
        bool mapped = address >> 32 == 0xFFFF;
        return new UdpPeer(mapped ? address & uint.MaxValue : address, port, !mapped);
    }

    /// <summary>Writes everything but the family field, whose form the system decides.</summary>
    /// <param name="socketAddress">At least <see cref="MaxSocketAddressLength"/> bytes; bytes 0 and 1 are left alone.</param>
    /// <param name="v6Socket">The socket speaks IPv6 (dual stack): IPv4 peers are written mapped.</param>
    /// <returns>Length of the socket address.</returns>
    internal int WriteSocketAddress(Span<byte> socketAddress, bool v6Socket)
    {
        int length = v6Socket ? MaxSocketAddressLength : V4Length;
        socketAddress[2..length].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(socketAddress[2..], Port);
        if (v6Socket)
            BinaryPrimitives.WriteUInt128BigEndian(socketAddress[8..], IsV6 ? Address : Address | s_mappedPrefix);
        else
            BinaryPrimitives.WriteUInt32BigEndian(socketAddress[4..], (uint)Address);
        return length;
    }
}
