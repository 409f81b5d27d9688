using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Recordings;
using Vms.Rpc;

namespace Vms.Recorder.Retention;

/// <summary>What is to be kept, as control says it: contracts/recorder.proto.</summary>
internal sealed class KeptRangesService(KeptFootage kept, ArchiveFolders folders, ArchiveIndex index, IndexTables tables, TimeProvider time)
{
    private const int MaxMeasured = 200;

    /// <summary>A hold of years is some thousand rows: after this the rest is left to the next call.</summary>
    private static readonly TimeSpan s_measureFor = TimeSpan.FromSeconds(5);

    private static readonly long s_maxUnixMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static readonly string[] s_kinds = ["hold", "clip", "bookmark"];

    public static void Map(WebApplication app)
    {
        var service = app.Services.GetRequiredService<KeptRangesService>();
        app.MapUnary($"{RecorderPlaneService.Service}/KeepRanges", KeptRanges.Parser, service.KeepAsync);
        app.MapUnary($"{RecorderPlaneService.Service}/ListKeptRanges", ListKeptRangesRequest.Parser, service.List);
        app.MapUnary($"{RecorderPlaneService.Service}/MeasureRanges", MeasureRangesRequest.Parser, service.MeasureAsync);
    }

    private async Task<KeepRangesReply> KeepAsync(KeptRanges list, RpcContext context)
    {
        if (list.Generation < 1 || list.Ranges.Count > KeptFootage.MaxRanges)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"expected a generation and at most {KeptFootage.MaxRanges} ranges");
        }

        foreach (var range in list.Ranges)
        {
            Check(range);
        }

        try
        {
            // Not cut short when the caller hangs up: what stands in the pool and what is in force must agree.
            return await Task.Run(() => kept.Apply(list), CancellationToken.None)
                ? new KeepRangesReply { Generation = list.Generation }
                : throw new RpcException(RpcStatus.FailedPrecondition, "a newer generation is applied, or another list of this one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(RpcStatus.Unavailable, $"the list cannot be written down: {e.Message}");
        }
    }

    private Task<KeptRanges> List(ListKeptRangesRequest request, RpcContext context)
    {
        kept.Confirm(request.WantedGeneration, request.WantedListId);
        return Task.FromResult(
            kept.Applied is not { } applied ? new KeptRanges()
            : request.WithRanges ? applied
            : new KeptRanges { Generation = applied.Generation, ListId = applied.ListId });
    }

    private async Task<MeasureRangesReply> MeasureAsync(MeasureRangesRequest request, RpcContext context)
    {
        if (request.Ranges.Count > MaxMeasured)
        {
            throw new RpcException(RpcStatus.InvalidArgument, $"at most {MaxMeasured} ranges at a time");
        }

        var reply = new MeasureRangesReply();
        long began = time.GetTimestamp();
        try
        {
            foreach (var range in request.Ranges.TakeWhile(_ => time.GetElapsedTime(began) < s_measureFor))
            {
                Check(range);
                reply.Measures.Add(await MeasureAsync(range, context.CancellationToken));
            }
        }
        catch (Exception e) when (e is IndexUnavailableException or NpgsqlException or TimeoutException)
        {
            throw new RpcException(RpcStatus.Unavailable, e.Message);
        }

        return reply;
    }

    private async Task<RangeMeasure> MeasureAsync(KeptRange range, CancellationToken cancellationToken)
    {
        var (from, to) = (DateTimeOffset.FromUnixTimeMilliseconds(range.FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(range.ToUnixMs));
        var best = new RangeCoverage(TimeSpan.Zero, TimeSpan.Zero);
        foreach (var (cameraId, stream) in folders.Streams().Where(s => s.CameraId == range.CameraId))
        {
            var before = from - RangeCoverage.LongestSegment;
            var segments = await index.FindSpansAsync(cameraId, stream, before, to, apart: true, cancellationToken);
            var deleted = await tables.DeletedStartsAsync(cameraId, stream, before, to, cancellationToken);
            var coverage = RangeCoverage.Of(from, to, [.. segments.Select(s => (s.From, s.To))], deleted);
            best = coverage.Recorded >= best.Recorded ? coverage : best;
        }

        return new RangeMeasure { RecordedMs = (long)best.Recorded.TotalMilliseconds, DeletedMs = (long)best.Deleted.TotalMilliseconds };
    }

    private static void Check(KeptRange range)
    {
        if (!ArchiveLayout.IsSafeName(range.CameraId) || !s_kinds.Contains(range.Kind)
            || range.FromUnixMs < 0 || range.FromUnixMs >= range.ToUnixMs || range.ToUnixMs > s_maxUnixMs
            || range.UntilUnixMs < 0 || range.UntilUnixMs > s_maxUnixMs)
        {
            throw new RpcException(
                RpcStatus.InvalidArgument, $"range '{range.Id}': expected a camera, a kind of {string.Join(", ", s_kinds)}, and an end after its beginning");
        }
    }
}
