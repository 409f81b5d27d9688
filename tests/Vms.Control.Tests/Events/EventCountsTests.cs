using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Events;
using Vms.Control.Features.Rules;
using Vms.Control.Outbox;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Events;

public sealed class EventCountsTests : IAsyncLifetime
{
    private static readonly CameraFilter s_all = new("default", null, []);

    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 12, 7, 0, TimeSpan.Zero));
    private ControlWorld _world = null!;
    private NpgsqlDataSource _database = null!;
    private EventCounts _counts = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartAsync();
        _database = NpgsqlDataSource.Create(_world.ConnectionString);
        _counts = new EventCounts(_database, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task What_is_stored_and_what_is_added_later_is_counted_by_type_from_a_quarter_of_an_hour_on()
    {
        await _world.ExecuteAsync("""
            insert into control.event (id, at, type, camera_id, site_id, source, data) values
                ('a', '2026-11-30T12:06:00Z', 'motion', 'door', 'default', 't', '{}'), ('b', '2026-11-29T12:00:00Z', 'motion', 'gate', 'default', 't', '{}'),
                ('c', '2026-11-29T11:59:59Z', 'motion', 'gate', 'default', 't', '{}'), ('d', '2026-11-30T12:30:00Z', 'door.opened', null, 'default', 't', '{}')
            """);
        Assert.Null(_counts.Of(s_all));
        await LoadAsync();
        Assert.Equal(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero), _counts.From);
        Assert.Equal([("door.opened", 1L), ("motion", 2L)], Counted(s_all));

        _counts.Add("default", "door", "default", "motion", _time.GetUtcNow());
        _counts.Add("default", "door", "default", "motion", _time.GetUtcNow().AddDays(-2));
        _counts.Add("neighbour", "theirs", "site", "motion", _time.GetUtcNow());
        Assert.Equal([("door.opened", 1L), ("motion", 3L)], Counted(s_all));
        Assert.Equal([("motion", 1L)], Counted(new CameraFilter("neighbour", null, [])));
        Assert.Equal([("motion", 2L)], Counted(new CameraFilter("default", ["door"], [])));
        Assert.Equal([("door.opened", 1L)], Counted(new CameraFilter("default", [], ["default"])));
    }

    [Fact]
    public async Task A_day_later_nothing_of_it_is_left_and_no_place_is_kept()
    {
        await LoadAsync();
        _counts.Add("default", "door", "default", "motion", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromHours(12));
        _counts.Add("default", "door", "default", "motion", _time.GetUtcNow());
        Assert.Equal([("motion", 2L)], Counted(s_all));
        _time.Advance(TimeSpan.FromHours(12.5));
        Assert.Equal([("motion", 1L)], Counted(s_all));
        _time.Advance(TimeSpan.FromDays(3));
        Assert.Empty(Counted(s_all));
    }

    [Fact]
    public async Task More_sorts_of_events_than_are_kept_are_asked_of_the_database_again()
    {
        await LoadAsync();
        for (var i = 0; i < EventCounts.MaxKeys; i++)
            _counts.Add("default", null, null, "t" + i, _time.GetUtcNow());
        Assert.True(_counts.IsLoaded);
        _counts.Add("default", null, null, "one.more", _time.GetUtcNow());
        Assert.False(_counts.IsLoaded);
        Assert.Null(_counts.Of(s_all));
    }

    [Fact]
    public async Task The_store_counts_what_is_new_and_not_what_only_ended()
    {
        using var store = new EventStore(_database, _counts, _world.Services.GetRequiredService<RuleRun>(), _world.Services.GetRequiredService<Lazy<OutboxRunner>>());
        await store.CountAsync(CancellationToken.None);
        var begun = new BusEvent("x", "motion", null, "default", _time.GetUtcNow(), null, "t", "{}");
        Assert.Single(await store.AddAsync([begun, begun], CancellationToken.None));
        Assert.Single(await store.AddAsync([begun with { EndAt = _time.GetUtcNow().AddSeconds(5) }], CancellationToken.None));
        Assert.Empty(await store.AddAsync([begun], CancellationToken.None));
        Assert.Equal([("motion", 1L)], Counted(s_all));
    }

    [Fact]
    public async Task What_is_written_while_the_day_is_being_counted_is_counted_once()
    {
        using var store = new EventStore(_database, _counts, _world.Services.GetRequiredService<RuleRun>(), _world.Services.GetRequiredService<Lazy<OutboxRunner>>());
        BusEvent Of(string id, TimeSpan ago) => new(id, "motion", null, "default", _time.GetUtcNow() - ago, null, "t", "{}");
        await store.AddAsync([Of("old", TimeSpan.FromHours(24)), Of("new", TimeSpan.Zero)], CancellationToken.None);
        Assert.True(await _counts.LoadNextAsync(CancellationToken.None));
        await store.AddAsync([Of("old2", TimeSpan.FromHours(24)), Of("new2", TimeSpan.Zero), Of("ahead", -TimeSpan.FromHours(1))], CancellationToken.None);
        Assert.Null(_counts.Of(s_all));
        await store.CountAsync(CancellationToken.None);
        Assert.Equal([("motion", 5L)], Counted(s_all));
    }

    [Fact]
    public async Task A_dashboard_without_counts_is_better_than_none()
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table control.event in access exclusive mode", connection))
            await command.ExecuteNonQueryAsync();
        _world.Services.GetRequiredService<EventCounts>().Forget();
        var dashboard = await _world.Http.GetJsonAsync("/api/dashboard");
        Assert.Equal(JsonValueKind.Null, dashboard.GetProperty("events24h").GetProperty("byType").ValueKind);
        await transaction.RollbackAsync();
        await Eventually.TrueAsync(async () => (await _world.Http.GetJsonAsync("/api/dashboard")).GetProperty("events24h").GetProperty("byType").ValueKind == JsonValueKind.Object);
    }

    private async Task LoadAsync()
    {
        while (await _counts.LoadNextAsync(CancellationToken.None))
        {
        }
    }

    private (string, long)[] Counted(CameraFilter seen) => [.. _counts.Of(seen)!.Select(c => (c.Key, c.Value))];
}
