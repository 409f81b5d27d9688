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

    /// <summary>Of one address; for more it is not told any more which cameras were asked for.</summary>
    public const int MaxRefusalsOfAddress = 20;

    /// <summary>Reports that wait for control; the oldest go first.</summary>
    public const int MaxWaiting = 5_000;

    /// <summary>Refusals that wait beside them; further ones are lost, and push nobody's viewing out.</summary>
    public const int MaxWaitingRefusals = 1_000;

    /// <summary>More than there are between what was saved last and a kill: no number is given twice.</summary>
    private const long NumbersOfAStart = 1L << 32;

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
    private readonly Dictionary<string, int> _refusalsOf = new(StringComparer.Ordinal);
    private readonly ITimer _timer;
    private readonly Guid _epoch;
    private long _sequence;
    private long _lost;
    private int _refusals;
    private int _waitingRefusals;
    private long _savedAt;      // timestamp
    private int _isDirty;
    private bool _toldNotKept;

    /// <param name="plane">Whose book it is: planes of one installation have their state in one folder.</param>
    public ViewingLog(PlaneOptions options, NodeKey key, TimeProvider time, ILogger<ViewingLog> logger, string plane)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_time, _logger) = (time, logger);
        _store = new DesiredStateStore<Kept>(options, key, plane + "-viewings", kept => JsonSerializer.SerializeToUtf8Bytes(kept), Read);
        var kept = _store.Load(out var unreadable);
        if (unreadable is not null)
            Log.Unreadable(logger, unreadable);
        _savedAt = Now;
        (_epoch, _sequence, _lost) = (Guid.NewGuid(), 0, 0);
        if (kept is not null)
        {
            (_epoch, _sequence, _lost) = (kept.Epoch, kept.Sequence + NumbersOfAStart, kept.Lost);
            foreach (var report in kept.Waiting)
                Enqueue(report);
            foreach (var report in kept.Open)
                Wait(report with { GoesOn = false, IsCutOff = true });
            // The next start has to find that these numbers are used. Rather told twice than not at all.
            if (!TrySave())
                _epoch = Guid.NewGuid();
        }

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
            string address = viewer.Address ?? "";
            if (kind == WatchKind.Refused && _refusalsOf.GetValueOrDefault(address) >= MaxRefusalsOfAddress && !_open.ContainsKey(key))
                key = key with { CameraId = "" };
            if (!_open.TryGetValue(key, out var watching))
            {
                if (kind == WatchKind.Refused && _refusals >= MaxRefusals)
                    return null;
                if (_open.Count >= MaxOpen)
                {
                    _lost++;
                    return null;
                }

                if (kind == WatchKind.Refused)
                {
                    _refusals++;
                    _refusalsOf[address] = _refusalsOf.GetValueOrDefault(address) + 1;
                }

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
            // Control knows numbers that this plane does not: an older disk came back.
            if (request.Epoch == _epoch && request.After > _sequence)
                NumberAfter(request.After);
            while (request.Epoch == _epoch && _waiting.TryPeek(out var first) && first.Sequence <= request.After)
            {
                Dequeue();
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
            foreach (var (_, watching) in _open)
                Close(watching, watching.IsOpen ? Now : watching.LastUse);
        }

        TrySave();
    }

    private void Sweep()
    {
        lock (_gate)
        {
            long now = Now;
            foreach (var (key, watching) in _open)
            {
                // Tries that go on are told every minute, not at their end: there may be none.
                if (!watching.IsOpen && _time.GetElapsedTime(key.Kind == WatchKind.Refused ? watching.BeganTimestamp : watching.LastUse, now) >= s_grace)
                {
                    Close(watching, watching.LastUse);
                }
                else if (!watching.IsReported && key.Kind != WatchKind.Refused && _time.GetElapsedTime(watching.BeganTimestamp, now) >= ReportedAfter)
                {
                    watching.IsReported = true;
                    Wait(ReportOf(watching, watching.IsOpen ? now : watching.LastUse, goesOn: true));
                }
            }
        }

        // How long what is open has lasted, too: a plane that is killed tells it to the minute.
        if (Volatile.Read(ref _isDirty) != 0 || (!_open.IsEmpty && _time.GetElapsedTime(Volatile.Read(ref _savedAt)) >= s_grace))
            TrySave();
    }

    private void Close(Watching watching, long until)
    {
        _open.TryRemove(watching.Key, out _);
        if (watching.Key.Kind == WatchKind.Refused)
        {
            _refusals--;
            string address = watching.Key.Address ?? "";
            if (--_refusalsOf[address] == 0)
                _refusalsOf.Remove(address);
        }

        Wait(ReportOf(watching, until, goesOn: false));
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
        Volatile.Write(ref _isDirty, 1);
        if (report.Kind == WatchKind.Refused && _waitingRefusals >= MaxWaitingRefusals)
        {
            _lost++;
            return;
        }

        Enqueue(report with { Sequence = ++_sequence });
        while (_waiting.Count - _waitingRefusals > MaxWaiting)
        {
            Dequeue();
            _lost++;
        }
    }

    private void Enqueue(ViewingReport report)
    {
        _waiting.Enqueue(report);
        _waitingRefusals += report.Kind == WatchKind.Refused ? 1 : 0;
    }

    private void Dequeue() => _waitingRefusals -= _waiting.Dequeue().Kind == WatchKind.Refused ? 1 : 0;

    private void NumberAfter(long sequence)
    {
        _sequence = sequence;
        for (int left = _waiting.Count; left > 0; left--)
            _waiting.Enqueue(_waiting.Dequeue() with { Sequence = ++_sequence });
        Volatile.Write(ref _isDirty, 1);
    }

    private bool TrySave()
    {
        Kept kept;
        lock (_gate)
        {
            Volatile.Write(ref _isDirty, 0);
            long now = Now;
            Volatile.Write(ref _savedAt, now);
            kept = new Kept(_epoch, _sequence, _lost, [.. _waiting], [.. _open.Values.Select(w => ReportOf(w, w.IsOpen ? now : w.LastUse, goesOn: true))]);
        }

        try
        {
            _store.Save(kept);
            _toldNotKept = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _isDirty, 1);
            if (!_toldNotKept)
                Log.NotKept(_logger, e.Message);
            _toldNotKept = true;
            return false;
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
        [LoggerMessage(6066, LogLevel.Error, "The book of who watches could not be read and is set aside as {Path}: what control had not fetched of it is not in the audit log")]
        public static partial void Unreadable(ILogger logger, string path);

        [LoggerMessage(6064, LogLevel.Warning, "Who watches cannot be written to the disk ({Reason}): if this plane is killed now, the audit log lacks it; tried again every few seconds")]
        public static partial void NotKept(ILogger logger, string reason);
    }
}
