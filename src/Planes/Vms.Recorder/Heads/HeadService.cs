using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Recorder.Recordings;
using Vms.Rpc;

namespace Vms.Recorder.Heads;

/// <summary>Says before an export of how much of it faces cannot be hidden: contracts/recorder.proto.</summary>
internal sealed class HeadService(ArchiveIndex index, HeadStore heads)
{
    private const int MaxCameras = 64;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    public static void Map(WebApplication app) =>
        app.MapUnary($"{RecorderPlaneService.Service}/MeasureHeads", MeasureHeadsRequest.Parser, app.Services.GetRequiredService<HeadService>().MeasureAsync);

    private async Task<MeasureHeadsReply> MeasureAsync(MeasureHeadsRequest request, RpcContext context)
    {
        var length = TimeSpan.FromMilliseconds(request.ToUnixMs - request.FromUnixMs);
        if (request.CameraIds.Count is 0 or > MaxCameras || !request.CameraIds.All(ArchiveLayout.IsSafeName) || length <= TimeSpan.Zero || length > s_longest)
            throw new RpcException(RpcStatus.InvalidArgument, $"expected 1 to {MaxCameras} cameras and at most {s_longest.TotalDays} days");
        var (from, to) = (DateTimeOffset.FromUnixTimeMilliseconds(request.FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(request.ToUnixMs));
        var reply = new MeasureHeadsReply();
        try
        {
            foreach (string camera in request.CameraIds)
                reply.Cameras.Add(await MeasureAsync(camera, from, to, context.CancellationToken));
        }
        catch (Exception e) when (e is IndexUnavailableException or IOException or UnauthorizedAccessException)
        {
            throw new RpcException(RpcStatus.Unavailable, e.Message);
        }

        return reply;
    }

    private async Task<HeadMeasure> MeasureAsync(string camera, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var measure = new HeadMeasure { CameraId = camera };
        var looked = await Task.Run(
            () =>
            {
                var looked = new LookedTime();
                foreach (var entry in heads.Between(camera, from, to)) looked.Add(entry);
                return looked;
            },
            cancellationToken);
        foreach (var (start, end) in await RecordedAsync(camera, from, to, cancellationToken))
        {
            measure.RecordedSeconds += (end - start).TotalSeconds;
            measure.UnlookedSeconds += looked.MissingIn(start, end).TotalSeconds;
        }

        return measure;
    }

    /// <summary>Stretches of which any stream is recorded, apart from each other.</summary>
    private async Task<List<(DateTimeOffset From, DateTimeOffset To)>> RecordedAsync(string camera, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var spans = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (string stream in PlaybackSegments.Streams)
            spans.AddRange((await index.FindSpansAsync(camera, stream, from, to, apart: false, cancellationToken)).Select(s => (s.From > from ? s.From : from, s.To < to ? s.To : to)));
        var joined = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var span in spans.Order())
        {
            if (joined.Count > 0 && span.From - joined[^1].To < TimeSpan.FromSeconds(1))
                joined[^1] = (joined[^1].From, span.To > joined[^1].To ? span.To : joined[^1].To);
            else joined.Add(span);
        }

        return joined;
    }
}
