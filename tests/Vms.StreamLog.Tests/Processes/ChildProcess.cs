using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Vms.StreamLog.Tests.Processes;

/// <summary>This executable, started again in another role. Killed when disposed.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    private const int SIGCONT = 18, SIGSTOP = 19;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    internal static ChildProcess Start(string role, params object[] arguments)
    {
        string self = Environment.ProcessPath!;
        bool viaHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (viaHost)
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        start.ArgumentList.Add(role);
        foreach (object argument in arguments)
            start.ArgumentList.Add(Convert.ToString(argument, CultureInfo.InvariantCulture)!);
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The words after <paramref name="first"/> of the next line that begins with it.</summary>
    internal async Task<string[]> ReadLineAsync(string first)
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        while (true)
        {
            string line = await _process.StandardOutput.ReadLineAsync(deadline.Token)
                ?? throw new InvalidOperationException($"The child ended without saying '{first}'.");
            string[] words = line.Split(' ');
            if (words[0] == first)
                return words[1..];
        }
    }

    /// <summary>Asks it to finish and returns what it says at the end.</summary>
    internal async Task<string[]> FinishAsync()
    {
        _process.StandardInput.Close();
        return await ReadLineAsync("done");
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        using var deadline = new CancellationTokenSource(s_deadline);
        await _process.WaitForExitAsync(deadline.Token);
    }

    internal void Pause() => Signal(SIGSTOP);

    internal void Resume() => Signal(SIGCONT);

    private void Signal(int signal) => Assert.Equal(0, kill(_process.Id, signal));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
