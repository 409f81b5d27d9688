using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Processes;

/// <summary>A job object per child, ended with our handle: nothing outlives the supervisor. Never run so far (docs/ref/platforms.md).</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsJobLimiter : ChildLimiter
{
    private const uint LimitProcessMemory = 0x100;
    private const uint LimitKillOnJobClose = 0x2000;
    private const int ExtendedLimitInformation = 9;

    private readonly List<SafeFileHandle> _jobs = [];

    public override string Apply(Process process, ChildLimits limits)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(limits);
        var job = CreateJobObjectW(0, 0);
        if (job.IsInvalid)
            return $"no job object ({new Win32Exception().Message})";
        _jobs.Add(job);
        var information = new JobObjectExtendedLimitInformation();
        information.Basic.LimitFlags = LimitKillOnJobClose | (limits.MemoryBytes is null ? 0 : LimitProcessMemory);
        information.ProcessMemoryLimit = (nuint)(limits.MemoryBytes ?? 0);
        if (!SetInformationJobObject(job, ExtendedLimitInformation, ref information, (uint)Marshal.SizeOf<JobObjectExtendedLimitInformation>())
            || !AssignProcessToJobObject(job, process.SafeHandle))
            return $"job object not applied ({new Win32Exception().Message})";
        process.PriorityClass = limits.Nice >= 10 ? ProcessPriorityClass.Idle
            : limits.Nice > 0 ? ProcessPriorityClass.BelowNormal : ProcessPriorityClass.Normal;
        return $"job object, kill on close, memory {limits.MemoryBytes?.ToString() ?? "unlimited"}, priority {process.PriorityClass}";
    }

    public override void Dispose()
    {
        foreach (var job in _jobs)
            job.Dispose();
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial SafeFileHandle CreateJobObjectW(nint attributes, nint name);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(SafeFileHandle job, int kind, ref JobObjectExtendedLimitInformation information, uint length);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AssignProcessToJobObject(SafeFileHandle job, SafeProcessHandle process);

    [StructLayout(LayoutKind.Sequential)]
    private struct JobObjectBasicLimitInformation
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint LimitFlags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct JobObjectExtendedLimitInformation
    {
        public JobObjectBasicLimitInformation Basic;
        public ulong ReadOperationCount;
        public ulong WriteOperationCount;
        public ulong OtherOperationCount;
        public ulong ReadTransferCount;
        public ulong WriteTransferCount;
        public ulong OtherTransferCount;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }
}
