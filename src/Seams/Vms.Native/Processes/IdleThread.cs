using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.Native.Processes;

/// <summary>Work that everything else on the machine goes before: for the processor, and on Linux for the disk, too.</summary>
public static partial class IdleThread
{
    private const int LowestNice = 19;
    private const int ModestNice = 10;

    // <linux/ioprio.h>
    private const int OfThread = 1;             // IOPRIO_WHO_PROCESS: a thread, to the kernel
    private const int IdleClass = 3 << 13;      // IOPRIO_CLASS_IDLE: only when nobody else wants the disk

    /// <summary>Runs blocking work on a thread of its own.</summary>
    /// <returns>Its result, or its exception.</returns>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(work, done)) { IsBackground = true, Name = "idle" };
        thread.Start();
        return done.Task;
    }

    /// <summary>Everything else on the machine goes before what the calling thread computes from now on, but it is not starved. As far as permitted;
    /// not to be called on a thread that others use later.</summary>
    public static void LetOthersGoFirst()
    {
        if (OperatingSystem.IsLinux())
            PosixProcess.SetNice(0, ModestNice);
        else
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    private static void Run<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            GiveWay();
            done.SetResult(work());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    /// <summary>As far as permitted; the thread ends with the work, so nothing is put back.</summary>
    private static void GiveWay()
    {
        if (OperatingSystem.IsLinux())
        {
            // To the kernel a thread is a process; 0 is the caller.
            PosixProcess.SetNice(0, LowestNice);
            SetIdleDisk();
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }
    }

    [SupportedOSPlatform("linux")]
    private static void SetIdleDisk()
    {
        // The C library has no function for it.
        nint? number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 251,
            Architecture.Arm64 => 30,
            _ => null,
        };
        if (number is { } ioprioSet)
            _ = syscall(ioprioSet, OfThread, 0, IdleClass);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint which, nint who, nint priority);
}
