using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Sockets;

/// <summary>Receives from a stream socket without .NET's per-operation bookkeeping.</summary>
[SupportedOSPlatform("linux")]
public static unsafe class LinuxStreamSocket
{
    /// <summary>Nothing there now.</summary>
    public const int WouldBlock = -1;

    /// <summary>Broken; errno is in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public const int Failed = -2;

    /// <returns>Bytes, 0 at the end of the stream, <see cref="WouldBlock"/> or <see cref="Failed"/>.</returns>
    public static int Receive(Socket socket, Span<byte> buffer) => Receive(socket, buffer, 0);

    /// <summary>As <see cref="Receive(Socket, Span{byte})"/>, and the bytes stay there for whoever reads next.</summary>
    public static int Peek(Socket socket, Span<byte> buffer) => Receive(socket, buffer, LinuxSocketCalls.MSG_PEEK);

    /// <summary>Takes bytes that have been peeked at.</summary>
    public static int Skip(Socket socket, int bytes)
    {
        while (true)
        {
            // MSG_TRUNC on a stream (tcp(7)): thrown away without a copy.
            nint received = LinuxSocketCalls.recv(socket.SafeHandle, null, (nuint)bytes, LinuxSocketCalls.MSG_DONTWAIT | LinuxSocketCalls.MSG_TRUNC);
            if (received >= 0)
                return (int)received;
            if (Marshal.GetLastPInvokeError() != LinuxSocketCalls.EINTR)
                return Failed;
        }
    }

    private static int Receive(Socket socket, Span<byte> buffer, int flags)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                nint received = LinuxSocketCalls.recv(socket.SafeHandle, pointer, (nuint)buffer.Length, LinuxSocketCalls.MSG_DONTWAIT | flags);
                if (received >= 0)
                    return (int)received;

                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxSocketCalls.EINTR)
                    return error == LinuxSocketCalls.EAGAIN ? WouldBlock : Failed;
            }
        }
    }
}
