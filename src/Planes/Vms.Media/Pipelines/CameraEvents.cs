using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vms.Media.Ingest;

namespace Vms.Media.Pipelines;

/// <summary>
/// Tells the event stream when a camera goes away and comes back: <c>camera.offline</c> once its main stream has not been
/// online for <see cref="OfflineAfter"/>, <c>camera.online</c> when it plays again. A camera that never played since this plane
/// started is offline too, unless it is on demand. An audio track that dies beside its pictures is <c>camera.audio.lost</c>, and
/// <c>camera.audio.back</c> later.
/// </summary>
internal sealed class CameraEvents : BackgroundService
{
    /// <summary>Shorter interruptions are gaps on the timeline, not events.</summary>
    public static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly PipelineTable _table;
    private readonly MediaEvents _events;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Pipeline, Told> _told = new();

    public CameraEvents(PipelineTable table, MediaEvents events, TimeProvider clock)
    {
        (_table, _events, _clock) = (table, events, clock);
        table.Removed += pipeline => _told.TryRemove(pipeline, out _);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_look, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var pipeline in _table.All)
            {
                if (pipeline.Live.Name == "main")
                {
                    Look(pipeline, _clock.GetUtcNow());
                    LookAtSound(pipeline, _clock.GetUtcNow());
                }
            }
        }
    }

    private void Look(Pipeline pipeline, DateTimeOffset now)
    {
        var state = pipeline.State;
        var told = _told.GetOrAdd(pipeline, _ => new());
        if (state.Kind is PullStateKind.Online or PullStateKind.Idle)
        {
            told.AwaySince = null;
            // Nobody watches an on-demand camera any more: whether it would answer is not known.
            if (told.Offline && state.Kind == PullStateKind.Online)
            {
                told.Offline = false;
                Tell(pipeline, "camera.online", state.Since, state);
            }

            return;
        }

        told.AwaySince ??= state.Since < now ? state.Since : now;
        if (told.Offline || now - told.AwaySince < OfflineAfter)
            return;

        told.Offline = true;
        Tell(pipeline, "camera.offline", told.AwaySince.Value, state);
    }

    /// <summary>Only beside pictures: without them the camera is away, and that is told.</summary>
    private void LookAtSound(Pipeline pipeline, DateTimeOffset now)
    {
        var told = _told.GetOrAdd(pipeline, _ => new());
        bool silent = pipeline.Counters.SilentTracks > 0;
        if (pipeline.State.Kind != PullStateKind.Online || silent == told.Silent)
            return;

        told.Silent = silent;
        Tell(pipeline, silent ? "camera.audio.lost" : "camera.audio.back", now, pipeline.State);
    }

    private void Tell(Pipeline pipeline, string type, DateTimeOffset at, PullState state)
    {
        var spec = pipeline.Spec;
        var id = IdOf($"{type}/{spec.CameraId}/{at.UtcTicks}");
        var data = new Dictionary<string, string>();
        if (state.Reason != PullReason.None)
            (data["reason"], data["detail"]) = (JsonNamingPolicy.CamelCase.ConvertName(state.Reason.ToString()), state.Detail);
        _events.Add(spec.CameraId, type, id.ToString(), new { id, type, cameraId = spec.CameraId, at, source = "media", data });
    }

    /// <summary>The same happening always gets the same id: sent twice it is still one event.</summary>
    private static Guid IdOf(string what) => new(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16));

    private sealed class Told
    {
        public DateTimeOffset? AwaySince { get; set; }

        public bool Offline { get; set; }

        public bool Silent { get; set; }
    }
}
