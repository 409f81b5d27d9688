using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Udp;

/// <summary>The C library's calls for many datagrams at once, 64-bit Linux layouts. -1 means look at errno.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxUdpCalls
{
    internal const int EINTR = 4;
    internal const int EIO = 5;
    internal const int EBADF = 9;
    internal const int EAGAIN = 11;
    internal const int EINVAL = 22;
    internal const int EMSGSIZE = 90;
    internal const int ENOBUFS = 105;

    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const ushort AF_INET = 2;
    internal const ushort AF_INET6 = 10;
    internal const int SOL_UDP = 17;
    internal const int UDP_SEGMENT = 103;
    internal const short POLLIN = 1;
    internal const short POLLOUT = 4;

    /// <summary>Number of messages sent; the error of a later one comes with the next call.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sendmmsg(SafeSocketHandle socket, MultiMessage* messages, uint count, int flags);

    /// <summary>Number of messages received.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int recvmmsg(SafeSocketHandle socket, MultiMessage* messages, uint count, int flags, nint timeout);

    /// <summary>Number of ready descriptors, 0 after the time-out.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    /// <summary>struct mmsghdr: a msghdr, which is padded to 56 bytes, and the length transferred.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    internal struct MultiMessage
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Transferred;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct cmsghdr with the 16-bit segment length of UDP_SEGMENT, padded to CMSG_SPACE(2).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    internal struct SegmentControl
    {
        /// <summary>CMSG_LEN(2).</summary>
        public const int UsedLength = 18;

        public nuint Length;
        public int Level;
        public int Type;
        public ushort SegmentLength;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
