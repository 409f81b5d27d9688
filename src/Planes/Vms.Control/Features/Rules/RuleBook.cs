using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Features.PlateLists;

namespace Vms.Control.Features.Rules;

/// <summary>An event as it is told now, to be compared with the rules.</summary>
/// <param name="Before">As it was told before; null: it is new.</param>
internal sealed record ToldEvent(string TenantId, EventView Event, EventView? Before);

/// <summary>A rule and the event that it is to do something for.</summary>
internal sealed record RuleFiring(CompiledRule Rule, string TenantId, EventView Event);

/// <summary>
/// All rules that are switched on, in memory: an event is compared with them without a question to the database. Read anew, in the transaction of the next events,
/// after something of them changed. When a rule did something last is remembered by the times of the events, so that what waited on the bus is treated as if it
/// had not. One caller at a time, but for <see cref="Changed"/>.
/// </summary>
internal sealed partial class RuleBook(RightsState places, ILogger<RuleBook> logger)
{
    /// <summary>Types that the rules about them are remembered of.</summary>
    private const int MaxTypes = 10_000;

    private Dictionary<string, List<CompiledRule>> _rules = [];                          // by tenant
    private readonly Dictionary<(string TenantId, string Type), CompiledRule[]> _about = [];
    private Dictionary<(string RuleId, string CameraId), DateTimeOffset>? _fired;
    private volatile bool _isStale = true;

    /// <summary>Rules or plate lists changed, or a tenant or a site is gone.</summary>
    public void Changed() => _isStale = true;

