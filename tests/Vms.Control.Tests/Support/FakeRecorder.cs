using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Tests.Support;

/// <summary>Applies recordings as vms-recorder does and remembers every call; serves what a test maps over HTTP.</summary>
internal sealed class FakeRecorder(PlaneOptions options, Action<WebApplication>? map = null) : FakePlane(options, "recorder")
{
    public ConcurrentDictionary<string, RecordingSpec> Recordings { get; } = new();

    /// <summary>By camera; each goes on until so many seconds after 1970.</summary>
    public ConcurrentDictionary<string, StartManualRequest> Manual { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Stills of events, by the events' ids.</summary>
    public ConcurrentDictionary<string, byte[]> EventPictures { get; } = new();

    /// <summary>None of them opens.</summary>
    public RpcStatus? EventPictureRefusal { get; set; }

    /// <summary>Streams of which the archive has a picture of every moment.</summary>
    public IReadOnlyList<string> Stills { get; set; } = [];

    public bool IsArchiveBusy { get; set; }

    /// <summary>What it was asked to export, and how far that is; a test changes the latter.</summary>
    public ConcurrentDictionary<string, (ExportSpec Spec, ExportStatus Status)> Exports { get; } = new();

    /// <summary>Seconds of every camera's recordings that nobody looked at for people.</summary>
    public double UnlookedSeconds { get; set; }

    /// <summary>Files of an archive that it cannot delete.</summary>
    public volatile int FilesLeft;

    /// <summary>Files of an archive that a hold keeps.</summary>
    public volatile int FilesHeld;

    /// <summary>Cameras whose archive it did not delete, because it has not got the list of what is to be kept.</summary>
    public ConcurrentQueue<string> RefusedDeletions { get; } = new();

    /// <summary>It takes no list of what is to be kept.</summary>
    public volatile bool RefusesLists;

    /// <summary>What is to be kept, as told last.</summary>
    public volatile KeptRanges Kept = new();

    /// <summary>Of every recording.</summary>
    public double ForecastDays { get; init; }

    /// <summary>What reading it back came to last, of every recording.</summary>
    public volatile string ReadBackResult = "";

    /// <summary>How much of every range is there.</summary>
    public RangeMeasure Measure { get; set; } = new();

    /// <summary>A camera with a file that is shorter than the index says.</summary>
    public volatile string? TooShort;

    /// <summary>An export whose files cannot be removed.</summary>
    public volatile string? StuckExport;

    protected override void Map(WebApplication app)
    {
        app.MapGet("/metrics", () => "vms_recorder_pool_free_bytes{pool=\"a\"} 100\nvms_recorder_pool_free_bytes{pool=\"b\"} 23\nvms_recorder_pool_used_bytes 7e3\n"
            + "vms_recorder_pool_forecast_days 12.5\nvms_recorder_kept_bytes{by=\"hold\"} 500\nvms_recorder_kept_bytes{by=\"clip\"} 100\n"
            + "vms_recorder_pool_state{pool=\"b\",role=\"archive\",state=\"away\"} 1\nvms_recorder_pool_state{pool=\"a\",role=\"record\",state=\"ready\"} 1\n"
            + "vms_recorder_pool_capacity_bytes{pool=\"a\"} 900\nvms_recorder_pool_headroom_hours{pool=\"a\"} 1.5\nvms_recorder_pool_days{pool=\"a\"} 0\n"
            + "vms_recorder_moved_bytes_total{pool=\"b\"} 42\n");
        map?.Invoke(app);
        app.MapUnary("vms.recorder.v1.RecorderPlane/ListRecordings", ListRecordingsRequest.Parser, (_, _) =>
        {
            var list = new RecordingList { Instance = Instance };
            list.Recordings.AddRange(Recordings.Values.Select(s => new RecordingStatus
            {
                CameraId = s.CameraId,
                Stream = s.Stream,
                Generation = s.Generation,
                Mode = s.Mode,
                Runs = s.Mode != "off" || s.Schedule.Any(e => e.Mode != "off"),
                State = s.Mode == "off" ? "stopped" : "recording",
                ForecastDays = ForecastDays,
                ReadBackUnixMs = ReadBackResult.Length > 0 ? 1_796_040_180_000 : 0,
                ReadBackFromUnixMs = ReadBackResult.Length > 0 ? 1_796_040_171_000 : 0,
                ReadBackResult = ReadBackResult,
                ReadBackDetail = ReadBackResult is "" or "good" ? "" : "the checksum of fragment 7 is wrong",
                ManualUntilUnixMs = Manual.GetValueOrDefault(s.CameraId)?.Seconds * 1000 ?? 0,
                ManualReason = Manual.GetValueOrDefault(s.CameraId)?.Reason ?? "",
                ManualBy = Manual.GetValueOrDefault(s.CameraId)?.By ?? "",
            }));
            return Task.FromResult(list);
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/StartRecording", RecordingSpec.Parser, (spec, _) =>
        {
            Recordings[$"{spec.CameraId}.{spec.Stream}"] = spec;
            Calls.Enqueue($"start {spec.CameraId}.{spec.Stream} {spec.Mode} {spec.Generation}");
            return Task.FromResult(new StartRecordingReply { Generation = spec.Generation });
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/StopRecording", StopRecordingRequest.Parser, (request, _) =>
        {
            // As the real one: what was stopped stays known with mode off, because its video is still kept.
            var off = Recordings[$"{request.CameraId}.{request.Stream}"].Clone();
            off.Mode = "off";
            off.Schedule.Clear();
            Recordings[$"{request.CameraId}.{request.Stream}"] = off;
            Calls.Enqueue($"stop {request.CameraId}.{request.Stream}");
            return Task.FromResult(new StopRecordingReply());
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/StartExport", ExportSpec.Parser, (spec, _) =>
            Task.FromResult(Exports.GetOrAdd(spec.Id, (spec, new ExportStatus { Id = spec.Id, State = "queued" })).Status));
        app.MapUnary("vms.recorder.v1.RecorderPlane/MeasureHeads", MeasureHeadsRequest.Parser, (request, _) => Task.FromResult(new MeasureHeadsReply
        {
            Cameras = { request.CameraIds.Select(c => new HeadMeasure { CameraId = c, RecordedSeconds = (request.ToUnixMs - request.FromUnixMs) / 1000.0, UnlookedSeconds = UnlookedSeconds }) },
        }));
        app.MapServerStreaming<CheckIndexRequest, IndexCheckReport>("vms.recorder.v1.RecorderPlane/CheckIndex", CheckIndexRequest.Parser, CheckIndexAsync);
        app.MapUnary("vms.recorder.v1.RecorderPlane/DeleteExport", DeleteExportRequest.Parser, (request, _) =>
        {
            if (request.Id == StuckExport)
                throw new RpcException(RpcStatus.Unavailable, "files of the export cannot be removed");
            Exports.TryRemove(request.Id, out var _);
            Calls.Enqueue($"delete export {request.Id}");
            return Task.FromResult(new DeleteExportReply());
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/KeepRanges", KeptRanges.Parser, (list, _) =>
        {
            if (RefusesLists)
                throw new RpcException(RpcStatus.Unavailable, "the list cannot be written down");
            if (Kept.Generation >= list.Generation && !IsKept(list.Generation, list.ListId))
                throw new RpcException(RpcStatus.FailedPrecondition, "a newer generation is applied, or another list of this one");
            Kept = list;
            return Task.FromResult(new KeepRangesReply { Generation = list.Generation });
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/ListKeptRanges", ListKeptRangesRequest.Parser, (request, _) =>
            Task.FromResult(request.WithRanges ? Kept : new KeptRanges { Generation = Kept.Generation, ListId = Kept.ListId }));
        app.MapUnary("vms.recorder.v1.RecorderPlane/MeasureRanges", MeasureRangesRequest.Parser, (request, _) =>
            Task.FromResult(new MeasureRangesReply { Measures = { request.Ranges.Select(_ => Measure) } }));
        app.MapUnary("vms.recorder.v1.RecorderPlane/StartManual", StartManualRequest.Parser, (request, _) =>
        {
            if (!Recordings.ContainsKey($"{request.CameraId}.{request.Stream}"))
                throw new RpcException(RpcStatus.NotFound, "nothing is known of this stream");
            Manual[request.CameraId] = request;
            return Task.FromResult(new ManualReply { UntilUnixMs = request.Seconds * 1000 });
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/StopManual", StopManualRequest.Parser, (request, _) =>
        {
            return Task.FromResult(new ManualReply { Ended = Manual.TryRemove(request.CameraId, out StartManualRequest? _) });
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/TakeRecordedStill", TakeRecordedStillRequest.Parser, (request, _) => IsArchiveBusy ? throw new RpcException(RpcStatus.ResourceExhausted, "too many stills at once")
            : Stills.Contains(request.Stream)
            ? Task.FromResult(new RecordedStill { Jpeg = Google.Protobuf.ByteString.CopyFrom(0xFF, 0xD8, (byte)'a'), CapturedAtUnixMs = request.AtUnixMs - 40 })
            : throw new RpcException(RpcStatus.NotFound, "noRecording: nothing is recorded at this time"));
        app.MapUnary("vms.recorder.v1.RecorderPlane/StoreEventPicture", EventPicture.Parser, (picture, _) =>
        {
            EventPictures[picture.EventId] = picture.Jpeg.ToByteArray();
            return Task.FromResult(new StoreEventPictureReply());
        });
        app.MapUnary("vms.recorder.v1.RecorderPlane/ReadEventPicture", ReadEventPictureRequest.Parser, (request, _) =>
            EventPictureRefusal is { } status ? throw new RpcException(status, "it does not open")
                : EventPictures.TryGetValue(request.EventId, out var jpeg)
                ? Task.FromResult(new EventPicture { EventId = request.EventId, Jpeg = Google.Protobuf.ByteString.CopyFrom(jpeg) })
                : throw new RpcException(RpcStatus.NotFound, "there is no such picture"));
        app.MapUnary("vms.recorder.v1.RecorderPlane/DeleteEventPictures", DeleteEventPicturesRequest.Parser, (request, _) =>
            Task.FromResult(new DeleteEventPicturesReply { Files = EventPictures.TryRemove(request.EventId, out byte[]? _) ? 1 : 0 }));
        app.MapUnary("vms.recorder.v1.RecorderPlane/DeleteArchive", DeleteArchiveRequest.Parser, (request, _) =>
        {
            if (!IsKept(request.KeptGeneration, request.KeptListId))
            {
                RefusedDeletions.Enqueue(request.CameraId);
                throw new RpcException(RpcStatus.FailedPrecondition, "the list of what is to be kept is not applied");
            }

            var left = FilesLeft;       // before the call is seen: the test may change it then
            Calls.Enqueue($"delete {request.CameraId}");
            if (FilesHeld > 0)
                return Task.FromResult(new DeleteArchiveReply { HeldSegments = FilesHeld, HeldBytes = 1000 });
            if (left > 0)
                return Task.FromResult(new DeleteArchiveReply { FilesLeft = left });
            foreach (var key in Recordings.Keys.Where(k => k.StartsWith(request.CameraId, StringComparison.Ordinal)))
                Recordings.TryRemove(key, out RecordingSpec? _);
            return Task.FromResult(new DeleteArchiveReply { Segments = 3, Bytes = 1000 });
        });
    }

    /// <summary>One segment a camera; its file is too short where the test says so.</summary>
    private async IAsyncEnumerable<IndexCheckReport> CheckIndexAsync(CheckIndexRequest request, RpcContext context)
    {
        Calls.Enqueue($"check {request.Level} {request.CameraId}");
        await Task.CompletedTask;
        var wrong = request.CameraId == TooShort;
        if (wrong)
            yield return new IndexCheckReport { Finding = new IndexFinding { CameraId = request.CameraId, Stream = "main", FromUnixMs = 1000, Path = "a/b.mp4", Problem = "tooShort", Detail = "d" } };
        yield return new IndexCheckReport { Summary = new IndexCheckSummary { Segments = 1, Files = 1, Findings = wrong ? 1 : 0 } };
    }

    private bool IsKept(long generation, string listId) => Kept.Generation == generation && Kept.ListId == listId;
}
