using System.Text.Json;
using Vms.Control.Auth;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.LiveFeed;

/// <summary>Watches wanted and observed state and tells the listeners what changed. Measurements alone (bit rate, bytes) are no change:
/// the next message carries them along.</summary>
internal sealed class CameraStateFeed(
    DesiredState desired, ObservedState observed, CameraStates states, RightsState rights, FeedHub hub, TimeProvider time) : BackgroundService
{
    /// <summary>Also notices reports that were not repeated in time.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    /// <summary>Changes that come together are one pass.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, string> _sent = new(StringComparer.Ordinal);

    /// <summary>The picture a new listener starts from.</summary>
    public IEnumerable<CameraStateMessage> Current(Rights seen) =>
        (desired.Cameras?.Values ?? []).Where(c => seen.Allows(Permissions.CamerasRead, c.Row.Id)).Select(c => CameraStateMessage.Of(c.Row.Id, states.Of(c.Row)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (wanted, seen, allowed) = (desired.Replaced.Next, observed.Changed.Next, rights.Replaced.Next);
            hub.Recheck(StateOf);
            Pass();
            Task any = Task.WhenAny(wanted, seen, allowed);
            await any.WaitAsync(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(s_gather, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Pass()
    {
        if (desired.Cameras is not { } cameras)
            return;
        foreach (var (id, camera) in cameras)
        {
            var state = states.Of(camera.Row);
            var essence = EssenceOf(state);
            if (_sent.TryGetValue(id, out var before) && before == essence)
                continue;
            _sent[id] = essence;
            hub.Publish(CameraStateMessage.Of(id, state), Permissions.CamerasRead, id, null);
        }

        foreach (var id in _sent.Keys.Where(id => !cameras.ContainsKey(id)).ToList())
        {
            _sent.Remove(id);
            hub.Publish(new CameraRemovedMessage(id), Permissions.CamerasRead, id, null);
        }
    }

    private CameraStateMessage? StateOf(string id) =>
        desired.Cameras?.TryGetValue(id, out var camera) == true ? CameraStateMessage.Of(id, states.Of(camera.Row)) : null;

    private static string EssenceOf(CameraState state) => JsonSerializer.Serialize(state with
    {
        Recording = state.Recording with
        {
            BytesToday = 0,
            LostSecondsToday = 0,
            ForecastDays = null,
            ReadBack = state.Recording.ReadBack is { } read ? read with { At = default, From = default } : null,
        },
        Streams = [.. state.Streams.Select(s => s with { Fps = null, BitrateBps = null })],
    });
}
