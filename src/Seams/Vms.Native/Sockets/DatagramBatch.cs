using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Sockets;

/// <summary>
/// Receives up to <see cref="Capacity"/> datagrams with one call (recvmmsg, Linux). One per receiving thread, for all of its
/// sockets: memory that no datagram ever used is never touched. One caller at a time.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class DatagramBatch : IDisposable
{
    public const int Capacity = 32;

    /// <summary>The largest UDP payload: some cameras send RTP packets of 10,000 bytes.</summary>
    private const int SlotBytes = 65536;

    private const int AddressBytes = 28;        // sockaddr_in6
    private const ushort AddressFamilyV4 = 2;   // AF_INET
    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    private readonly byte* _slots;
    private readonly byte* _addresses;
    private readonly LinuxSocketCalls.IoVector* _vectors;
    private readonly LinuxSocketCalls.MessageHeader* _headers;
    private bool _disposed;

    public DatagramBatch()
    {
        _slots = (byte*)NativeMemory.Alloc(Capacity, SlotBytes);
        _addresses = (byte*)NativeMemory.AllocZeroed(Capacity, AddressBytes);
        _vectors = (LinuxSocketCalls.IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxSocketCalls.IoVector));
        _headers = (LinuxSocketCalls.MessageHeader*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxSocketCalls.MessageHeader));
        for (int i = 0; i < Capacity; i++)
        {
            _vectors[i] = new() { Base = _slots + ((long)i * SlotBytes), Length = SlotBytes };
            _headers[i] = new() { Name = _addresses + (i * AddressBytes), Vectors = _vectors + i, VectorCount = 1 };
        }
    }

    /// <returns>How many came, 0 when nothing is there now, -1 when the socket is broken (errno in
    /// <see cref="Marshal.GetLastPInvokeError"/>).</returns>
    public int Receive(Socket socket)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (int i = 0; i < Capacity; i++)
            _headers[i].NameLength = AddressBytes;

        while (true)
        {
            int count = LinuxSocketCalls.recvmmsg(socket.SafeHandle, _headers, Capacity, LinuxSocketCalls.MSG_DONTWAIT, null);
            if (count >= 0)
                return count;

            int error = Marshal.GetLastPInvokeError();
            if (error != LinuxSocketCalls.EINTR)
                return error == LinuxSocketCalls.EAGAIN ? 0 : -1;
        }
    }

    /// <summary>Borrowed until the next <see cref="Receive"/>.</summary>
    public ReadOnlySpan<byte> Datagram(int index) => new(_slots + ((long)index * SlotBytes), (int)_headers[index].Received);

    /// <summary>Who sent it: 4 or 16 bytes, an IPv4 address mapped into IPv6 as 4. Borrowed until the next <see cref="Receive"/>.</summary>
    public ReadOnlySpan<byte> SourceAddress(int index)
    {
        var address = new ReadOnlySpan<byte>(_addresses + (index * AddressBytes), AddressBytes);
        if (MemoryMarshal.Read<ushort>(address) == AddressFamilyV4)
            return address.Slice(4, 4);

        var v6 = address.Slice(8, 16);
        return v6.StartsWith(MappedPrefix) ? v6[12..] : v6;
    }

    public int SourcePort(int index) =>
        BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(_addresses + (index * AddressBytes) + 2, 2));

    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        NativeMemory.Free(_slots);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_headers);
    }
}
