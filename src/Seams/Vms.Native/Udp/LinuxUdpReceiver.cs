using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Udp;

/// <summary>recvmmsg: up to 32 datagrams a call.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxUdpReceiver : UdpReceiver
{
    private readonly SafeSocketHandle _socket;
    private readonly bool _v6;
    private readonly LinuxUdpCalls.MultiMessage* _messages;
    private readonly LinuxUdpCalls.IoVector* _vectors;
    private readonly byte* _addresses;
    private bool _disposed;

    public LinuxUdpReceiver(UdpMediaSocket socket)
    {
        _socket = socket.Socket.SafeHandle;
        _v6 = socket.IsV6;
        _messages = (LinuxUdpCalls.MultiMessage*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxUdpCalls.MultiMessage));
        _vectors = (LinuxUdpCalls.IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxUdpCalls.IoVector));
        _addresses = (byte*)NativeMemory.AllocZeroed(Capacity, UdpPeer.MaxSocketAddressLength);
        for (int i = 0; i < Capacity; i++)
        {
            _vectors[i] = new LinuxUdpCalls.IoVector
            {
                Base = Unsafe.AsPointer(ref MemoryMarshal.GetReference(Slot(i))),   // pinned for life
                Length = MaxDatagramLength,
            };
            _messages[i].Vectors = _vectors + i;
            _messages[i].VectorCount = 1;
            _messages[i].Name = _addresses + i * UdpPeer.MaxSocketAddressLength;
        }
    }

    public override int Receive(TimeSpan timeout)
    {
        if (!WaitReadable(timeout, out bool closed))
            return closed ? -1 : 0;

        for (int i = 0; i < Capacity; i++)
            _messages[i].NameLength = UdpPeer.MaxSocketAddressLength;

        int count;
        try
        {
            count = LinuxUdpCalls.recvmmsg(_socket, _messages, Capacity, LinuxUdpCalls.MSG_DONTWAIT, 0);
        }
        catch (ObjectDisposedException)
        {
            return -1;
        }

        if (count < 0)
            return Marshal.GetLastPInvokeError() == LinuxUdpCalls.EBADF ? -1 : 0;

        for (int i = 0; i < count; i++)
        {
            Lengths[i] = (int)_messages[i].Transferred;
            Peers[i] = UdpPeer.FromSocketAddress(
                new ReadOnlySpan<byte>(_messages[i].Name, UdpPeer.MaxSocketAddressLength), _v6);
        }

        return count;
    }

    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_addresses);
    }

    private bool WaitReadable(TimeSpan timeout, out bool closed)
    {
        closed = _socket.IsClosed;
        if (closed)
            return false;

        var descriptor = new LinuxUdpCalls.PollDescriptor
        {
            Descriptor = (int)_socket.DangerousGetHandle(),
            Events = LinuxUdpCalls.POLLIN,
        };
        return LinuxUdpCalls.poll(&descriptor, 1, (int)timeout.TotalMilliseconds) > 0;
    }
}
