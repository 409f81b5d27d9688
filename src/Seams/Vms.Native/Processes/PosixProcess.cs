using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Processes;

/// <summary>Numbers of the signals we send.</summary>
public static class PosixSignalNumber
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Terminate = 15;
}

/// <summary>The few process calls that .NET does not have on Linux.</summary>
[SupportedOSPlatform("linux")]
public static partial class PosixProcess
{
    private const int PrioProcess = 0;
    private const int ErrnoNoSuchProcess = 3;

    // <sys/resource.h>, x86-64 and arm64
    private const int FileSize = 1;
    private const int CoreSize = 4;
    private const int AddressSpace = 9;

    /// <summary>Starts a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone. Does nothing when the
    /// process leads one already.</summary>
    public static void StartSession() => _ = setsid();

    /// <returns>False when no such process is there (any more).</returns>
    public static bool Signal(int pid, int signal) => kill(pid, signal) == 0 || Marshal.GetLastPInvokeError() != ErrnoNoSuchProcess;

    /// <summary>Lowers (positive) or raises (negative, needs privilege) the scheduling priority. False when not permitted.</summary>
    public static bool SetNice(int pid, int nice) => setpriority(PrioProcess, pid, nice) == 0;

    /// <summary>Takes from another process of ours the writing of large files and of core dumps, and address space beyond a ceiling. As far as permitted.</summary>
    /// <param name="addressSpaceBytes">Null for no ceiling.</param>
    /// <param name="fileBytes">Ceiling for each file; 0: it writes none.</param>
    public static void Confine(int pid, long? addressSpaceBytes, long fileBytes)
    {
        Limit(pid, FileSize, (ulong)fileBytes);
        Limit(pid, CoreSize, 0);
        if (addressSpaceBytes is { } bytes)
            Limit(pid, AddressSpace, (ulong)bytes);
    }

    private static unsafe void Limit(int pid, int resource, ulong value)
    {
        var limit = (Soft: value, Hard: value);
        _ = prlimit(pid, resource, &limit, null);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int prlimit(int pid, int resource, (ulong Soft, ulong Hard)* limit, (ulong Soft, ulong Hard)* before);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, int who, int priority);
}
