using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Cli.Commands;

/// <summary>
/// vms index rebuild: has the recorder put its index right from the recorded files. Exit code 0 when that is done, 1 when files could not be
/// read, 2 when it could not be done.
/// </summary>
internal static class IndexRebuild
{
    private const int UnreadableExitCode = 1;
    private const int NotDoneExitCode = 2;
    private const int UsageExitCode = 64;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var request = new RebuildIndexRequest { EveryFile = args.Contains("--all") };
        if (CommandLineArguments.Parse([.. args.Where(a => a != "--all")]) is not ({ } configuration, false))
            return UsageExitCode;

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        try
        {
            var options = PlaneOptions.From(configuration);
            using var recorder = new RpcChannel(new Uri("unix://" + options.SocketOf("recorder", "rpc")));
            var done = await recorder.UnaryAsync(
                "vms.recorder.v1.RecorderPlane/RebuildIndex", request, RebuildIndexReply.Parser, Timeout.InfiniteTimeSpan, stop.Token);
            await output.WriteLineAsync(
                $"{done.Added} added, {done.Closed} closed, {done.Corrected} corrected, {done.Removed} removed, {done.Unreadable} unreadable");
            return done.Unreadable == 0 ? 0 : UnreadableExitCode;
        }
        catch (Exception e) when (e is RpcException or ValidationException)
        {
            await errors.WriteLineAsync($"vms: could not rebuild: {(e as RpcException)?.Detail ?? e.Message}");
            return NotDoneExitCode;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("vms: interrupted; what was put right until then stays so");
            return NotDoneExitCode;
        }
    }
}
