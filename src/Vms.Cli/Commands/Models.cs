using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Vms.Cli.Supervision;

namespace Vms.Cli.Commands;

/// <summary>
/// vms models: done by vms-ai, which knows models, in a process of its own: a file that brings it down while it is tried is not taken, and brings down nothing else.
/// Exit code 0, 1 when a model is not taken or not fit, 2 when it could not be done, 64 for arguments that make no sense.
/// </summary>
internal static class Models
{
    private const int NotFitExitCode = 1;
    private const int NotDoneExitCode = 2;
    private const int LastOwnExitCode = 78;

    /// <summary>The largest model, on a slow machine.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(string[] args, TextWriter errors)
    {
        try
        {
            var (file, before) = Executable.Find("vms-ai");
            using var child = Process.Start(new ProcessStartInfo(file, [.. before, "models", .. args]))
                ?? throw new IOException($"{file} did not start");
            using var patience = new CancellationTokenSource(s_patience);
            try
            {
                await child.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                child.Kill(entireProcessTree: true);
                await errors.WriteLineAsync($"vms: it is not done after {s_patience.TotalMinutes} minutes and was ended; nothing was changed");
                return NotFitExitCode;
            }

            if (child.ExitCode is >= 0 and <= LastOwnExitCode)
                return child.ExitCode;
            await errors.WriteLineAsync($"vms: the model brought down the process that tried it (exit code {child.ExitCode}); it is not taken");
            return NotFitExitCode;
        }
        catch (Exception e) when (e is IOException or ValidationException or System.ComponentModel.Win32Exception)
        {
            await errors.WriteLineAsync($"vms: {e.Message}");
            return NotDoneExitCode;
        }
    }
}
