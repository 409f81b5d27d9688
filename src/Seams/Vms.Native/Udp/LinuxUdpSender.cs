using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Udp;

/// <summary>sendmmsg with segmentation offload.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxUdpSender : UdpSender
{
    private const int Capacity = 256;       // messages a call
    private readonly SafeSocketHandle _socket;
    private readonly bool _v6;
    private readonly LinuxUdpCalls.MultiMessage* _headers;
    private readonly LinuxUdpCalls.IoVector* _vectors;
    private readonly LinuxUdpCalls.SegmentControl* _controls;
    private readonly byte* _addresses;
    private bool _disposed;

    public LinuxUdpSender(UdpMediaSocket socket)
    {
        _socket = socket.Socket.SafeHandle;
        _v6 = socket.IsV6;
        _headers = (LinuxUdpCalls.MultiMessage*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxUdpCalls.MultiMessage));
        _vectors = (LinuxUdpCalls.IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxUdpCalls.IoVector));
        _controls = (LinuxUdpCalls.SegmentControl*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxUdpCalls.SegmentControl));
        _addresses = (byte*)NativeMemory.AllocZeroed(Capacity, UdpPeer.MaxSocketAddressLength);
        for (int i = 0; i < Capacity; i++)
        {
            _headers[i].Vectors = _vectors + i;
            _headers[i].VectorCount = 1;
            _headers[i].Name = _addresses + i * UdpPeer.MaxSocketAddressLength;
            _controls[i].Length = LinuxUdpCalls.SegmentControl.UsedLength;
            _controls[i].Level = LinuxUdpCalls.SOL_UDP;
            _controls[i].Type = LinuxUdpCalls.UDP_SEGMENT;
        }
    }

    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_addresses);
    }

    protected override void Send(Span<UdpMessage> messages)
    {
        for (int i = 0; i < messages.Length; i++)
            Describe(i, messages[i]);

        bool mayWait = true;
        for (int next = 0; next < messages.Length;)
        {
            int sent = SendFrom(next, messages.Length - next, out int error);
            if (sent > 0)
            {
                next += sent;
                continue;
            }

            if (error == LinuxUdpCalls.EINTR)
                continue;
            if (error is LinuxUdpCalls.EAGAIN or LinuxUdpCalls.ENOBUFS && mayWait)
            {
                mayWait = false;        // once a flush: the other viewers wait behind this one
                WaitWritable();
                continue;
            }

            ref var message = ref messages[next];
            message.Outcome = error switch
            {
                LinuxUdpCalls.EAGAIN or LinuxUdpCalls.ENOBUFS => UdpSendOutcome.WouldBlock,
                LinuxUdpCalls.EIO or LinuxUdpCalls.EINVAL or LinuxUdpCalls.EMSGSIZE when message.Packets > 1 =>
                    SendUnsegmented(next, message),
                _ => UdpSendOutcome.Refused,
            };
            next++;
        }
    }

    private int SendFrom(int first, int count, out int error)
    {
        error = 0;
        try
        {
            int sent = LinuxUdpCalls.sendmmsg(
                _socket, _headers + first, (uint)count, LinuxUdpCalls.MSG_DONTWAIT | LinuxUdpCalls.MSG_NOSIGNAL);
            if (sent < 0)
                error = Marshal.GetLastPInvokeError();
            return sent;
        }
        catch (ObjectDisposedException)
        {
            error = LinuxUdpCalls.EBADF;        // stopping
            return -1;
        }
    }

    private void Describe(int slot, in UdpMessage message)
    {
        var address = new Span<byte>(_headers[slot].Name, UdpPeer.MaxSocketAddressLength);
        _headers[slot].NameLength = (uint)message.Peer.WriteSocketAddress(address, _v6);
        *(ushort*)_headers[slot].Name = _v6 ? LinuxUdpCalls.AF_INET6 : LinuxUdpCalls.AF_INET;
        SetRange(slot, message.Offset, message.Length);
        bool segmented = message.Packets > 1;
        _controls[slot].SegmentLength = (ushort)message.SegmentLength;
        _headers[slot].Control = segmented ? _controls + slot : null;
        _headers[slot].ControlLength = segmented ? (nuint)sizeof(LinuxUdpCalls.SegmentControl) : 0;
    }

    private void SetRange(int slot, int offset, int length)
    {
        var bytes = Bytes(offset, length);
        _vectors[slot].Base = Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));      // pinned for life
        _vectors[slot].Length = (nuint)length;
    }

    /// <summary>The device towards this peer cannot cut packets: they go one by one.</summary>
    private UdpSendOutcome SendUnsegmented(int slot, in UdpMessage message)
    {
        _headers[slot].Control = null;
        _headers[slot].ControlLength = 0;
        for (int at = 0; at < message.Length; at += message.SegmentLength)
        {
            SetRange(slot, message.Offset + at, Math.Min(message.SegmentLength, message.Length - at));
            if (SendFrom(slot, 1, out int error) < 1)
                return error is LinuxUdpCalls.EAGAIN or LinuxUdpCalls.ENOBUFS ? UdpSendOutcome.WouldBlock : UdpSendOutcome.Refused;
        }

        return UdpSendOutcome.SentUnsegmented;
    }

    private void WaitWritable()
    {
        if (_socket.IsClosed)
            return;
        var descriptor = new LinuxUdpCalls.PollDescriptor
        {
            Descriptor = (int)_socket.DangerousGetHandle(),
            Events = LinuxUdpCalls.POLLOUT,
        };
        _ = LinuxUdpCalls.poll(&descriptor, 1, (int)MaxWait.TotalMilliseconds);
    }
}
