using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Sockets;

/// <summary>Sends pieces of memory that lie apart with one system call, without putting them together first. Reusable; one thread.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class GatheredSend : IDisposable
{
    private const int Capacity = 64;

    private readonly MemoryHandle[] _pins = new MemoryHandle[Capacity];
    private LinuxSocketCalls.IoVector* _vectors =
        (LinuxSocketCalls.IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(LinuxSocketCalls.IoVector));

    private int _count;

    /// <summary>Takes one more piece, until it is sent.</summary>
    /// <returns>False when there are as many as one call takes.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> piece)
    {
        if (_count == Capacity)
            return false;
        _pins[_count] = piece.Pin();
        _vectors[_count] = new LinuxSocketCalls.IoVector { Base = _pins[_count].Pointer, Length = (nuint)piece.Length };
        _count++;
        return true;
    }

    /// <summary>Sends as much as the socket takes now, and forgets the pieces.</summary>
    /// <returns>Bytes, <see cref="LinuxStreamSocket.WouldBlock"/> or <see cref="LinuxStreamSocket.Failed"/>.</returns>
    public int Send(Socket socket)
    {
        var message = new LinuxSocketCalls.MessageHeader { Vectors = _vectors, VectorCount = (nuint)_count };
        try
        {
            while (true)
            {
                nint sent = LinuxSocketCalls.sendmsg(socket.SafeHandle, &message, LinuxSocketCalls.MSG_DONTWAIT | LinuxSocketCalls.MSG_NOSIGNAL);
                if (sent >= 0)
                    return (int)sent;

                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxSocketCalls.EINTR)
                    return error == LinuxSocketCalls.EAGAIN ? LinuxStreamSocket.WouldBlock : LinuxStreamSocket.Failed;
            }
        }
        finally
        {
            for (int i = 0; i < _count; i++)
                _pins[i].Dispose();
            _count = 0;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_vectors);
        _vectors = null;
    }
}
