using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Vms.Bus;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Device;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Events;

/// <summary>
/// Makes events of what an operator has to know about the system itself, so that rules can tell somebody: a camera that has shown nothing for a while
/// (<c>camera.unreachable</c>, with its end when it is back), a plane that does not answer and a bus that is gone (<c>system.planeAway</c>), one of them or the database
/// that was started anew (<c>system.planeRestarted</c>; control itself, when its life before did not end in order), storage that holds less than was asked for (<c>storage.forecast</c>), a camera's clock that is off (<c>camera.clock</c>), and
/// a camera that is not analysed though it should be (<c>camera.analysisFailed</c>; where its model is missing, <c>system.modelMissing</c> for all of that model at a site).
/// That analysis cannot keep up the AI plane tells itself, once for all cameras. What goes on for long is one event, by an id that follows from when it began,
/// also over a restart of control.
/// </summary>
internal sealed partial class HealthWatch(
    DesiredState desired, ObservedState observed, CameraStates states, DeviceStates devices, BusConnection bus, RightsState rights, OwnEvents events, LifeMark mark,
    HealthOptions options, NpgsqlDataSource database, IServiceProvider services, TimeProvider time, ILogger<HealthWatch> logger) : BackgroundService
{
    private const string Source = "control";
    private const string Nats = "nats";
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Of the system, that can be away while control is there to tell.</summary>
    private static readonly string[] s_parts = ["media", "recorder", "ai", Nats];

    private static readonly TimeSpan s_askDatabase = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal);      // by what it is about
    private readonly HashSet<string> _seenParts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _instances = new(StringComparer.Ordinal);       // by part of the system; of NATS by server
    private readonly Dictionary<string, Restart> _restarts = new(StringComparer.Ordinal);       // by the same: not told yet
    private readonly string _life = Guid.NewGuid().ToString("N");
    private long _askedDatabaseAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        BeginLife();
        try
        {
            await rights.ReadOnceAsync(stoppingToken);      // else rules about groups would not see what is told first
            using var timer = new PeriodicTimer(s_interval, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await PassAsync(time.GetUtcNow(), stoppingToken);
                }
                catch (Exception e) when (DatabaseOutage.Is(e))
                {
                    Log.Later(logger, e.Message);       // what was not stored is told again: its id is the same
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            EndLife();
        }
    }

    private async Task PassAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cameras = desired.Cameras;
        if (cameras is null)
            return;
        if (!_isRead)
            await ReadOpenAsync(now, cancellationToken);
        var found = new Dictionary<string, Finding>(StringComparer.Ordinal);
        var awaySince = s_parts.ToDictionary(part => part, part => _troubles.GetValueOrDefault("plane/" + part)?.Since);
        foreach (var plane in s_parts)
        {
            if (IsConnected(plane))
                _seenParts.Add(plane);
            else if (_seenParts.Contains(plane))
                found["plane/" + plane] = new Finding("system.planeAway", null, null, options.OfflineAfter, new { plane });
        }

        foreach (var (id, camera) in cameras)
        {
            Look(camera.Row, id, found);
            LookAtAnalysis(camera.Row, id, found);
        }

        foreach (var (about, finding) in found)
        {
            if (!_troubles.TryGetValue(about, out var trouble))
                _troubles[about] = trouble = new Trouble(finding, now);
            trouble.Finding = finding;
            trouble.StaysUntil = now + finding.Lingers;
            if (!trouble.IsTold && now - trouble.Since >= finding.After)
            {
                await TellAsync(about, trouble, null, cancellationToken);
                trouble.IsTold = true;
            }
        }

        foreach (var (about, trouble) in _troubles.Where(t => !found.ContainsKey(t.Key) && t.Value.StaysUntil <= now).ToList())
        {
            if (trouble.IsTold)
                await TellAsync(about, trouble, now - trouble.Finding.Lingers, cancellationToken);
            _troubles.Remove(about);
        }

        // When it is back: that it was away has its end first.
        foreach (var part in s_parts.Where(IsConnected))
        {
            if (part == Nats)
                await NoteServerAsync(awaySince[part], now, cancellationToken);
            else if (observed.InstanceOf(part) is { Length: > 0 } instance)
                await NoteInstanceAsync(part, part, instance, awaySince[part], now, cancellationToken);
        }

        await NoteLifeAsync(now, cancellationToken);
        await LookAtDatabaseAsync(now, cancellationToken);
    }

    private bool IsConnected(string part) => part == Nats ? bus.State == BusState.Connected : observed.IsConnected(part);

    private void Look(CameraRow row, string id, Dictionary<string, Finding> found)
    {
        var state = states.Of(row);
        var site = row.Settings.SiteId;
        // Without media no camera has a picture: that is one trouble, and not one for each.
        if (state.State is "offline" or "connecting" or "unauthorized" or "unsupported" && state.StateReason != "mediaUnavailable" && observed.IsConnected("media"))
        {
            found["camera/" + id] = new Finding(
                "camera.unreachable", id, site, options.OfflineAfter, new { state = state.State, reason = state.StateReason, detail = state.StateDetail });
        }

        if (devices.Of(id)?.Clock is { } clock && clock.IsOff())
            found["clock/" + id] = new Finding("camera.clock", id, site, options.OfflineAfter, new { offsetMs = clock.OffsetMs });
        if (state.Recording.ForecastDays is { } days && days < row.Settings.Recording.Retention.MinAgeDays)
            found["forecast/" + id] = new Finding("storage.forecast", id, site, options.ForecastAfter, new { days, wantedDays = row.Settings.Recording.Retention.MinAgeDays });
    }

    private void LookAtAnalysis(CameraRow row, string id, Dictionary<string, Finding> found)
    {
        // Without the AI plane nothing is analysed: that is one trouble, and not one for each camera.
        if (AnalysisSpecs.StreamOf(row.Settings) is not { } stream || !observed.IsConnected("ai") || observed.Analysis(new StreamKey(id, stream)) is not { } status
            || status.Generation < row.Generations.Analysis)
        {
            return;
        }

        switch (status.Reason)
        {
            case "noModel":
                var model = row.Settings.Analytics.Model;
                var site = row.Settings.SiteId;
                found[AboutModel(site, model)] = new Finding("system.modelMissing", null, site, options.OfflineAfter, new { model });
                break;
            case "decoderCrashed" or "undecodable" or "unsupportedCodec" or "noDecoder":
                found["analysis/" + id] = new Finding("camera.analysisFailed", id, row.Settings.SiteId, options.OfflineAfter, new { reason = status.Reason, stream }, options.TriedAgain);
                break;
        }
    }

    /// <summary>Another life of a part than before: it was started anew, however short it was away.</summary>
    /// <param name="which">Of several that do the same.</param>
    private async Task NoteInstanceAsync(string plane, string which, string instance, DateTimeOffset? awaySince, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var known = _instances.GetValueOrDefault(which, instance);
        if (known != instance)
        {
            // As it was seen first: where the database's answer is lost it is told again, and is the same event.
            if (!_restarts.TryGetValue(which, out var restart) || restart.Instance != instance)
                _restarts[which] = restart = new Restart(instance, BusEvent.WholeMicroseconds(now), awaySince is { } since ? Math.Round((now - since).TotalSeconds, 1) : null);
            await events.TellAsync(
                BusEvent.OfControl(
                    IdOf("system.planeRestarted", $"{which}/{instance}", restart.At), "system.planeRestarted", null, null, restart.At, null, new { plane, restart.AwaySeconds }),
                cancellationToken);
        }

        _instances[which] = instance;       // not before it is told
        _restarts.Remove(which);
    }

    /// <summary>Of several servers another one is no restart.</summary>
    private Task NoteServerAsync(DateTimeOffset? awaySince, DateTimeOffset now, CancellationToken cancellationToken) =>
        bus.Server is { Id.Length: > 0 } server ? NoteInstanceAsync(Nats, $"{Nats}/{server.Address}", server.Id, awaySince, now, cancellationToken) : Task.CompletedTask;

    private async Task LookAtDatabaseAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_askedDatabaseAt != 0 && time.GetElapsedTime(_askedDatabaseAt) < s_askDatabase)
            return;
        await using var command = database.Command("select extract(epoch from pg_postmaster_start_time())::text");
        if (await command.FirstAsync(r => r.GetString(0), cancellationToken) is { } started)
            await NoteInstanceAsync("postgres", "postgres", started, awaySince: null, now, cancellationToken);
        _askedDatabaseAt = time.GetTimestamp();
    }

    private Task TellAsync(string about, Trouble trouble, DateTimeOffset? endAt, CancellationToken cancellationToken)
    {
        var finding = trouble.Finding;
        return events.TellAsync(
            BusEvent.OfControl(IdOf(finding.Type, about, trouble.Since), finding.Type, finding.CameraId, finding.SiteId, trouble.Since, endAt, finding.Data), cancellationToken);
    }

    private static string IdOf(string type, string about, DateTimeOffset since) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{type}/{about}/{since.UtcTicks}")).AsSpan(0, 16)).ToString();

    /// <param name="After">It is told when it has gone on for so long.</param>
    /// <param name="Lingers">It is over when it was not found for so long.</param>
    private sealed record Finding(string Type, string? CameraId, string? SiteId, TimeSpan After, object Data, TimeSpan Lingers = default);

    /// <summary>Another life of a part, and when it was seen first.</summary>
    private sealed record Restart(string Instance, DateTimeOffset At, double? AwaySeconds);

    private sealed class Trouble(Finding finding, DateTimeOffset since)
    {
        public Finding Finding { get; set; } = finding;

        public DateTimeOffset Since { get; } = BusEvent.WholeMicroseconds(since);

        public bool IsTold { get; set; }

        /// <summary>Until then it goes on though nothing says so.</summary>
        public DateTimeOffset StaysUntil { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(1696, LogLevel.Debug, "The database is away ({Reason}): what is wrong with the system is told when it is back")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1697, LogLevel.Warning, "That control is at work cannot be noted ({Reason}): should it end without order, nobody is told")]
        public static partial void NotMarked(ILogger logger, string reason);
    }
}

/// <param name="OfflineAfter">A camera or a plane that is away for less is no event.</param>
/// <param name="ForecastAfter">Forecasts swing while a recording is young.</param>
/// <param name="TriedAgain">What is tried again within this and fails again is one trouble, and not one for each try.</param>
internal sealed record HealthOptions(TimeSpan OfflineAfter, TimeSpan ForecastAfter, TimeSpan TriedAgain)
{
    private const int Default = 30;
    private const int Max = 86_400;

    /// <exception cref="ValidationException">VMS_CAMERA_OFFLINE_SECONDS is not a number of seconds.</exception>
    public static HealthOptions Of(IConfiguration configuration)
    {
        var seconds = Default;
        if (PlaneOptions.Setting(configuration, "VMS_CAMERA_OFFLINE_SECONDS") is { } text
            && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds is >= 1 and <= Max))
        {
            throw new ValidationException($"VMS_CAMERA_OFFLINE_SECONDS is '{text}'; expected a number of seconds from 1 to {Max}");
        }

        return new HealthOptions(TimeSpan.FromSeconds(seconds), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5));
    }
}
