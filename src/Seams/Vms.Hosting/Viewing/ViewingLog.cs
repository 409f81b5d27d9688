using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Vms.Hosting;

/// <summary>
/// The book of who watches on this plane, until control has written it into the audit log. Connections and requests of the same viewer to the same camera are one
/// viewing as long as no minute lies between them. What is begun and what waits stand on the disk, a few seconds behind: a plane that is killed tells of both.
/// Any thread.
/// </summary>
public sealed partial class ViewingLog : IDisposable
{
    /// <summary>Viewings at a time; one more is counted and not kept.</summary>
    public const int MaxOpen = 20_000;

    /// <summary>Refusals among them; more are not even counted: whoever guesses fills no log.</summary>
    public const int MaxRefusals = 500;

    /// <summary>Reports that wait for control; the oldest go first.</summary>
    public const int MaxWaiting = 5_000;

    /// <summary>Told at a time.</summary>
    private const int MaxTold = 500;

    /// <summary>A viewing that lasts longer is told while it goes on.</summary>
    public static readonly TimeSpan ReportedAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DesiredStateStore<Kept> _store;
    private readonly ConcurrentDictionary<WatchKey, Watching> _open = new();
    private readonly Lock _gate = new();
    private readonly Queue<ViewingReport> _waiting = new();
    private readonly ITimer _timer;
    private readonly Guid _epoch;
    private long _sequence;
    private long _lost;
    private int _refusals;
    private int _isDirty;
    private bool _toldNotKept;

    public ViewingLog(PlaneOptions options, NodeKey key, TimeProvider time, ILogger<ViewingLog> logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_time, _logger) = (time, logger);
        _store = new DesiredStateStore<Kept>(options, key, "viewings", kept => JsonSerializer.SerializeToUtf8Bytes(kept), Read);
        var kept = _store.Load(out _);
        (_epoch, _sequence, _lost) = kept is null ? (Guid.NewGuid(), 0, 0) : (kept.Epoch, kept.Sequence, kept.Lost);
        foreach (var report in kept?.Waiting ?? [])
            _waiting.Enqueue(report);
        foreach (var report in kept?.Open ?? [])
            Wait(report with { GoesOn = false, IsCutOff = true });
        _timer = time.CreateTimer(_ => Sweep(), null, s_sweep, s_sweep);
    }

    /// <summary>Of the log's clock, for <see cref="Watching.Use"/>.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Somebody begins to watch, or goes on.</summary>
    /// <param name="transport">As the audit log names it.</param>
    /// <param name="stays">Until <see cref="Leave"/>; else it is over when a minute passes without a sign.</param>
    /// <returns>Null: there are too many, and this one is only counted.</returns>
    public Watching? Enter(Viewer viewer, WatchKind kind, string cameraId, string? stream, string transport, bool stays)
    {
        ArgumentNullException.ThrowIfNull(viewer);
        var key = new WatchKey(viewer.AccountId, viewer.User, viewer.TenantId, viewer.Address, kind, cameraId, stream ?? "", transport);
        lock (_gate)
        {
            long now = Now;
            if (!_open.TryGetValue(key, out var watching))
            {
                if (kind == WatchKind.Refused && _refusals >= MaxRefusals)
                    return null;
                if (_open.Count >= MaxOpen)
                {
                    _lost++;
                    return null;
                }

                _refusals += kind == WatchKind.Refused ? 1 : 0;
                watching = _open[key] = new Watching(key, Guid.CreateVersion7(_time.GetUtcNow()), _time.GetUtcNow(), now);
                Volatile.Write(ref _isDirty, 1);
            }

            watching.Enter(now, stays);
            return watching;
        }
    }

    /// <summary>The connection is over; the viewing is in a minute.</summary>
    public void Leave(Watching? watching) => watching?.Leave(Now);

    /// <summary>Somebody was not let in.</summary>
    public void Refuse(Viewer viewer, string cameraId, string reason) => Enter(viewer, WatchKind.Refused, cameraId, null, reason, stays: false);

    /// <summary>What control has not written down yet.</summary>
    public ViewingReports Take(ViewingsRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            while (request.Epoch == _epoch && _waiting.TryPeek(out var first) && first.Sequence <= request.After)
            {
                _waiting.Dequeue();
                Volatile.Write(ref _isDirty, 1);
            }

            return new ViewingReports(_epoch, [.. _waiting.Take(MaxTold)], _lost, _waiting.Count > MaxTold);
        }
    }

    /// <summary>An ordered stop ends what is open.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            foreach (var (key, watching) in _open)
            {
                _open.TryRemove(key, out _);
                Wait(ReportOf(watching, watching.IsOpen ? Now : watching.LastUse, goesOn: false));
            }
        }

        Save();
    }

    private void Sweep()
    {
        lock (_gate)
        {
            long now = Now;
            foreach (var (key, watching) in _open)
            {
                if (!watching.IsOpen && _time.GetElapsedTime(watching.LastUse, now) >= s_grace)
                {
                    _open.TryRemove(key, out _);
                    _refusals -= key.Kind == WatchKind.Refused ? 1 : 0;
                    Wait(ReportOf(watching, watching.LastUse, goesOn: false));
                }
                else if (!watching.IsReported && key.Kind != WatchKind.Refused && _time.GetElapsedTime(watching.BeganTimestamp, now) >= ReportedAfter)
                {
                    watching.IsReported = true;
                    Wait(ReportOf(watching, watching.IsOpen ? now : watching.LastUse, goesOn: true));
                }
            }
        }

        if (Volatile.Read(ref _isDirty) != 0)
            Save();
    }

    private ViewingReport ReportOf(Watching watching, long until, bool goesOn)
    {
        var key = watching.Key;
        var (from, to) = watching.Covered;
        return new ViewingReport(
            0, watching.Id, key.Kind, key.AccountId, key.User, key.TenantId, key.Address, key.CameraId, key.Stream, key.Transport, watching.BeganAt,
            Math.Round(_time.GetElapsedTime(watching.BeganTimestamp, until).TotalSeconds, 1), goesOn, IsCutOff: false, watching.Count, from, to);
    }

    private void Wait(ViewingReport report)
    {
        _waiting.Enqueue(report with { Sequence = ++_sequence });
        while (_waiting.Count > MaxWaiting)
        {
            _waiting.Dequeue();
            _lost++;
        }

        Volatile.Write(ref _isDirty, 1);
    }

    private void Save()
    {
        Kept kept;
        lock (_gate)
        {
            Volatile.Write(ref _isDirty, 0);
            long now = Now;
            kept = new Kept(_epoch, _sequence, _lost, [.. _waiting], [.. _open.Values.Select(w => ReportOf(w, w.IsOpen ? now : w.LastUse, goesOn: true))]);
        }

        try
        {
            _store.Save(kept);
            _toldNotKept = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _isDirty, 1);
            if (!_toldNotKept)
                Log.NotKept(_logger, e.Message);
            _toldNotKept = true;
        }
    }

    private static Kept Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Kept>(bytes) ?? throw new InvalidDataException("nothing");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private sealed record Kept(Guid Epoch, long Sequence, long Lost, IReadOnlyList<ViewingReport> Waiting, IReadOnlyList<ViewingReport> Open);

    private static partial class Log
    {
        [LoggerMessage(6064, LogLevel.Warning, "Who watches cannot be written to the disk ({Reason}): if this plane is killed now, the audit log lacks it; tried again every few seconds")]
        public static partial void NotKept(ILogger logger, string reason);
    }
}
