namespace Vms.Native.Processes;

/// <summary>What a child process may take of the machine.</summary>
/// <param name="Name">Names the control group or the log line.</param>
/// <param name="CpuWeight">Share under contention, 1..10000; 100 is normal (cgroup v2's scale).</param>
/// <param name="MemoryBytes">The process is ended above this; null for no limit.</param>
/// <param name="Nice">Scheduling priority where no group can be made: 0 normal, 19 lowest.</param>
/// <param name="OomScore">Who goes first when the machine runs out of memory: 0..1000, highest first.</param>
public sealed record ChildLimits(string Name, int CpuWeight, long? MemoryBytes, int Nice, int OomScore);

/// <summary>Applies limits to children and ties their life to ours where the system can (Windows job objects).</summary>
public abstract class ChildLimiter : IDisposable
{
    /// <summary>The implementation of this system.</summary>
    public static ChildLimiter Create() =>
        OperatingSystem.IsWindows() ? new WindowsJobLimiter()
        : OperatingSystem.IsLinux() ? new LinuxCgroupLimiter()
        : throw new PlatformNotSupportedException("Linux and Windows only");

    /// <summary>Applies what the system permits and says in one line what that was. Never throws for a missing permission.</summary>
    public abstract string Apply(System.Diagnostics.Process process, ChildLimits limits);

    public abstract void Dispose();
}
