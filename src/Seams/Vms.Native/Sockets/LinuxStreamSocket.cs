using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Sockets;

/// <summary>Receives from a non-blocking stream socket without .NET's per-operation bookkeeping.</summary>
[SupportedOSPlatform("linux")]
public static unsafe class LinuxStreamSocket
{
    /// <summary>Nothing there now.</summary>
    public const int WouldBlock = -1;

    /// <summary>Broken; errno is in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public const int Failed = -2;

    /// <returns>Bytes, 0 at the end of the stream, <see cref="WouldBlock"/> or <see cref="Failed"/>.</returns>
    public static int Receive(Socket socket, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                nint received = LinuxSocketCalls.recv(socket.SafeHandle, pointer, (nuint)buffer.Length, LinuxSocketCalls.MSG_DONTWAIT);
                if (received >= 0)
                    return (int)received;

                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxSocketCalls.EINTR)
                    return error == LinuxSocketCalls.EAGAIN ? WouldBlock : Failed;
            }
        }
    }
}
