using Vms.Hosting;
using Vms.Native.Processes;

namespace Vms.Cli.Supervision;

/// <summary>The four planes as children: where their programs are, what they may take, how they are asked.</summary>
internal static class PlaneProcesses
{
    /// <summary>In start order.</summary>
    public static readonly IReadOnlyList<string> Names = ["control", "media", "recorder", "ai"];

    /// <summary>AI gives way first: recording and live view are what the machine is for.</summary>
    private static ChildLimits LimitsOf(string plane) => plane switch
    {
        "control" => new ChildLimits(plane, CpuWeight: 80, MemoryBytes: 2L << 30, Nice: 2, OomScore: 300),
        "media" => new ChildLimits(plane, CpuWeight: 200, MemoryBytes: null, Nice: 0, OomScore: 100),
        "recorder" => new ChildLimits(plane, CpuWeight: 200, MemoryBytes: 4L << 30, Nice: 0, OomScore: 50),
        _ => new ChildLimits(plane, CpuWeight: 10, MemoryBytes: 4L << 30, Nice: 10, OomScore: 900),
    };

    public static ChildSpec Of(string plane, PlaneOptions options, IReadOnlyDictionary<string, string?> settings)
    {
        var probe = new PlaneProbe(options.SocketOf(plane, "http"));
        var environment = new Dictionary<string, string?>(settings)
        {
            // A runtime setting that only the environment can give (docs/design/runtime.md).
            ["DOTNET_GCgen0size"] = "0x800000",
        };
        var (file, arguments) = Executable.Find($"vms-{plane}");
        return new ChildSpec(
            plane, file, [.. arguments, "--lifeline"], environment, LimitsOf(plane),
            async cancellationToken => await probe.AskAsync("/health", cancellationToken) is (false, var text) ? text : null,
            StopPatience: TimeSpan.FromSeconds(12));
    }
}
