using System.Diagnostics.Metrics;
using Vms.Media.Pipelines;
using Vms.Media.Streams;
using Vms.Onvif.Events;

namespace Vms.Media.Metadata;

/// <summary>
/// Reads what cameras report about their scene in their metadata tracks, and tells it to the event stream. A camera whose streams both bring it is
/// listened to on the one that began; the other repeats it, and takes over when the first falls silent.
/// </summary>
internal sealed partial class MetadataReader : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(60);

    private readonly MetadataFeed _feed;
    private readonly MediaEvents _events;
    private readonly TimeProvider _clock;
    private readonly ILogger<MetadataReader> _logger;
    private readonly Meter _meter = new("Vms.Media.Metadata.Reader");
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _refused;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Camera> _cameras = [];      // by id; under the gate, as is all below
    private readonly List<Notification> _notifications = [];
    private readonly List<CameraReport> _reports = [];

    public MetadataReader(MetadataFeed feed, MediaEvents events, TimeProvider clock, ILogger<MetadataReader> logger)
    {
        (_feed, _events, _clock, _logger) = (feed, events, clock, logger);
        _malformed = _meter.CreateCounter<long>("vms_media_metadata_malformed_total", null, "Documents of metadata tracks that are not well-formed.");
        _refused = _meter.CreateCounter<long>("vms_media_camera_reports_refused_total", null, "Events that cameras reported beyond what one may in a minute, and sources given up for others.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(ReadAsync(stoppingToken), LookAsync(stoppingToken));

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await foreach (var document in _feed.ReadAllAsync(cancellationToken))
        {
            lock (_gate)
                TryTake(document);
            MetadataFeed.GiveBack(document);
        }
    }

    private void TryTake(in MetadataDocument document)
    {
        try
        {
            Take(document);
        }
        catch (Exception e)
        {
            Fail(e, document.Stream.CameraId);      // one document's trouble, not the end of listening
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_look, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            lock (_gate)
            {
                foreach (var (id, camera) in _cameras)
                {
                    try
                    {
                        camera.Reports.Tick(_clock.GetUtcNow(), Now(), _reports);
                        Tell(id, camera);
                    }
                    catch (Exception e)
                    {
                        Fail(e, id);
                    }
                }
            }
        }
    }

    private void Take(in MetadataDocument document)
    {
        string id = document.Stream.CameraId;
        var at = DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(document.AtUs);
        if (document.Buffer is not { } buffer)
        {
            if (_cameras.TryGetValue(id, out var gone) && gone.Stream == document.Stream)
            {
                gone.Reports.EndAll(at, _reports);
                Tell(id, gone);
                _cameras.Remove(id);
            }

            return;
        }

        if (!_cameras.TryGetValue(id, out var camera))
            _cameras[id] = camera = new(document.Stream, new(id));
        if (camera.Stream != document.Stream && Now() - camera.HeardAt < s_silence)
            return;

        (camera.Stream, camera.HeardAt) = (document.Stream, Now());
        camera.Reports.LeavesAnalysis = document.Stream.LeavesCameraAnalysis;
        if (!MetadataStream.Read(new(buffer, 0, document.Length), _notifications))
        {
            _malformed.Add(1);
            if (!camera.MalformedSaid)
                Log.Malformed(_logger, id, document.Stream.Name);
            camera.MalformedSaid = true;
        }

        foreach (var notification in _notifications)
            camera.Reports.Take(notification, at, Now(), _reports);
        _notifications.Clear();
        Tell(id, camera);
    }

    /// <summary>Said once for each camera: the next document may well have the same trouble.</summary>
    private void Fail(Exception exception, string id)
    {
        _notifications.Clear();
        _reports.Clear();
        var camera = _cameras.GetValueOrDefault(id);
        if (camera is not { FailureSaid: true })
            Log.Failed(_logger, exception, id);
        if (camera is not null)
            camera.FailureSaid = true;
    }

    private void Tell(string id, Camera camera)
    {
        foreach (var report in _reports)
        {
            _events.Add(id, report.Type, report.MessageIdOf(_clock.GetTimestamp()), new
            {
                report.Id,
                report.Type,
                cameraId = id,
                report.At,
                report.EndAt,
                report.Ongoing,
                source = "camera",
                data = new { stream = camera.Stream.Name, report.Topic, report.Source },
            });
        }

        _reports.Clear();
        long refused = camera.Reports.Refused - camera.RefusedSaid;
        if (refused == 0)
            return;

        if (camera.RefusedSaid == 0)
            Log.TooMany(_logger, id, CameraReports.MaxPerMinute, CameraReports.MaxSources);
        _refused.Add(refused);
        camera.RefusedSaid = camera.Reports.Refused;
    }

    private TimeSpan Now() => _clock.GetElapsedTime(0, _clock.GetTimestamp());

    private sealed class Camera(LiveStream stream, CameraReports reports)
    {
        /// <summary>The one that is listened to.</summary>
        public LiveStream Stream { get; set; } = stream;

        /// <summary>Monotonic.</summary>
        public TimeSpan HeardAt { get; set; }

        public CameraReports Reports => reports;

        public bool MalformedSaid { get; set; }

        public bool FailureSaid { get; set; }

        public long RefusedSaid { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(2050, LogLevel.Warning, "Camera {CameraId} {Stream}: a document of its metadata track is not well-formed; what could be read of it counts, and so it is with the next ones")]
        public static partial void Malformed(ILogger logger, string cameraId, string stream);

        [LoggerMessage(2051, LogLevel.Warning, "Camera {CameraId} reports more than {Limit} events within a minute, or more than {Sources} sources that are active; what is more is left out and counted")]
        public static partial void TooMany(ILogger logger, string cameraId, int limit, int sources);

        [LoggerMessage(2052, LogLevel.Error, "Camera {CameraId}: what it reports could not be read; reading goes on with the next")]
        public static partial void Failed(ILogger logger, Exception exception, string cameraId);
    }
}
