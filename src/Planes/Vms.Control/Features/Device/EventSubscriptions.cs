using System.Collections.Concurrent;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>
/// Fetches the events of devices whose streams bring none: of each such camera one <see cref="EventSubscription"/>. It begins when the stream is there and has
/// no metadata track, and ends when one comes, or the camera goes or is asked otherwise.
/// </summary>
internal sealed partial class EventSubscriptions(
    DesiredState desired, ObservedState observed, CameraStates cameras, DeviceStates devices, DeviceClients clients, DeviceChecks checks, DeviceEvents events, NodeKey nodeKey,
    PullPointOptions options, TimeProvider time, ILogger<EventSubscriptions> logger) : BackgroundService
{
    /// <summary>Begun in one look: an installation that starts does not knock at all doors at once.</summary>
    private const int MaxBegun = 8;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, EventSubscription> _subscriptions = new(StringComparer.Ordinal);

    /// <returns>Whether the device tells now, and why not although it is asked.</returns>
    public (bool IsSubscribed, DeviceProblem? Problem) StateOf(string cameraId) =>
        _subscriptions.TryGetValue(cameraId, out var one) ? (one.IsSubscribed, one.Problem) : (false, null);

    /// <summary>What the device's events said of a relay last; null: nothing.</summary>
    public bool? RelayOf(string cameraId, string relay) => _subscriptions.TryGetValue(cameraId, out var one) ? one.RelayOf(relay) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await LookAsync();
        }
        finally
        {
            await Task.WhenAll(_subscriptions.Values.Select(one => one.DisposeAsync().AsTask()));
        }
    }

    private async Task LookAsync()
    {
        if (desired.Cameras is not { } wanted)
            return;

        foreach (var (id, one) in _subscriptions)
        {
            if (wanted.GetValueOrDefault(id)?.Row is not { } row || !MayGoOn(row, one))
            {
                _subscriptions.TryRemove(id, out _);
                await one.DisposeAsync();
            }
            else
            {
                one.Tick();
            }
        }

        foreach (var row in wanted.Values.Select(camera => camera.Row).Where(MayBegin).Take(MaxBegun))
        {
            var device = devices.Of(row.Id)!;
            if (DeviceTarget.Of(row, device, port: null, nodeKey) is not { } target)
                continue;
            Log.Begun(logger, row.Id);
            _subscriptions[row.Id] = EventSubscription.Start(row, target, clients.New(target), checks, events, options, time, logger);
        }
    }

    /// <summary>The stream of a camera that is there says whether it brings events; one that is away says nothing.</summary>
    private bool MayBegin(CameraRow row) =>
        !_subscriptions.ContainsKey(row.Id) && IsAsked(row, out _) && cameras.Of(row) is { State: "online" or "idle" } state && !state.Streams.Any(stream => stream.Metadata);

    private bool MayGoOn(CameraRow row, EventSubscription one) =>
        IsAsked(row, out string key) && key == one.Key && row.Settings.Analytics is { LeavesCamera: true } == one.LeavesAnalysis && !HasMetadata(row.Id);

    private bool IsAsked(CameraRow row, out string key)
    {
        key = "";
        // A recorder tells the events of all its channels by itself.
        if (row.NvrId is not null || !row.Settings.Enabled
            || devices.Of(row.Id) is not { IsOnvif: true, HasEvents: true } device || device.Problem?.Code is not (null or "deviceUnreachable"))
            return false;
        key = device.CredentialsKey;
        return key == DeviceTarget.KeyOf(row, device);
    }

    private bool HasMetadata(string cameraId) =>
        observed.Pipeline(new StreamKey(cameraId, "main")) is { Metadata: true } || observed.Pipeline(new StreamKey(cameraId, "sub")) is { Metadata: true };

    private static partial class Log
    {
        [LoggerMessage(1416, LogLevel.Information, "Camera {CameraId}: its stream brings no events, its device is asked for them")]
        public static partial void Begun(ILogger logger, string cameraId);
    }
}
