using System.Text.Json;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Jobs;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Footage;

/// <summary>Has what is missing of a camera filled with what its device has recorded itself. A step is an hour; repeated, it goes on with what is still missing.</summary>
internal sealed partial class FetchFootageJob(
    NpgsqlDataSource database, PlaneOptions options, NodeKey nodeKey, DeviceFootage devices, RecorderFootage recorders, TimeProvider time) : IJobKind, IDisposable
{
    public const string KindName = "fetch";

    /// <summary>Stretches that are shown; all are counted.</summary>
    private const int MaxShown = 200;

    private const string RecorderAway = "recorderAway";

    /// <summary>Tries of somebody who waits for it, and of a device that goes away in the middle, before anything more of it came.</summary>
    private const int MaxTries = 3;

    private const string BrokeOff = "brokeOff";

    /// <summary>Before the next try of what failed so often; of gaps that nobody waits for, all of it: an hour, in which a device has started anew.</summary>
    private static readonly TimeSpan[] s_again = [.. new[] { 0.5, 1, 2, 5, 10, 20, 20 }.Select(m => TimeSpan.FromMinutes(m))];

    private static readonly TimeSpan s_step = TimeSpan.FromHours(1);

    /// <summary>One at a time: the other places are for other jobs, and recorder and network for recording.</summary>
    private readonly SemaphoreSlim _place = new(1, 1);

    private readonly RpcChannel _recorder = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    /// <param name="ReplayUrl">Null: the device is asked by ONVIF.</param>
    public sealed record Args(string CameraId, DateTimeOffset From, DateTimeOffset To, int? OnvifPort, string? ReplayUrl, string? RecordingToken);

    /// <param name="Next">Where the next step begins.</param>
    /// <param name="Tries">Since anything came.</param>
    /// <param name="Asked">Times that the device did not say where it plays, one after the other.</param>
    /// <param name="GivenUp">The first steps of which not everything came.</param>
    public sealed record Progress(DateTimeOffset Next, int Tries, double FilledSeconds, long Bytes, IReadOnlyList<Stretch> Filled, int Asked = 0, IReadOnlyList<Failed>? GivenUp = null);

    public sealed record Stretch(DateTimeOffset From, DateTimeOffset To);

    /// <param name="Code">Why.</param>
    public sealed record Failed(DateTimeOffset From, DateTimeOffset To, string Code);

    /// <param name="FilledSeconds">How much of what was missing came.</param>
    /// <param name="Filled">The first stretches of it.</param>
    /// <param name="GivenUp">Where the device went away again and again: what was missing there may be so still.</param>
    public sealed record Result(string CameraId, double FilledSeconds, long Bytes, IReadOnlyList<Stretch> Filled, IReadOnlyList<Failed> GivenUp);

    public string Name => KindName;

    public bool IsOneAtATime => true;

    public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var args = JsonSerializer.Deserialize<Args>(run.Row.Args, JsonSerializerOptions.Web)!;
        if (!await _place.WaitAsync(0, CancellationToken.None))
            throw new JobWaitsException("busy", "Another camera's recordings are being fetched; this one is next.");
        try
        {
            return await RunAsync(run, args, cancellationToken);
        }
        finally
        {
            _place.Release();
        }
    }

    public void Dispose()
    {
        _recorder.Dispose();
        _place.Dispose();
    }

    private async Task<Result> RunAsync(JobRun run, Args args, CancellationToken cancellationToken)
    {
        var progress = run.CursorAs<Progress>() ?? new Progress(args.From, 0, 0, 0, []);
        Wish wish;
        try
        {
            wish = await WishAsync(args, await CameraAsync(args, cancellationToken), cancellationToken);
        }
        catch (DeviceAwayException e)
        {
            progress = progress with { Asked = progress.Asked + 1 };
            await AgainAsync(run, args, progress, progress.Asked, e.Code, e.Message, cancellationToken);
            throw new JobFailedException(e.Code, e.Message);
        }

        progress = progress with { Asked = 0 };
        while (progress.Next < args.To)
        {
            await CameraAsync(args, cancellationToken);
            var to = progress.Next + s_step < args.To ? progress.Next + s_step : args.To;
            progress = await StepAsync(run, args, wish.Of(progress.Next, to), progress, to, cancellationToken);
        }

        var givenUp = progress.GivenUp ?? [];
        if (progress.Bytes == 0 && givenUp.Count > 0)
            throw new JobFailedException(givenUp[^1].Code, "The device went away again and again before anything of it came.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await AuditLog.AddAsync(
            connection, time.GetUtcNow(), run.Row.Actor, "footage.fetched", args.CameraId,
            new { jobId = run.Row.Id, from = args.From, to = args.To, filledSeconds = progress.FilledSeconds, bytes = progress.Bytes }, cancellationToken);
        return new Result(args.CameraId, progress.FilledSeconds, progress.Bytes, progress.Filled, givenUp);
    }

    /// <exception cref="JobFailedException">It was deleted; nothing more of it goes into the archive.</exception>
    private async Task<CameraRow> CameraAsync(Args args, CancellationToken cancellationToken) =>
        await CameraRow.FindAsync(database, args.CameraId, cancellationToken) ?? throw new JobFailedException("cameraNotFound", "The camera was deleted meanwhile.");

    /// <summary>Null for a camera that sends to us.</summary>
    internal static string? HostOf(string streamUrl) => Uri.TryCreate(streamUrl, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.IdnHost : null;

    private async Task<Progress> StepAsync(JobRun run, Args args, ImportFootageRequest request, Progress before, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var now = before;
        try
        {
            var told = _recorder.ServerStreamingAsync(
                "vms.recorder.v1.RecorderPlane/ImportFootage", request, ImportFootageProgress.Parser, Timeout.InfiniteTimeSpan, cancellationToken);
            await foreach (var word in told)
            {
                now = Add(before, word);
                var part = word.MissingMs > 0 ? (double)word.LookedAtMs / word.MissingMs : 1;
                await run.SaveAsync(now, Seconds(args, before.Next + ((to - before.Next) * part)), Seconds(args, args.To), cancellationToken);
            }
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var code = await FailAsync(run, args, before, now, e, cancellationToken);
            now = now with { GivenUp = [.. (now.GivenUp ?? []).Append(new Failed(before.Next, to, code)).Take(MaxShown)] };
        }

        now = now with { Next = to, Tries = 0 };
        await run.SaveAsync(now, Seconds(args, to), Seconds(args, args.To), cancellationToken);
        return now;
    }

    /// <returns>Why the rest of this step is given up.</returns>
    /// <exception cref="JobWaitsException">It is tried again.</exception>
    /// <exception cref="JobFailedException">And so would the other steps.</exception>
    private static async Task<string> FailAsync(JobRun run, Args args, Progress before, Progress now, RpcException e, CancellationToken cancellationToken)
    {
        var colon = e.Detail.IndexOf(": ", StringComparison.Ordinal);
        var (code, detail) = e.Status is RpcStatus.Aborted or RpcStatus.Unavailable or RpcStatus.FailedPrecondition && colon is > 0 and < 30
            ? (e.Detail[..colon], e.Detail[(colon + 2)..]) : (RecorderAway, $"The recorder does not answer: {e.Detail}");
        switch (code)
        {
            case RecorderAway when e.Status is RpcStatus.InvalidArgument or RpcStatus.Internal:
                throw new JobFailedException("refused", e.Detail);
            case RecorderAway or "mediaAway" or "indexAway" or "importing" or "busy" or "poolAway":
                throw new JobWaitsException(code, detail);
            case BrokeOff or DeviceAwayException.TimedOut or DeviceAwayException.Unreachable:
                // What came is in the archive; the next try goes on behind it.
                var tried = now with { Tries = now.Bytes > before.Bytes ? 1 : before.Tries + 1 };
                await AgainAsync(run, args, tried, tried.Tries, code, detail, cancellationToken);
                // A place that it stumbles over has others behind it; a device that is not there has none.
                return code == DeviceAwayException.Unreachable ? throw new JobFailedException(code, detail) : code;
            default:
                throw new JobFailedException(code, detail);
        }
    }

    /// <summary>Returns when it was tried often enough.</summary>
    /// <exception cref="JobWaitsException">It was not.</exception>
    private static async Task AgainAsync(JobRun run, Args args, Progress progress, int tries, string code, string detail, CancellationToken cancellationToken)
    {
        if (tries >= (code != BrokeOff && run.Row.CreatedBy == GapFilling.By ? s_again.Length + 1 : MaxTries))
            return;
        await run.SaveAsync(progress, Seconds(args, progress.Next), Seconds(args, args.To), cancellationToken);
        throw new JobWaitsException(code, detail, s_again[tries - 1]);
    }

    private static Progress Add(Progress before, ImportFootageProgress word)
    {
        var stretches = word.Filled.Select(f => new Stretch(DateTimeOffset.FromUnixTimeMilliseconds(f.FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(f.ToUnixMs))).ToList();
        return before with
        {
            FilledSeconds = Math.Round(before.FilledSeconds + stretches.Sum(s => (s.To - s.From).TotalSeconds), 3),
            Bytes = before.Bytes + word.Bytes,
            Filled = [.. before.Filled.Concat(stretches).Take(MaxShown)],
        };
    }

    private static long Seconds(Args args, DateTimeOffset at) => (long)(at - args.From).TotalSeconds;
}
