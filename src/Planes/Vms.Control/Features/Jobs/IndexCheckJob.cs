using System.Text.Json;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Jobs;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Jobs;

/// <summary>Asks the recorder, camera by camera, whether its index says what the files are. Deleted cameras, too: their recordings remain. A step is a
/// camera.</summary>
internal sealed class IndexCheckJob(NpgsqlDataSource database, PlaneOptions options, TimeProvider time) : IJobKind, IDisposable
{
    public const string KindName = "indexCheck";

    /// <summary>What is shown of them; all are counted.</summary>
    private const int MaxFindings = 1000;

    private readonly RpcChannel _recorder = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    public sealed record Args(string Level, string? CameraId);

    /// <param name="CameraIds">All that the check is about, as it was at its beginning.</param>
    public sealed record Progress(IReadOnlyList<string> CameraIds, int Next, Result Result);

    /// <param name="Findings">How many there are.</param>
    /// <param name="Items">The first of them.</param>
    public sealed record Result(long Segments, long Files, long Fragments, long Findings, IReadOnlyList<Finding> Items);

    /// <param name="Problem">missing notIndexed notDeleted tooShort init table damaged unreadable.</param>
    public sealed record Finding(string CameraId, string Stream, DateTimeOffset? From, string Path, string Problem, string Detail);

    public string Name => KindName;

    public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var args = JsonSerializer.Deserialize<Args>(run.Row.Args, JsonSerializerOptions.Web)!;
        var progress = run.CursorAs<Progress>() ?? new Progress(await CamerasAsync(args, cancellationToken), 0, new Result(0, 0, 0, 0, []));
        while (progress.Next < progress.CameraIds.Count)
        {
            var result = await CheckAsync(args.Level, progress.CameraIds[progress.Next], progress.Result, cancellationToken);
            progress = progress with { Next = progress.Next + 1, Result = result };
            await run.SaveAsync(progress, progress.Next, progress.CameraIds.Count, cancellationToken);
        }

        return progress.Result;
    }

    public void Dispose() => _recorder.Dispose();

    private async Task<List<string>> CamerasAsync(Args args, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select id from control.camera where $1::text is null or id = $1 order by id", args.CameraId);
        return await command.RowsAsync(r => r.GetString(0), cancellationToken);
    }

    private async Task<Result> CheckAsync(string level, string cameraId, Result before, CancellationToken cancellationToken)
    {
        var items = before.Items.ToList();
        IndexCheckSummary? summary = null;
        try
        {
            var reports = _recorder.ServerStreamingAsync(
                "vms.recorder.v1.RecorderPlane/CheckIndex", new CheckIndexRequest { Level = level, CameraId = cameraId }, IndexCheckReport.Parser, Timeout.InfiniteTimeSpan,
                cancellationToken);
            await foreach (var report in reports)
            {
                if (report.Finding is { } found && items.Count < MaxFindings)
                {
                    items.Add(new Finding(
                        found.CameraId, found.Stream, found.FromUnixMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(found.FromUnixMs), found.Path, found.Problem, found.Detail));
                }

                summary = report.Summary ?? summary;
            }
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (e.Status == RpcStatus.InvalidArgument)
                throw new JobFailedException("refused", e.Detail);
            throw new JobWaitsException("recorderAway", $"The check goes on later: {e.Detail}");
        }

        if (summary is null)
            throw new JobWaitsException("recorderAway", "The recorder ended the check before its end; it is tried again.");
        return new Result(
            before.Segments + summary.Segments, before.Files + summary.Files, before.Fragments + summary.Fragments, before.Findings + summary.Findings, items);
    }
}
