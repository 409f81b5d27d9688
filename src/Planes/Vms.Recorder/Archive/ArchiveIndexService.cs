using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Recorder.Recordings;
using Vms.Rpc;

namespace Vms.Recorder.Archive;

/// <summary>Check and rebuild of the index for whoever may open the recorder's local socket: contracts/recorder.proto.</summary>
internal sealed class ArchiveIndexService(IndexCheck check, IndexRebuild rebuild, IHostApplicationLifetime lifetime) : IDisposable
{
    private readonly SemaphoreSlim _checking = new(1, 1);

    public static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<ArchiveIndexService>();
        app.MapServerStreaming<CheckIndexRequest, IndexCheckReport>(
            $"{RecorderPlaneService.Service}/CheckIndex", CheckIndexRequest.Parser, (request, context) => service.CheckAsync(request, context.CancellationToken));
        app.MapUnary($"{RecorderPlaneService.Service}/RebuildIndex", RebuildIndexRequest.Parser, service.RebuildAsync);
    }

    public void Dispose() => _checking.Dispose();

    private async IAsyncEnumerable<IndexCheckReport> CheckAsync(CheckIndexRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var level = LevelOf(request.Level);
        if (request.CameraId.Length > 0 && !ArchiveLayout.IsSafeName(request.CameraId))
        {
            throw new RpcException(RpcStatus.InvalidArgument, "camera_id must be 1 to 64 letters, digits, '-' or '_'");
        }

        // Two at a time would only take the disk's time from each other.
        if (!await _checking.WaitAsync(0, CancellationToken.None))
        {
            throw new RpcException(RpcStatus.FailedPrecondition, "a check is going on already");
        }

        try
        {
            using var stop = UntilStopping(cancellationToken);
            var counts = new IndexCheckCounts();
            long findings = 0;
            await using var found = check.RunAsync(level, request.CameraId is { Length: > 0 } id ? id : null, counts, stop.Token)
                .GetAsyncEnumerator(stop.Token);
            while (await NextAsync(found))
            {
                findings++;
                yield return new IndexCheckReport { Finding = View(found.Current) };
            }

            yield return new IndexCheckReport
            {
                Summary = new IndexCheckSummary { Segments = counts.Segments, Files = counts.Files, Fragments = counts.Fragments, Findings = findings },
            };
        }
        finally
        {
            _checking.Release();
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<IndexFinding> findings)
    {
        try
        {
            return await findings.MoveNextAsync();
        }
        catch (Exception e) when (Why(e) is { } why)
        {
            throw why;
        }
    }

    private async Task<RebuildIndexReply> RebuildAsync(RebuildIndexRequest request, RpcContext context)
    {
        try
        {
            using var stop = UntilStopping(context.CancellationToken);
            var result = await rebuild.RunAsync(request.EveryFile, stop.Token);
            return new RebuildIndexReply
            {
                Added = result.Added,
                Closed = result.Closed,
                Corrected = result.Corrected,
                Removed = result.Removed,
                Unreadable = result.Unreadable,
            };
        }
        catch (Exception e) when (Why(e) is { } why)
        {
            throw why;
        }
    }

    /// <summary>An ordered stop does not wait for hours of checking.</summary>
    private CancellationTokenSource UntilStopping(CancellationToken cancellationToken) =>
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);

    private RpcException? Why(Exception e) => e switch
    {
        NpgsqlException or TimeoutException => new RpcException(RpcStatus.Unavailable, "the archive index is not available: " + e.Message, e),
        IOException or UnauthorizedAccessException => new RpcException(RpcStatus.Unavailable, "the recordings cannot be read: " + e.Message, e),
        OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested => new RpcException(RpcStatus.Unavailable, "the recorder stops", e),
        _ => null,
    };

    private static IndexCheckLevel LevelOf(string level) =>
        Enum.GetValues<IndexCheckLevel>().Where(l => WordOf(l) == level).Cast<IndexCheckLevel?>().FirstOrDefault()
            ?? throw new RpcException(
                RpcStatus.InvalidArgument, $"level '{level}'; expected {string.Join(", ", Enum.GetValues<IndexCheckLevel>().Select(WordOf))}");

    private static string WordOf(IndexCheckLevel level) => JsonNamingPolicy.CamelCase.ConvertName(level.ToString());

    private static Vms.Contracts.Recorder.IndexFinding View(IndexFinding finding) => new()
    {
        CameraId = finding.CameraId,
        Stream = finding.Stream,
        FromUnixMs = finding.From?.ToUnixTimeMilliseconds() ?? 0,
        Path = finding.Path,
        Problem = finding.Problem,
        Detail = finding.Detail,
    };
}
