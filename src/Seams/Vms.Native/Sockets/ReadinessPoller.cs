using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Sockets;

/// <summary>What a socket is ready for.</summary>
[Flags]
public enum Readiness
{
    None = 0,
    Readable = 1,
    Writable = 2,

    /// <summary>Error or hang-up; a read tells which.</summary>
    Broken = 4,
}

/// <summary>
/// An own epoll instance with a wake-up (Linux). .NET's sockets share one engine that wakes a thread-pool thread per arrival;
/// a thread that looks after many sockets by itself costs a fraction of that (docs/design/ingest.md).
/// </summary>
/// <remarks>
/// Sockets must be non-blocking and never used with an asynchronous call of .NET, which would put them on the shared engine as
/// well. Level-triggered. <see cref="Wait"/>, <see cref="Add"/> and <see cref="Remove"/> belong to one thread, <see cref="Wake"/>
/// to any.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe class ReadinessPoller : IDisposable
{
    private const int MaxEvents = 256;      // more than that come with the next call
    private const ulong WakeToken = ulong.MaxValue;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int s_stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = s_stride - sizeof(ulong);

    private readonly LinuxDescriptor _epoll;
    private readonly LinuxDescriptor _wake;
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * 16, pinned: true);

    public ReadinessPoller()
    {
        _epoll = Open(LinuxSocketCalls.epoll_create1(LinuxSocketCalls.EPOLL_CLOEXEC), "epoll_create1");
        _wake = Open(LinuxSocketCalls.eventfd(0, LinuxSocketCalls.EFD_CLOEXEC | LinuxSocketCalls.EFD_NONBLOCK), "eventfd");
        Control(LinuxSocketCalls.EPOLL_CTL_ADD, (int)_wake.DangerousGetHandle(), LinuxSocketCalls.EPOLLIN, WakeToken);
    }

    /// <param name="token">Comes back with each event; any value but <see cref="ulong.MaxValue"/>.</param>
    /// <param name="connecting">Waits for the connection to stand (writable) instead of for bytes.</param>
    public void Add(Socket socket, ulong token, bool connecting) =>
        Control(LinuxSocketCalls.EPOLL_CTL_ADD, Descriptor(socket), Interest(connecting), token);

    public void Change(Socket socket, ulong token, bool connecting) =>
        Control(LinuxSocketCalls.EPOLL_CTL_MOD, Descriptor(socket), Interest(connecting), token);

    /// <summary>What the socket is watched for from now on; an error is told in any case.</summary>
    /// <param name="readiness">None, readable or writable.</param>
    public void Watch(Socket socket, ulong token, Readiness readiness) =>
        Control(LinuxSocketCalls.EPOLL_CTL_MOD, Descriptor(socket), readiness == Readiness.None ? 0 : Interest(readiness == Readiness.Writable), token);

    /// <summary>Before the socket is closed.</summary>
    public void Remove(Socket socket) => Control(LinuxSocketCalls.EPOLL_CTL_DEL, Descriptor(socket), 0, 0);

    /// <summary>Blocks until something is ready, somebody calls <see cref="Wake"/>, or the time is over. Then ask
    /// <see cref="Event"/> for 0 up to the result.</summary>
    public int Wait(TimeSpan timeout)
    {
        fixed (byte* events = _events)
        {
            int count = LinuxSocketCalls.epoll_wait(_epoll, events, MaxEvents, (int)timeout.TotalMilliseconds);
            if (count < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != LinuxSocketCalls.EINTR)
                    throw new Win32Exception(error, "epoll_wait");
                count = 0;
            }

            return count;
        }
    }

    /// <summary>False for the wake-up, which is no socket's event.</summary>
    public bool Event(int index, out ulong token, out Readiness readiness)
    {
        var one = _events.AsSpan(index * s_stride, s_stride);
        uint mask = MemoryMarshal.Read<uint>(one);
        token = MemoryMarshal.Read<ulong>(one[s_dataOffset..]);
        readiness = Readiness.None;
        if (token == WakeToken)
        {
            ulong count;
            _ = LinuxSocketCalls.read(_wake, &count, sizeof(ulong));
            return false;
        }

        if ((mask & (LinuxSocketCalls.EPOLLIN | LinuxSocketCalls.EPOLLRDHUP)) != 0)
            readiness |= Readiness.Readable;
        if ((mask & LinuxSocketCalls.EPOLLOUT) != 0)
            readiness |= Readiness.Writable;
        if ((mask & (LinuxSocketCalls.EPOLLERR | LinuxSocketCalls.EPOLLHUP)) != 0)
            readiness |= Readiness.Broken;
        return true;
    }

    /// <summary>Makes the current or next <see cref="Wait"/> return. Any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = LinuxSocketCalls.write(_wake, &one, sizeof(ulong));     // EAGAIN: a wake-up is pending anyway
    }

    /// <summary>Lets bytes gather: one pass over 2 ms of packets costs little more than one over a single packet.</summary>
    public static void Nap(TimeSpan duration)
    {
        var time = new LinuxSocketCalls.TimeSpecification { Nanoseconds = duration.Ticks * 100 };
        _ = LinuxSocketCalls.nanosleep(&time, null);
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private static uint Interest(bool connecting) =>
        connecting ? LinuxSocketCalls.EPOLLOUT : LinuxSocketCalls.EPOLLIN | LinuxSocketCalls.EPOLLRDHUP;

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private static LinuxDescriptor Open(int descriptor, string call) =>
        descriptor >= 0 ? new(descriptor) : throw new Win32Exception(Marshal.GetLastPInvokeError(), call);

    private void Control(int operation, int descriptor, uint interest, ulong token)
    {
        Span<byte> one = stackalloc byte[16];
        MemoryMarshal.Write(one, interest);
        MemoryMarshal.Write(one[s_dataOffset..], token);
        fixed (byte* pointer = one)
        {
            if (LinuxSocketCalls.epoll_ctl(_epoll, operation, descriptor, pointer) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_ctl");
        }
    }
}
