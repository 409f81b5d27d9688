using System.Buffers.Binary;
using System.Net;

namespace Vms.WebRtc.Ice;

/// <summary>What carries the packets of a candidate (RFC 8839 §5.1, RFC 6544).</summary>
public enum IceTransport : byte
{
    Udp = 0,
    Tcp = 1,
}

/// <summary>A remote transport address as a value: compared and hashed for every packet, so it holds no reference.</summary>
/// <param name="Address">IPv4 in the low 32 bits, or IPv6.</param>
/// <param name="Port">Host order.</param>
/// <param name="IsV6">IPv6; an IPv4-mapped address is stored as IPv4.</param>
/// <param name="Transport">UDP or TCP.</param>
public readonly record struct TransportAddress(UInt128 Address, ushort Port, bool IsV6, IceTransport Transport)
{
    public int AddressLength => IsV6 ? 16 : 4;

    /// <param name="address">4 or 16 bytes, network order.</param>
    /// <param name="port">Host order.</param>
    /// <param name="transport">UDP or TCP.</param>
    public static TransportAddress From(ReadOnlySpan<byte> address, ushort port, IceTransport transport)
    {
        if (address.Length == 4)
            return new TransportAddress(BinaryPrimitives.ReadUInt32BigEndian(address), port, false, transport);

        var value = BinaryPrimitives.ReadUInt128BigEndian(address);
        bool mapped = value >> 32 == 0xFFFF;
        return new TransportAddress(mapped ? value & uint.MaxValue : value, port, !mapped, transport);
    }

    public static TransportAddress From(IPEndPoint endPoint, IceTransport transport)
    {
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.TryWriteBytes(bytes, out int length);
        return From(bytes[..length], (ushort)endPoint.Port, transport);
    }

    /// <returns>The part of <paramref name="destination"/> written: 4 or 16 bytes, network order.</returns>
    public Span<byte> WriteAddress(Span<byte> destination)
    {
        if (IsV6)
            BinaryPrimitives.WriteUInt128BigEndian(destination, Address);
        else
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Address);
        return destination[..AddressLength];
    }

    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPEndPoint(new IPAddress(WriteAddress(bytes)), Port);
    }

    public override string ToString() =>
        $"{(Transport == IceTransport.Tcp ? "tcp" : "udp")} {ToEndPoint()}";
}
