using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Vms.Native.Processes;

/// <summary>
/// Control groups below our own one, where they are delegated to us (systemd <c>Delegate=yes</c>, or root): version 2, else
/// version 1. Everywhere: nice and oom_score_adj.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxCgroupLimiter : ChildLimiter
{
    private const string Root = "/sys/fs/cgroup";

    private readonly List<string> _made = [];
    private bool _leafMade;

    public override string Apply(Process process, ChildLimits limits)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(limits);
        var done = new List<string>();
        var pid = process.Id;
        try
        {
            done.Add(File.Exists($"{Root}/cgroup.controllers") ? ApplyV2(pid, limits) : ApplyV1(pid, limits));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            done.Add($"no control group ({e.Message.TrimEnd('.')})");
        }

        if (PosixProcess.SetNice(pid, limits.Nice))
            done.Add($"nice {limits.Nice}");
        try
        {
            File.WriteAllText($"/proc/{pid}/oom_score_adj", limits.OomScore.ToString(CultureInfo.InvariantCulture));
            done.Add($"oom_score_adj {limits.OomScore}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            done.Add("oom_score_adj unchanged");
        }

        return string.Join(", ", done);
    }

    public override void Dispose()
    {
        foreach (var group in _made)
        {
            try
            {
                Directory.Delete(group);
            }
            catch (IOException)
            {
                // A process that is just ending still counts; an empty group is removed at the next start or by the system.
            }
        }
    }

    /// <summary>A group with children may hold no process itself, so we move into a leaf of our own first.</summary>
    private string ApplyV2(int pid, ChildLimits limits)
    {
        var own = Root + OwnPath("0::");
        if (!_leafMade)
        {
            var leaf = Make($"{own}/vms-supervisor");
            File.WriteAllText($"{leaf}/cgroup.procs", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText($"{own}/cgroup.subtree_control", "+cpu +memory");
            _leafMade = true;
        }

        var parent = own.EndsWith("/vms-supervisor", StringComparison.Ordinal) ? Path.GetDirectoryName(own)! : own;
        var group = Make($"{parent}/vms-{limits.Name}");
        File.WriteAllText($"{group}/cpu.weight", limits.CpuWeight.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText($"{group}/memory.max", limits.MemoryBytes?.ToString(CultureInfo.InvariantCulture) ?? "max");
        File.WriteAllText($"{group}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
        return $"cgroup cpu.weight {limits.CpuWeight}, memory.max {limits.MemoryBytes?.ToString(CultureInfo.InvariantCulture) ?? "max"}";
    }

    private string ApplyV1(int pid, ChildLimits limits)
    {
        // cpu.shares: 1024 is normal where cpu.weight's normal is 100.
        var cpu = Make($"{Root}/cpu{OwnPath(":cpu", controller: "cpu")}/vms-{Environment.ProcessId}-{limits.Name}");
        File.WriteAllText($"{cpu}/cpu.shares", Math.Max(2, limits.CpuWeight * 1024 / 100).ToString(CultureInfo.InvariantCulture));
        File.WriteAllText($"{cpu}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
        var text = $"cgroup cpu.shares {limits.CpuWeight * 1024 / 100}";
        if (limits.MemoryBytes is not { } bytes)
            return text;
        var memory = Make($"{Root}/memory{OwnPath(":memory", controller: "memory")}/vms-{Environment.ProcessId}-{limits.Name}");
        File.WriteAllText($"{memory}/memory.limit_in_bytes", bytes.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText($"{memory}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
        return $"{text}, memory limit {bytes}";
    }

    private string Make(string group)
    {
        if (!Directory.Exists(group))
        {
            Directory.CreateDirectory(group);
            _made.Add(group);
        }

        return group;
    }

    /// <summary>Our own group in /proc/self/cgroup: "0::/path" (v2) or "n:cpu,cpuacct:/path" (v1).</summary>
    private static string OwnPath(string marker, string? controller = null)
    {
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            var parts = line.Split(':', 3);
            if (controller is null ? line.StartsWith(marker, StringComparison.Ordinal) : parts[1].Split(',').Contains(controller))
                return parts[2] == "/" ? "" : parts[2];
        }

        return "";
    }
}
