using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Runtime.InteropServices;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Cli.Commands;

/// <summary>
/// vms index check: asks the recorder whether its index says what the recorded files are. A line per finding, then the counts. Exit code 0
/// when there is no finding, 1 when there is one, 2 when it could not be checked.
/// </summary>
internal static class IndexCheck
{
    private const int FindingsExitCode = 1;
    private const int NotCheckedExitCode = 2;
    private const int UsageExitCode = 64;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var request = new CheckIndexRequest { Level = "size" };
        var rest = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--level" && i + 1 < args.Length)
                request.Level = args[++i];
            else if (args[i] == "--camera" && i + 1 < args.Length)
                request.CameraId = args[++i];
            else
                rest.Add(args[i]);
        }

        if (CommandLineArguments.Parse([.. rest]) is not ({ } configuration, false))
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
            return await RunAsync(recorder, request, output, stop.Token);
        }
        catch (RpcException e) when (e.Status == RpcStatus.InvalidArgument)
        {
            await errors.WriteLineAsync($"vms: {e.Detail}");
            return UsageExitCode;
        }
        catch (Exception e) when (e is RpcException or ValidationException)
        {
            await errors.WriteLineAsync($"vms: could not check: {(e as RpcException)?.Detail ?? e.Message}");
            return NotCheckedExitCode;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("vms: interrupted; what was found until then is above");
            return NotCheckedExitCode;
        }
    }

    private static async Task<int> RunAsync(RpcChannel recorder, CheckIndexRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        IndexCheckSummary? summary = null;
        var reports = recorder.ServerStreamingAsync(
            "vms.recorder.v1.RecorderPlane/CheckIndex", request, IndexCheckReport.Parser, Timeout.InfiniteTimeSpan, cancellationToken);
        await foreach (var report in reports)
        {
            if (report.Finding is { } finding)
                await output.WriteLineAsync(Line(finding));
            summary = report.Summary ?? summary;
        }

        if (summary is null)
            throw new RpcException(RpcStatus.DataLoss, "the recorder ended the check before its end");
        var read = request.Level == "hash" ? $", {summary.Fragments} fragments read" : "";
        await output.WriteLineAsync($"{summary.Segments} segments in the index, {summary.Files} files{read}: {summary.Findings} findings");
        return summary.Findings == 0 ? 0 : FindingsExitCode;
    }

    private static string Line(IndexFinding finding)
    {
        var at = finding.FromUnixMs == 0 ? "" : DateTimeOffset.FromUnixTimeMilliseconds(finding.FromUnixMs).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) + " ";
        return $"{finding.CameraId} {finding.Stream} {at}{finding.Path}: {finding.Problem} ({finding.Detail})";
    }
}
