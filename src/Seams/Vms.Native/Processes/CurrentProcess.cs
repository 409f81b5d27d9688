using System.Diagnostics;
using System.Globalization;

namespace Vms.Native.Processes;

/// <summary>What a process may say of itself.</summary>
public static class CurrentProcess
{
    private const int Nice = 10;
    private const int OomScore = 950;

    /// <summary>Everything else goes first: for the processor, and when memory runs out we are the one to end.</summary>
    public static void GiveWay()
    {
        if (OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            self.PriorityClass = ProcessPriorityClass.BelowNormal;
            return;
        }

        if (!OperatingSystem.IsLinux())
            return;
        PosixProcess.SetNice(Environment.ProcessId, Nice);
        File.WriteAllText("/proc/self/oom_score_adj", OomScore.ToString(CultureInfo.InvariantCulture));
    }
}