    public async Task RefreshAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!_isStale)
            return;
        _isStale = false;       // before reading: what changes meanwhile is read again
        try
        {
            var plates = await PlateSets.ReadAsync(connection, tenantId: null, cancellationToken);
            await using var rules = connection.Command("""
                select id, tenant_id, name, settings from control.rule r
                where enabled and exists (select 1 from control.tenant t where t.id = r.tenant_id and t.deleted_at is null)
                  and (settings ->> 'siteId' is null or exists (select 1 from control.site s where s.id = r.settings ->> 'siteId' and s.deleted_at is null))
                order by created_at, id
                """);
            var rows = await rules.RowsAsync(r => (Id: r.GetString(0), Tenant: r.GetString(1), Name: r.GetString(2), Settings: r.GetString(3)), cancellationToken);
            var read = rows.Select(r => (r.Tenant, Rule: Compile(r.Id, r.Name, r.Settings, list => plates.Of(r.Tenant, list)))).Where(r => r.Rule is not null).ToList();
            if (_fired is null)
            {
                await using var fired = connection.Command("select rule_id, camera_id, at from control.rule_fired");
                _fired = (await fired.RowsAsync(r => KeyValuePair.Create((r.GetString(0), r.GetString(1)), r.Time(2)), cancellationToken)).ToDictionary();
            }

            _rules = read.GroupBy(r => r.Tenant).ToDictionary(g => g.Key, g => g.Select(r => r.Rule!).ToList());
            _about.Clear();
            var there = rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var key in _fired.Keys.Where(k => !there.Contains(k.RuleId)).ToList())
                _fired.Remove(key);
        }
        catch
        {
            _isStale = true;
            throw;
        }
    }

    /// <summary>Whether some tenant has a rule about events of this type.</summary>
    public bool IsAbout(string type) => _rules.Keys.Any(tenant => About(tenant, type).Length > 0);

    /// <summary>What is to be done for these events, in their order. Nothing is remembered of it before <see cref="Confirm"/>.</summary>
    /// <remarks>A rule has its say when an event first meets it: at once, or when it is told with its end, and a better score or a plate; what is said again while it goes
    /// on is not stored, and not compared. It did something then, or its cool-down kept it from that; either way nothing more comes of the two. That follows from how the event was told before, and nothing has to be kept of it.</remarks>
    public List<RuleFiring> FiringsOf(IEnumerable<ToldEvent> told)
    {
        var firings = new List<RuleFiring>();
        var now = new Dictionary<(string, string), DateTimeOffset>();
        foreach (var (tenant, view, before) in told)
        {
            var rules = About(tenant, view.Type);
            if (rules.Length == 0)
                continue;
            var groups = view.CameraId is { } camera && places.Current?.Cameras.GetValueOrDefault(camera) is { } place ? place.GroupIds : [];
            foreach (var rule in rules)
            {
                if (!rule.Matches(view, groups) || (before is not null && rule.Matches(before, groups)))
                    continue;
                var key = (rule.Id, view.CameraId ?? "");
                if (rule.Cooldown > TimeSpan.Zero && (now.TryGetValue(key, out var last) || _fired!.TryGetValue(key, out last)) && (view.At - last).Duration() < rule.Cooldown)
                    continue;
                now[key] = now.TryGetValue(key, out var known) && known > view.At ? known : view.At;
                firings.Add(new RuleFiring(rule, tenant, view));
            }
        }

        return firings;
    }

    /// <summary>Stores when the rules fired last, and how often, in the transaction of what they do.</summary>
    public static async Task NoteAsync(NpgsqlConnection connection, IReadOnlyList<RuleFiring> firings, CancellationToken cancellationToken)
    {
        var days = firings.GroupBy(f => (f.Rule.Id, Day: DateOnly.FromDateTime(f.Event.At.UtcDateTime))).ToList();
        await connection.ExecuteAsync("""
            insert into control.rule_day (rule_id, day, fired, last_at) select * from unnest($1::text[], $2::date[], $3::bigint[], $4::timestamptz[]) n (rule_id, day, fired, last_at) order by 1, 2
            on conflict (rule_id, day) do update set fired = rule_day.fired + excluded.fired, last_at = greatest(rule_day.last_at, excluded.last_at)
            """,
            [
                days.Select(d => d.Key.Id).ToArray(), days.Select(d => d.Key.Day).ToArray(), days.Select(d => (long)d.Count()).ToArray(),
                days.Select(d => d.Max(f => f.Event.At)).ToArray(),
            ],
            cancellationToken);
        var last = LastOf(firings.Where(f => f.Rule.Cooldown > TimeSpan.Zero));
        if (last.Count == 0)
            return;
        await connection.ExecuteAsync("""
            insert into control.rule_fired (rule_id, camera_id, at) select * from unnest($1::text[], $2::text[], $3::timestamptz[]) n (rule_id, camera_id, at) order by 1, 2
            on conflict (rule_id, camera_id) do update set at = greatest(rule_fired.at, excluded.at)
            """, [last.Keys.Select(k => k.RuleId).ToArray(), last.Keys.Select(k => k.CameraId).ToArray(), last.Values.ToArray()], cancellationToken);
    }

    /// <summary>When rules did something last is asked of the database again.</summary>
    public void Forget()
    {
        _fired = null;
        _isStale = true;
    }

    /// <summary>It is committed.</summary>
    public void Confirm(IReadOnlyList<RuleFiring> firings)
    {
        if (_fired is null)
            return;     // it is read with the next events, and this with it
        foreach (var (key, at) in LastOf(firings.Where(f => f.Rule.Cooldown > TimeSpan.Zero)))
            _fired[key] = _fired.TryGetValue(key, out var before) && before > at ? before : at;
    }

    /// <summary>One that was checked elsewhere, as by a version with other time zones, may not be readable here: events are stored all the same.</summary>
    private CompiledRule? Compile(string id, string name, string settings, Func<string, PlateSet?> listOf)
    {
        try
        {
            return new CompiledRule(id, name, RuleRow.SettingsOf(settings), listOf);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException or JsonException or InvalidOperationException)
        {
            Log.NotUsed(logger, name, e.Message);
            return null;
        }
    }

    private CompiledRule[] About(string tenant, string type)
    {
        if (_about.TryGetValue((tenant, type), out var known))
            return known;
        if (_about.Count == MaxTypes)
            _about.Clear();
        return _about[(tenant, type)] = [.. (_rules.GetValueOrDefault(tenant) ?? []).Where(r => r.IsAbout(type))];
    }

    private static Dictionary<(string RuleId, string CameraId), DateTimeOffset> LastOf(IEnumerable<RuleFiring> firings) =>
        firings.GroupBy(f => (f.Rule.Id, f.Event.CameraId ?? "")).ToDictionary(g => g.Key, g => g.Max(f => f.Event.At));

    private static partial class Log
    {
        [LoggerMessage(1690, LogLevel.Error, "The rule {Name} cannot be used ({Reason}); the others are. Change it, or delete it")]
        public static partial void NotUsed(ILogger logger, string name, string reason);
    }
}
