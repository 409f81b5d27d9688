using System.Diagnostics;
using Vms.Testing;

namespace Vms.Control.Tests.Support;

/// <summary>Runs what is in <c>sdk</c>: the linter, the generators, and programs that use what they made.</summary>
internal static class SdkTools
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    public static string Folder { get; } = Path.Combine(TestPaths.Repository, "sdk");

    /// <summary>Runs a program to its end and asserts its exit code.</summary>
    /// <returns>What it wrote, to both outputs.</returns>
    public static async Task<string> RunAsync(
        string program, string[] arguments, int exitCode = 0, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            throw new InvalidOperationException($"The tools of the client libraries are not installed: run './dev setup', or 'npm ci' in {Folder}.");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? Folder,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            var said = await output + await errors;
            Assert.True(process.ExitCode == exitCode, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{said}");
            return said;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
