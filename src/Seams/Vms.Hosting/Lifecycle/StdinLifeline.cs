using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vms.Native.Processes;

namespace Vms.Hosting;

/// <summary>
/// Ends the process when the supervisor ends: stdin is the read end of the supervisor's pipe, so end of file means that it
/// stopped or died. PR_SET_PDEATHSIG would fire with the forking <em>thread</em> and is a trap (docs/design/supervision.md).
/// </summary>
internal sealed partial class StdinLifeline(IHostApplicationLifetime lifetime, ILogger<StdinLifeline> logger) : IHostedService, IDisposable
{
    /// <summary>How long an ordered stop may take before the process ends the hard way.</summary>
    internal static readonly TimeSpan HardExitAfter = TimeSpan.FromSeconds(10);

    /// <summary>EX_SOFTWARE: the ordered stop did not come to its end.</summary>
    private const int HardExitCode = 70;

    private Timer? _hardExit;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux())
            PosixProcess.StartSession();
        var thread = new Thread(Watch) { IsBackground = true, Name = "lifeline" };
        thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _hardExit?.Dispose();

    private void Watch()
    {
        using var stdin = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[64];
        while (stdin.Read(nothing) > 0)
        {
        }

        Log.SupervisorGone(logger);
        lifetime.StopApplication();
        // A stuck stop must not leave an orphan that records twice beside the next start.
        _hardExit = new Timer(_ => Environment.Exit(HardExitCode), null, HardExitAfter, Timeout.InfiniteTimeSpan);
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Information, "The supervisor's pipe closed; stopping in order")]
        public static partial void SupervisorGone(ILogger logger);
    }
}
