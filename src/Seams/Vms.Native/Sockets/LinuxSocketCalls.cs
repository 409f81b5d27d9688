using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Sockets;

/// <summary>The socket calls of Linux that .NET has no cheap form of. Native names; -1 means look at errno.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxSocketCalls
{
    private const string Library = "libc";

    internal const int EINTR = 4;
    internal const int EAGAIN = 11;

    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const uint EPOLLIN = 0x001;
    internal const uint EPOLLOUT = 0x004;
    internal const uint EPOLLERR = 0x008;
    internal const uint EPOLLHUP = 0x010;
    internal const uint EPOLLRDHUP = 0x2000;

    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    internal const int MSG_PEEK = 0x02;
    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;

    /// <summary>Returns a new descriptor; the handle closes it.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_ctl(LinuxDescriptor epoll, int operation, int descriptor, byte* epollEvent);

    /// <summary>Number of events, 0 after the time-out.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_wait(LinuxDescriptor epoll, byte* events, int maxEvents, int timeoutMs);

    /// <summary>Returns a new descriptor; the handle closes it.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int eventfd(uint initialValue, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint read(LinuxDescriptor descriptor, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint write(LinuxDescriptor descriptor, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int close(int descriptor);

    /// <summary>Bytes received, 0 at the end of the stream.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint recv(SafeSocketHandle socket, void* buffer, nuint length, int flags);

    /// <summary>Bytes sent. The last field of the header is not the kernel's.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint sendmsg(SafeSocketHandle socket, MessageHeader* message, int flags);

    /// <summary>Number of datagrams received.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int recvmmsg(SafeSocketHandle socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library)]
    internal static partial int nanosleep(TimeSpecification* duration, TimeSpecification* remaining);

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr of 64-bit Linux: a msghdr and the length received.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public long Flags;          // an int and the padding at the end of msghdr
        public uint Received;
    }
}

/// <summary>A descriptor of the kernel that is not a socket of .NET.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxDescriptor : SafeHandle
{
    internal LinuxDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    protected override bool ReleaseHandle() => LinuxSocketCalls.close((int)handle) == 0;
}
