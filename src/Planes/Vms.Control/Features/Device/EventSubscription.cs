using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Onvif.Device;
using Vms.Onvif.Events;

namespace Vms.Control.Features.Device;

/// <summary>The events of one device, for as long as they are wanted: what it tells becomes the same events that a metadata track brings.</summary>
internal sealed partial class EventSubscription : IAsyncDisposable
{
    private const string NotSupported = "eventsNotSupported";
    private const string RelayTopic = "Device/Trigger/Relay";
    private const string RelayToken = "RelayToken=";

    private readonly CameraRow _camera;
    private readonly DeviceTarget _target;
    private readonly OnvifClient _client;
    private readonly DeviceChecks _checks;
    private readonly DeviceEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PullPoint _pull;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly CameraReports _reports;                        // under the gate, as is all below
    private readonly List<CameraReport> _told = [];
    private readonly Dictionary<string, bool> _relays = new(StringComparer.Ordinal);
    private bool _refusedSaid;
    private volatile DeviceProblem? _end;
    private Task _run = Task.CompletedTask;

    private EventSubscription(
        CameraRow camera, DeviceTarget target, OnvifClient client, DeviceChecks checks, DeviceEvents events, PullPointOptions options, TimeProvider time, ILogger logger)
    {
        (_camera, _target, _client, _checks, _events, _time, _logger) = (camera, target, client, checks, events, time, logger);
        _reports = new CameraReports(camera.Id) { LeavesAnalysis = camera.Settings.Analytics is { LeavesCamera: true } };
        _pull = new PullPoint(camera.Id, client, options, time, logger);
    }

    /// <summary>Of what is asked with which credentials.</summary>
    public string Key => _target.Key;

    /// <summary>What the device sees in the picture is not told.</summary>
    public bool LeavesAnalysis => _reports.LeavesAnalysis;

    public bool IsSubscribed => _end is null && _pull.IsSubscribed;

    /// <summary>Null while all is well, and before the first answer.</summary>
    public DeviceProblem? Problem => _end ?? (_pull.Trouble is { } trouble ? DeviceFault.Of(trouble).ToView(NotSupported) : null);

    /// <param name="client">Owned.</param>
    public static EventSubscription Start(
        CameraRow camera, DeviceTarget target, OnvifClient client, DeviceChecks checks, DeviceEvents events, PullPointOptions options, TimeProvider time, ILogger logger)
    {
        var subscription = new EventSubscription(camera, target, client, checks, events, options, time, logger);
        subscription._run = subscription.RunAsync();
        return subscription;
    }

    /// <summary>Lets time pass: what goes on is said again, and what nobody ends is over.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            _reports.Tick(_time.GetUtcNow(), Now(), _told);
            Tell();
        }
    }

    public bool? RelayOf(string relay)
    {
        lock (_gate)
            return _relays.TryGetValue(relay, out bool active) ? active : null;
    }

    /// <summary>Gives the subscription back; what goes on is over, for all that is known.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _run;
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            var failure = await _pull.RunAsync(new PullPointListener(NotifiedAsync, LostAsync), _ending.Token);
            _end = DeviceFault.Of(failure).ToView(NotSupported);
            if (failure.Kind is OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear && !await _checks.RefusedAsync(_camera, _target, failure, _ending.Token))
            {
                failure = OnvifClient.NotAllowed;
                _end = DeviceFault.Of(failure).ToView(NotSupported);
            }

            Log.Over(_logger, _camera.Id, failure.Detail);
        }
        catch (OperationCanceledException)
        {
            // It is not wanted any more.
        }
        catch (Exception e)
        {
            _end = new DeviceProblem("deviceRefused", "Its events could not be read");
            Log.Failed(_logger, e, _camera.Id);
        }
        finally
        {
            await LostAsync();
            _client.Dispose();
        }
    }

    private ValueTask NotifiedAsync(IReadOnlyList<Notification> notifications)
    {
        lock (_gate)
        {
            var at = _time.GetUtcNow();
            foreach (var notification in notifications)
            {
                TakeRelay(notification);
                _reports.Take(notification, at, Now(), _told);
            }

            Tell();
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask LostAsync()
    {
        lock (_gate)
        {
            _relays.Clear();
            _reports.EndAll(_time.GetUtcNow(), _told);
            Tell();
        }

        return ValueTask.CompletedTask;
    }

    private void TakeRelay(Notification notification)
    {
        if (notification.Topic != RelayTopic || notification.Source.Split(',').FirstOrDefault(item => item.StartsWith(RelayToken, StringComparison.Ordinal)) is not { } source)
            return;
        string token = source[RelayToken.Length..];
        if (_relays.Count < RelayOutput.MaxOutputs || _relays.ContainsKey(token))
            _relays[token] = notification.Data.Any(item => item is { Name: "LogicalState", Value: "active" or "true" or "1" });
    }

    private void Tell()
    {
        foreach (var report in _told)
        {
            _events.Add(_camera.Id, report.Type, report.MessageIdOf(_time.GetTimestamp()), new
            {
                report.Id,
                report.Type,
                cameraId = _camera.Id,
                report.At,
                report.EndAt,
                report.Ongoing,
                source = "camera",
                data = new { by = "pullPoint", report.Topic, report.Source },
            });
        }

        _told.Clear();
        if (_reports.Refused > 0 && !_refusedSaid)
        {
            _refusedSaid = true;
            Log.TooMany(_logger, _camera.Id, CameraReports.MaxPerMinute, CameraReports.MaxSources);
        }
    }

    /// <summary>Monotonic.</summary>
    private TimeSpan Now() => _time.GetElapsedTime(0, _time.GetTimestamp());

    private static partial class Log
    {
        [LoggerMessage(1417, LogLevel.Warning, "Camera {CameraId}: its device tells no events ({Reason}); it is asked again when its credentials, its address or what it offers change")]
        public static partial void Over(ILogger logger, string cameraId, string reason);

        [LoggerMessage(1418, LogLevel.Error, "Camera {CameraId}: its device's events could not be read")]
        public static partial void Failed(ILogger logger, Exception exception, string cameraId);

        [LoggerMessage(1419, LogLevel.Warning, "Camera {CameraId} reports more than {Limit} events within a minute, or more than {Sources} sources that are active; what is more is left out")]
        public static partial void TooMany(ILogger logger, string cameraId, int limit, int sources);
    }
}
