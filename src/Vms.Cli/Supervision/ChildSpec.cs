using Vms.Native.Processes;

namespace Vms.Cli.Supervision;

/// <summary>A process to keep running.</summary>
/// <param name="Name">Stands in log lines and in metrics.</param>
/// <param name="FileName">Program to start.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">Added to ours; no secrets on the command line.</param>
/// <param name="Limits">What it may take of the machine.</param>
/// <param name="IsAlive">Null when well, else what is wrong, in a few words.</param>
/// <param name="StopPatience">How long an ordered stop may take before the process is killed.</param>
/// <param name="BeforeStart">Runs before every start; a reason to wait (and to try again shortly), or null to go ahead. An
/// <see cref="Infrastructure.InfrastructureException"/> before the first good answer ends the start.</param>
internal sealed record ChildSpec(
    string Name,
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?> Environment,
    ChildLimits Limits,
    Func<CancellationToken, Task<string?>> IsAlive,
    TimeSpan StopPatience,
    Func<CancellationToken, Task<string?>>? BeforeStart = null)
{
    /// <summary>The program prints its own child's pid first (vms guard): limits apply to that one.</summary>
    public bool IsGuarded { get; init; }

    /// <summary>How long the process may take from its start to its first good answer.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(30);
}
