using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Auth;

namespace Vms.Control.Features.LiveFeed;

/// <summary>Hands the boxes of objects that analysis finds, as they are found, to those listeners who asked for the camera's and may see it live. Nothing is
/// stored; a listener that is slow misses some.</summary>
internal sealed class TracksFeed(BusConnection bus, RightsState rights) : BackgroundService
{
    /// <summary>Cameras of one listener.</summary>
    public const int MaxCameras = 64;

    private const int MaxPayload = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<FeedQueue, Watcher> _watchers = [];
    private volatile Watcher[] _all = [];

    private sealed record Watcher(FeedQueue Queue, Guid PrincipalId, IReadOnlySet<string> Cameras);

    /// <summary>Replaces what the listener watched before; none at all ends it.</summary>
    public void Watch(FeedQueue queue, Guid principalId, IReadOnlyCollection<string> cameraIds)
    {
        lock (_gate)
        {
            if (cameraIds.Count == 0)
                _watchers.Remove(queue);
            else
                _watchers[queue] = new Watcher(queue, principalId, cameraIds.ToHashSet(StringComparer.Ordinal));
            _all = [.. _watchers.Values];
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = bus.Subscribe(BusLayout.TracksSubjects, queueGroup: null);
        await foreach (var message in subscription.WithCancellation(stoppingToken))
            Forward(message);
    }

    private void Forward(BusMessage message)
    {
        if (_all is not { Length: > 0 } watchers || message.Subject.Split('.') is not [_, _, _, var cameraId] || message.Payload.Length is < 2 or > MaxPayload
            || message.Payload.Span[0] != (byte)'{')
            return;
        byte[]? bytes = null;
        foreach (var watcher in watchers)
        {
            // Asked each time: a right that was taken away counts at once.
            if (!watcher.Cameras.Contains(cameraId) || rights.Current?.Find(watcher.PrincipalId) is not { Enabled: true } who || !who.Rights.Allows(Permissions.LiveView, cameraId))
                continue;
            bytes ??= [.. "{\"type\":\"tracks\","u8, .. message.Payload.Span[1..]];
            watcher.Queue.TryAddPassing(bytes);
        }
    }
}
