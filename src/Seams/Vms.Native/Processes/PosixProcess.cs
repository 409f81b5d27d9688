using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Processes;

/// <summary>Numbers of the signals we send.</summary>
public static class PosixSignalNumber
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
}

/// <summary>The few process calls that .NET does not have on Linux.</summary>
[SupportedOSPlatform("linux")]
public static partial class PosixProcess
{
    private const int PrioProcess = 0;
    private const int ErrnoNoSuchProcess = 3;

    /// <summary>Starts a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone. Does nothing when the
    /// process leads one already.</summary>
    public static void StartSession() => _ = setsid();

    /// <returns>False when no such process is there (any more).</returns>
    public static bool Signal(int pid, int signal) => kill(pid, signal) == 0 || Marshal.GetLastPInvokeError() != ErrnoNoSuchProcess;

    /// <summary>Lowers (positive) or raises (negative, needs privilege) the scheduling priority. False when not permitted.</summary>
    public static bool SetNice(int pid, int nice) => setpriority(PrioProcess, pid, nice) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, int who, int priority);
}
