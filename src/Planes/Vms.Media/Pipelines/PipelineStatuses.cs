using System.Text.Json;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Media.Ingest;

namespace Vms.Media.Pipelines;

/// <summary>What control, and through it the operator, learns about a pipeline.</summary>
internal static class PipelineStatuses
{
    public static PipelineStatus Of(Pipeline pipeline)
    {
        var state = pipeline.State;
        var spec = pipeline.Spec;
        var status = new PipelineStatus
        {
            CameraId = spec.CameraId,
            Stream = spec.Stream,
            Generation = spec.Generation,
            State = Word(state.Kind),
            Reason = state.Reason == PullReason.None ? "" : Word(state.Reason),
            Detail = state.Detail,
            StateSinceUnixMs = state.Since.ToUnixTimeMilliseconds(),
            RetryAtUnixMs = state.RetryAt?.ToUnixTimeMilliseconds() ?? 0,
            Fps = Math.Round(pipeline.Counters.Fps, 2),
            BitrateBps = (long)pipeline.Counters.BitrateBps,
            Packets = pipeline.Counters.Packets,
            LostPackets = pipeline.Counters.LostPackets,
            LastPictureUnixMs = pipeline.Counters.LastSampleUs / 1000,
        };
        if (pipeline.Live.Tracks.FirstOrDefault(t => t.IsVideo) is { } video)
        {
            status.Codec = video.Codec.ToString();
            status.Width = video.Width;
            status.Height = video.Height;
        }

        status.AudioCodec = pipeline.Live.Tracks.FirstOrDefault(t => t.IsAudio)?.Codec.ToString() ?? "";
        status.Metadata = pipeline.Live.Tracks.Any(t => t.Codec == CodecKind.OnvifMetadata);

        return status;
    }

    /// <summary>Of a stream that a limit of the node keeps out.</summary>
    public static PipelineStatus Refused(PipelineSpec spec, string limit, long sinceUnixMs) => new()
    {
        CameraId = spec.CameraId,
        Stream = spec.Stream,
        State = Word(PullStateKind.Offline),
        Reason = Word(PullReason.LimitReached),
        Detail = limit,
        StateSinceUnixMs = sinceUnixMs,
    };

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
