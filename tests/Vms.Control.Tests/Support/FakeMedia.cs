using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Tests.Support;

/// <summary>Applies pipelines as vms-media does (by generation) and remembers every call.</summary>
internal sealed class FakeMedia(PlaneOptions options, Action<WebApplication>? map = null) : FakePlane(options, "media")
{
    public ConcurrentDictionary<string, PipelineSpec> Pipelines { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentDictionary<string, string> Answers { get; } = new();

    /// <summary>Cameras it refuses to start.</summary>
    public ConcurrentDictionary<string, bool> Refused { get; } = new();

    public string State { get; set; } = "online";

    /// <summary>Its streams bring a metadata track.</summary>
    public bool Metadata { get; set; }

    /// <summary>Why it converts nothing; null when it does.</summary>
    public RpcException? Conversion { get; set; }

    /// <summary>What it tells of a stream that it is asked to look at.</summary>
    public Func<PipelineSpec, ProbedStream> Probe { get; set; } = _ => new ProbedStream { Status = new PipelineStatus { State = "offline", Reason = "unreachable" } };

    /// <summary>Who watches which camera, as it tells on its local socket.</summary>
    public ConcurrentBag<(string User, string CameraId)> Watching { get; } = [];

    public ConcurrentQueue<CaptureSnapshotRequest> Snapshots { get; } = new();

    /// <summary>Streams that are not connected: stills of them are placeholders.</summary>
    public IReadOnlyList<string> NoPictureOf { get; set; } = [];

    /// <summary>So long after the moment comes the first picture of a stream that is pulled for it. Null: none comes.</summary>
    public TimeSpan? PictureAfter { get; set; }

    protected override void Map(WebApplication app)
    {
        map?.Invoke(app);
        app.MapGet("/live/sessions", () => new { items = Watching.Select(w => new { user = w.User, cameraId = w.CameraId, stream = "main", transport = "mse", playing = true }) });
        app.MapUnary("vms.media.v1.MediaPlane/ListPipelines", ListPipelinesRequest.Parser, (_, _) =>
        {
            var list = new PipelineList { Instance = Instance };
            list.Pipelines.AddRange(Pipelines.Values.Select(s => new PipelineStatus
            {
                CameraId = s.CameraId,
                Stream = s.Stream,
                Generation = s.Generation,
                State = State,
                Codec = "H264",
                Width = 1920,
                Height = 1080,
                Fps = 25,
                Metadata = Metadata,
                Packets = 9_990,
                LostPackets = 10,
                LastPictureUnixMs = 1_783_000_000_000,
            }));
            return Task.FromResult(list);
        });
        app.MapUnary("vms.media.v1.MediaPlane/StartPipeline", PipelineSpec.Parser, (spec, _) =>
        {
            if (Refused.ContainsKey(spec.CameraId))
                throw new RpcException(RpcStatus.ResourceExhausted, "no shared memory left");
            var key = $"{spec.CameraId}.{spec.Stream}";
            if (Pipelines.TryGetValue(key, out var applied) && applied.Generation > spec.Generation)
                throw new RpcException(RpcStatus.FailedPrecondition, "older generation");
            Pipelines[key] = spec;
            Calls.Enqueue($"start {key} {spec.Generation}");
            return Task.FromResult(new StartPipelineReply { Generation = spec.Generation });
        });
        app.MapUnary("vms.media.v1.MediaPlane/StopPipeline", StopPipelineRequest.Parser, (request, _) =>
        {
            Pipelines.TryRemove($"{request.CameraId}.{request.Stream}", out PipelineSpec? _);
            Calls.Enqueue($"stop {request.CameraId}.{request.Stream}");
            return Task.FromResult(new StopPipelineReply());
        });
        app.MapUnary("vms.media.v1.MediaPlane/CaptureSnapshot", CaptureSnapshotRequest.Parser, (request, _) =>
        {
            Snapshots.Enqueue(request);
            long? capturedAt = !NoPictureOf.Contains(request.Stream) ? request.AtUnixMs
                : PictureAfter is { TotalMilliseconds: var late } && request.AtUnixMs + (long)late is var first && first <= request.UntilUnixMs ? first : null;
            return Task.FromResult(new CapturedSnapshot
            {
                Jpeg = Google.Protobuf.ByteString.CopyFrom(0xFF, 0xD8, (byte)request.Stream[0]),
                CapturedAtUnixMs = capturedAt ?? 0,
                Missing = capturedAt is null ? "noVideo" : "",
            });
        });
        app.MapUnary("vms.media.v1.MediaPlane/OfferViewerSession", OfferViewerSessionRequest.Parser, (request, _) =>
        {
            Calls.Enqueue($"offer {request.CameraId}.{request.Stream} {request.User}");
            return Task.FromResult(new ViewerOffer { SessionId = "session-" + request.CameraId, Sdp = "v=0 offer" });
        });
        app.MapUnary("vms.media.v1.MediaPlane/PrepareConversion", PrepareConversionRequest.Parser, (request, _) =>
        {
            if (Conversion is { } refusal)
                throw refusal;
            Calls.Enqueue($"prepare {request.CameraId}.{request.Stream}");
            return Task.FromResult(new PreparedConversion { Stream = request.Stream + "-h264" });
        });
        app.MapUnary("vms.media.v1.MediaPlane/ProbeStream", ProbeStreamRequest.Parser, (request, _) =>
        {
            Calls.Enqueue($"probe {request.Spec.Url}");
            return Task.FromResult(Probe(request.Spec));
        });
        app.MapUnary("vms.media.v1.MediaPlane/AnswerViewerSession", ViewerAnswer.Parser, (answer, _) =>
        {
            Answers[answer.SessionId] = answer.Sdp;
            return Task.FromResult(new AnswerViewerSessionReply());
        });
        app.MapUnary("vms.media.v1.MediaPlane/RestartViewerSession", RestartViewerSessionRequest.Parser, (request, _) =>
            Task.FromResult(new ViewerOffer { SessionId = request.SessionId, Sdp = "v=0 another offer" }));
        app.MapUnary("vms.media.v1.MediaPlane/CloseViewerSession", CloseViewerSessionRequest.Parser, (request, _) =>
        {
            Calls.Enqueue("close " + request.SessionId);
            return Task.FromResult(new CloseViewerSessionReply());
        });
    }
}
