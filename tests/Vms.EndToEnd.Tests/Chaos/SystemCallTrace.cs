using Vms.Testing.Processes;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary><c>strace</c> on a running process: writes down its system calls, or delays them.</summary>
internal sealed class SystemCallTrace : IAsyncDisposable
{
    private readonly ChildProcess _strace;

    private SystemCallTrace(ChildProcess strace) => _strace = strace;

    /// <param name="log">File that the calls are written to.</param>
    /// <param name="arguments">Which calls, and what is done to them.</param>
    public static async Task<SystemCallTrace> AttachAsync(int pid, string log, params string[] arguments)
    {
        var strace = await ChildProcess.StartAsync("strace", ["-f", "-o", log, .. arguments, "-e", "signal=none", "-p", $"{pid}"]);
        await strace.WaitForOutputAsync(o => o.Contains(" attached", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        return new SystemCallTrace(strace);
    }

    /// <summary>Lets go of the process, which goes on.</summary>
    public async Task DetachAsync()
    {
        _strace.Signal(PosixSignalNumber.Terminate);
        await _strace.WaitForExitAsync(TimeSpan.FromMinutes(1));
    }

    public ValueTask DisposeAsync() => _strace.DisposeAsync();
}
