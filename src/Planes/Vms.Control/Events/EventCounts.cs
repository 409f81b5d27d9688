using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Events;

/// <summary>
/// How many events there were in the last day, of which type and where, in memory: counting them in the database would read every event of a day for each
/// look at a dashboard. In quarters of an hour: what is asked for begins with one, so that it spans a day and up to a quarter of an hour more. Filled from
/// the database a quarter at a time, while <see cref="EventStore"/>, the only writer, adds to it in between. Any thread.
/// </summary>
internal sealed class EventCounts(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>More sorts of events in more places are not counted here: whoever asks has to ask the database.</summary>
    internal const int MaxKeys = 100_000;

    private const int QuartersADay = 96;
    private static readonly TimeSpan s_quarter = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private Dictionary<Key, int[]>? _quarters;      // by place in the ring: number of the quarter modulo the length
    private long _now;                              // number of the quarter that goes on
    private long _next;                             // number of the first quarter that was not read
    private bool _isLoaded;                         // all were

    private readonly record struct Key(string TenantId, string? CameraId, string? SiteId, string Type);

    /// <summary>The first moment that is counted: the quarter of an hour that began 24 hours ago.</summary>
    public DateTimeOffset From => StartOf(QuarterOf(time.GetUtcNow()) - QuartersADay);

    /// <summary>Reads a quarter of an hour, beginning with the oldest; nobody may add meanwhile. What is added between two quarters is counted with the ones
    /// that were read, and found in the database with the others.</summary>
    /// <returns>False: that was all, or there is more of it than is kept here, and <see cref="IsLoaded"/> stays false.</returns>
    /// <exception cref="NpgsqlException">The database is away: the next call goes on.</exception>
    public async Task<bool> LoadNextAsync(CancellationToken cancellationToken)
    {
        long quarter, now;
        lock (_gate)
        {
            if (_quarters is null)
            {
                (_quarters, _now) = ([], QuarterOf(time.GetUtcNow()));
                _next = _now - QuartersADay;
            }

            if (_isLoaded)
                return false;
            MoveOn();
            (quarter, now) = (_next = Math.Max(_next, _now - QuartersADay), _now);
        }

        // With the last one what clocks that are ahead of ours have told.
        await using var command = database.Command(
            $"""
            select tenant_id, camera_id, site_id, type, count(*)::int from control.event
            where at >= $1 and at < $2 group by 1, 2, 3, 4 limit {MaxKeys + 1}
            """, StartOf(quarter), quarter == now ? DateTimeOffset.MaxValue : StartOf(quarter + 1));
        var rows = await command.RowsAsync(
            r => (Key: new Key(r.GetString(0), r.StringOrNull(1), r.StringOrNull(2), r.GetString(3)), Count: r.GetInt32(4)), cancellationToken);
        lock (_gate)
        {
            _next = quarter + 1;
            foreach (var (key, count) in rows)
                Add(key, quarter, count);
            _isLoaded = _quarters is not null && quarter == now;
            return _quarters is not null && !_isLoaded;
        }
    }

    /// <summary>Nothing is known until it is loaded again.</summary>
    public void Forget()
    {
        lock (_gate)
            (_quarters, _isLoaded) = (null, false);
    }

    public bool IsLoaded
    {
        get
        {
            lock (_gate)
                return Loaded is not null;
        }
    }

    /// <summary>Something new happened. What is older than a day, or not counted yet, changes nothing.</summary>
    public void Add(string tenantId, string? cameraId, string? siteId, string type, DateTimeOffset at)
    {
        lock (_gate)
        {
            MoveOn();
            // A clock that is ahead of ours: it happened, and not in a quarter that has not begun.
            Add(new Key(tenantId, cameraId, siteId, type), Math.Min(QuarterOf(at), _now), 1);
        }
    }

    /// <returns>By type, in order; null: not known here, ask the database.</returns>
    public IReadOnlyDictionary<string, long>? Of(CameraFilter seen)
    {
        var cameras = seen.CameraIds?.ToHashSet(StringComparer.Ordinal);
        var byType = new SortedDictionary<string, long>(StringComparer.Ordinal);
        lock (_gate)
        {
            if (Loaded is not { } loaded)
                return null;
            MoveOn();
            foreach (var (key, quarters) in loaded)
            {
                if (key.TenantId != seen.TenantId || (cameras is not null && !IsSeen(key, cameras, seen.SiteIds)))
                    continue;
                byType[key.Type] = byType.GetValueOrDefault(key.Type) + quarters.Sum();
            }
        }

        return byType;
    }

    /// <summary>Under the lock; null while quarters are missing.</summary>
    private Dictionary<Key, int[]>? Loaded => _isLoaded ? _quarters : null;

    private static bool IsSeen(Key key, HashSet<string> cameras, string[] sites) =>
        key.CameraId is null ? key.SiteId is not null && sites.Contains(key.SiteId) : cameras.Contains(key.CameraId);

    private void Add(Key key, long quarter, int count)
    {
        if (_quarters is null || (!_isLoaded && quarter >= _next) || quarter < _now - QuartersADay)
            return;
        if (!_quarters.TryGetValue(key, out var quarters))
        {
            if (_quarters.Count == MaxKeys)
            {
                (_quarters, _isLoaded) = (null, false);
                return;
            }

            _quarters.Add(key, quarters = new int[QuartersADay + 1]);
        }

        quarters[PlaceOf(quarter)] += count;
    }

    /// <summary>Time has gone on: the places of quarters that are too old are those of the new ones. A clock that was set back changes nothing.</summary>
    private void MoveOn()
    {
        var now = QuarterOf(time.GetUtcNow());
        if (_quarters is null || now <= _now)
            return;
        var begun = Math.Min(now - _now, QuartersADay + 1);
        for (var i = 0; i < begun; i++)
        {
            foreach (var quarters in _quarters.Values)
                quarters[PlaceOf(now - i)] = 0;
        }

        foreach (var key in _quarters.Where(q => q.Value.AsSpan().IndexOfAnyExcept(0) < 0).Select(q => q.Key).ToList())
            _quarters.Remove(key);
        _now = now;
    }

    private static int PlaceOf(long quarter) => (int)(quarter % (QuartersADay + 1));

    private static long QuarterOf(DateTimeOffset at) => at.UtcTicks / s_quarter.Ticks;

    private static DateTimeOffset StartOf(long quarter) => new(quarter * s_quarter.Ticks, TimeSpan.Zero);
}
