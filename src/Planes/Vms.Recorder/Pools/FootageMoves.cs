using System.Runtime.CompilerServices;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Recordings;
using Vms.Recorder.Writing;
using Vms.Rpc;

namespace Vms.Recorder.Pools;

/// <summary>Moves for control: contracts/recorder.proto, PlanMove and MoveFootage. One at a time.</summary>
internal sealed partial class FootageMoves(StoragePools pools, FootageMove move, IHostApplicationLifetime lifetime, ILogger<FootageMoves> logger) : IDisposable
{
    private readonly SemaphoreSlim _place = new(1, 1);

    public static void Map(WebApplication app)
    {
        var moves = app.Services.GetRequiredService<FootageMoves>();
        app.MapUnary($"{RecorderPlaneService.Service}/PlanMove", MoveFootageRequest.Parser, moves.PlanAsync);
        app.MapServerStreaming<MoveFootageRequest, MoveFootageProgress>(
            $"{RecorderPlaneService.Service}/MoveFootage", MoveFootageRequest.Parser, (request, rpc) => moves.MoveAsync(request, rpc.CancellationToken));
    }

    public void Dispose() => _place.Dispose();

    private async Task<MoveFootageProgress> PlanAsync(MoveFootageRequest request, RpcContext rpc)
    {
        try
        {
            var measure = await move.PlanAsync(WishOf(request), rpc.CancellationToken);
            return new MoveFootageProgress { LeftSegments = measure.Segments, LeftBytes = measure.Bytes };
        }
        catch (Exception e) when (Why(e) is { } why)
        {
            throw why;
        }
    }

    private async IAsyncEnumerable<MoveFootageProgress> MoveAsync(MoveFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Two at a time would only take the disks' time from each other.
        if (!await _place.WaitAsync(0, CancellationToken.None))
        {
            throw Why(new MoveRefusedException(MoveRefusedException.Moving, "Other recordings are being moved; these are next."))!;
        }

        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
            await using var told = BeginAsync(request, stop.Token).GetAsyncEnumerator(stop.Token);
            MoveFootageProgress? last = null;
            while (await NextAsync(told))
            {
                yield return last = told.Current;
            }

            Log.Moved(logger, request.FromPool, request.ToPool, last?.Segments ?? 0, last?.Bytes ?? 0, last?.StuckSegments ?? 0);
        }
        finally
        {
            _place.Release();
        }
    }

    private async IAsyncEnumerable<MoveFootageProgress> BeginAsync(MoveFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var told in move.RunAsync(WishOf(request), cancellationToken))
        {
            yield return told;
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<MoveFootageProgress> told)
    {
        try
        {
            return await told.MoveNextAsync();
        }
        catch (Exception e) when (Why(e) is { } why)
        {
            Log.Ended(logger, why.Detail);
            throw why;
        }
    }

    private MoveWish WishOf(MoveFootageRequest request)
    {
        if (request.CameraId.Length > 0 && !ArchiveLayout.IsSafeName(request.CameraId))
        {
            throw new RpcException(RpcStatus.InvalidArgument, "camera_id must be 1 to 64 letters, digits, '-' or '_'");
        }

        if (request.FromUnixMs < 0 || request.ToUnixMs <= request.FromUnixMs || request.ToUnixMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            throw new RpcException(RpcStatus.InvalidArgument, "a time is expected: from_unix_ms, and to_unix_ms behind it");
        }

        var (from, to) = (Named(request.FromPool), Named(request.ToPool));
        return from == to
            ? throw new MoveRefusedException(MoveRefusedException.SamePool, $"The recordings are in pool {from.Name} already; name another one.")
            : new MoveWish(
                from, to, request.CameraId is { Length: > 0 } camera ? camera : null, DateTimeOffset.FromUnixTimeMilliseconds(request.FromUnixMs),
                DateTimeOffset.FromUnixTimeMilliseconds(request.ToUnixMs));
    }

    private StoragePool Named(string name) =>
        pools.All.FirstOrDefault(p => p.Name == name)
            ?? throw new MoveRefusedException(MoveRefusedException.UnknownPool, $"There is no pool of that name; there are {string.Join(", ", pools.All.Select(p => p.Name))}.");

    private RpcException? Why(Exception e) => e switch
    {
        MoveRefusedException refused => new RpcException(RpcStatus.FailedPrecondition, $"{refused.Code}: {refused.Message}", e),
        NpgsqlException or TimeoutException => new RpcException(RpcStatus.Unavailable, "indexAway: The archive index is not available: " + e.Message, e),
        IOException or UnauthorizedAccessException => new RpcException(RpcStatus.FailedPrecondition, $"{MoveRefusedException.PoolAway}: A pool cannot be used: {e.Message}", e),
        OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested => new RpcException(RpcStatus.Unavailable, "the recorder stops", e),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(3818, LogLevel.Information, "Recordings were moved from pool {From} to {To}: {Segments} segments, {Bytes} bytes; {Stuck} stay where they were")]
        public static partial void Moved(ILogger logger, string from, string to, long segments, long bytes, long stuck);

        [LoggerMessage(3819, LogLevel.Warning, "Moving recordings to another pool ended ({Reason}); what was moved stays moved, and control goes on with the rest or says why not")]
        public static partial void Ended(ILogger logger, string reason);
    }
}
