using System.Text.Json;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Jobs;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Jobs;

/// <summary>Has recordings of a time moved from one storage pool to another. A step is a segment, and the recorder's; whoever asks again has it go on with what is left.</summary>
internal sealed class MoveFootageJob(NpgsqlDataSource database, PlaneOptions options, TimeProvider time) : IJobKind, IDisposable
{
    public const string KindName = "move";

    private const string RecorderAway = "recorderAway";

    private const int MaxCodeLength = 30;

    private static readonly RpcCallOptions s_planning = new(TimeSpan.FromSeconds(20));

    private readonly RpcChannel _recorder = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    /// <param name="CameraId">Null for all of them.</param>
    public sealed record Args(string FromPool, string ToPool, string? CameraId, DateTimeOffset From, DateTimeOffset To);

    /// <param name="Segments">Moved so far.</param>
    public sealed record Progress(long Segments, long Bytes);

    /// <param name="Left">Segments that stay where they are.</param>
    /// <param name="Items">The first of them.</param>
    public sealed record Result(string FromPool, string ToPool, long Segments, long Bytes, long Left, IReadOnlyList<Stuck> Items);

    /// <param name="Reason">notIndexed exists damaged copyDamaged ioError.</param>
    public sealed record Stuck(string CameraId, DateTimeOffset From, string Reason);

    public string Name => KindName;

    public bool IsOneAtATime => true;

    public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var args = JsonSerializer.Deserialize<Args>(run.Row.Args, JsonSerializerOptions.Web)!;
        var before = run.CursorAs<Progress>() ?? new Progress(0, 0);
        var told = new MoveFootageProgress();
        try
        {
            await foreach (var word in _recorder.ServerStreamingAsync(
                "vms.recorder.v1.RecorderPlane/MoveFootage", RequestOf(args), MoveFootageProgress.Parser, Timeout.InfiniteTimeSpan, cancellationToken))
            {
                told = word;
                var now = new Progress(before.Segments + told.Segments, before.Bytes + told.Bytes);
                await run.SaveAsync(now, now.Bytes, now.Bytes + told.LeftBytes, cancellationToken);
            }
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Ended(e);
        }

        var result = ResultOf(args, before, told);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), run.Row.Actor, "footage.moved", run.Row.Id,
            new { fromPool = args.FromPool, toPool = args.ToPool, cameraId = args.CameraId, segments = result.Segments, bytes = result.Bytes, left = result.Left }, cancellationToken);
        return result;
    }

    /// <summary>Asks the recorder whether that may be.</summary>
    /// <exception cref="RpcException">It may not, or nobody answers: <see cref="CodeOf"/> says which.</exception>
    public Task PlanAsync(Args args, CancellationToken cancellationToken) =>
        _recorder.UnaryAsync("vms.recorder.v1.RecorderPlane/PlanMove", RequestOf(args), MoveFootageProgress.Parser, s_planning, cancellationToken);

    /// <summary>The stable code that a refusal of the recorder begins with; without one it is away.</summary>
    public static (string Code, string Detail) CodeOf(RpcException e)
    {
        var colon = e.Detail.IndexOf(": ", StringComparison.Ordinal);
        return e.Status is RpcStatus.FailedPrecondition or RpcStatus.Unavailable && colon is > 0 and < MaxCodeLength && e.Detail.AsSpan(0, colon).IndexOf(' ') < 0
            ? (e.Detail[..colon], e.Detail[(colon + 2)..]) : (RecorderAway, $"The recorder does not answer: {e.Detail}");
    }

    public void Dispose() => _recorder.Dispose();

    private static Exception Ended(RpcException e)
    {
        var (code, detail) = CodeOf(e);
        return code switch
        {
            RecorderAway when e.Status is RpcStatus.InvalidArgument => new JobFailedException("refused", e.Detail),
            RecorderAway or "indexAway" or "moving" or "poolAway" => new JobWaitsException(code, detail),
            _ => new JobFailedException(code, detail),
        };
    }

    private static Result ResultOf(Args args, Progress before, MoveFootageProgress told)
    {
        var stuck = told.Stuck.Select(s => new Stuck(s.CameraId, DateTimeOffset.FromUnixTimeMilliseconds(s.FromUnixMs), s.Reason)).ToList();
        var result = new Result(args.FromPool, args.ToPool, before.Segments + told.Segments, before.Bytes + told.Bytes, told.StuckSegments, stuck);
        return result is { Segments: 0, Left: > 0 }
            ? throw new JobFailedException("nothingMoved", $"None of the {result.Left} files could be moved ({stuck[0].Reason}); the recorder's log has the reasons.")
            : result;
    }

    private static MoveFootageRequest RequestOf(Args args) => new()
    {
        FromPool = args.FromPool,
        ToPool = args.ToPool,
        CameraId = args.CameraId ?? "",
        FromUnixMs = args.From.ToUnixTimeMilliseconds(),
        ToUnixMs = args.To.ToUnixTimeMilliseconds(),
    };
}
