using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Control.Events;
using Vms.Control.Features.Alarms;
using Vms.Control.Features.Events;
using Vms.Control.Tests.Support;
using Vms.Postgres;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Events;

public sealed class EventMonthsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 12, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_too_old_goes_with_its_month_and_the_rest_by_rows()
    {
        var time = new ManualTimeProvider(s_now);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Arguments = ["--VMS_EVENT_DAYS=30"] });
        using var months = new EventMonths(
            world.Database, world.Services.GetRequiredService<EventPictures>(), new EventDays(TimeSpan.FromDays(30)), time,
            world.Services.GetRequiredService<ILogger<EventMonths>>());
        // Far from any month that has a table, until it has one.
        await InsertAsync(world, ("ancient", "1971-01-01"), ("february", "2027-02-03"), ("september", "2026-09-10"), ("november", "2026-11-10"), ("late", "2026-11-25"), ("now", "2026-12-20"));
        await world.ExecuteAsync("select control.add_event_month('2026-09-01')");
        Assert.Equal("control.event_2026_09", await world.ScalarAsync("select tableoid::regclass::text from control.event where id = 'september'"));

        await months.PassAsync(default);
        Assert.Equal("february late now", await world.ScalarAsync("select string_agg(id, ' ' order by id) from control.event"));
        Assert.Equal("late", await world.ScalarAsync("select string_agg(id, ' ') from control.event_other"));
        Assert.Equal(true, await world.ScalarAsync("select to_regclass('control.event_2026_09') is null"));
        Assert.Equal("control.event_2027_02", await world.ScalarAsync("select tableoid::regclass::text from control.event where id = 'february'"));
        await months.PassAsync(default);
    }

    [Fact]
    public async Task Alarms_do_not_grow_without_end()
    {
        await using var world = await ControlWorld.StartAsync();
        await world.ExecuteAsync($"""
            insert into control.alarm (id, tenant_id, rule_id, rule_name, event_id, event_at, event_type, title, severity, state, at, closed_at, updated_at)
            select state || i, 'default', 'r', 'R', state || i, '2026-11-01Z', 't', 'T', 'info', state, '2026-11-01Z'::timestamptz + i * interval '1 s',
                case when state = 'closed' then '2026-11-01Z'::timestamptz + i * interval '20 days' end, '2026-11-01Z'
            from (select 'open' as state, generate_series(1, {AlarmRow.MaxNotClosed + 2}) as i union all select 'closed', generate_series(0, 1)) a
            """);
        await AlarmRow.CloseManyAsync(world.Database, s_now, default);
        Assert.Equal("closed0 closed1 open1 open2", await world.ScalarAsync("select string_agg(id, ' ' order by id) from control.alarm where state = 'closed'"));
        Assert.Equal(2L, await world.ScalarAsync("select count(*) from control.alarm where closed_by = 'system' and jsonb_array_length(comments) = 1"));
        Assert.Equal(1, await AlarmRow.DeleteClosedAsync(world.Database, s_now - TimeSpan.FromDays(30), 10, default));
        Assert.Equal(0L, await world.ScalarAsync("select count(*) from control.alarm where id = 'closed0'"));
    }

    [Fact]
    public async Task What_was_there_before_the_months_is_there_behind_it()
    {
        await using var database = NpgsqlDataSource.Create(await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync());
        var scripts = MigrationScript.FromAssembly(typeof(ControlApp).Assembly);
        await MigrationRunner.RunAsync(database, "control", [.. scripts.TakeWhile(s => s.Name != "events_by_month")], NullLogger.Instance, default);
        await ExecuteAsync("""
            insert into control.event (id, at, end_at, type, camera_id, site_id, source, data, tenant_id)
            select 'e' || i, now() - i * interval '10 days', case when i % 2 = 0 then now() end, 'motion', 'c', 'default', 't',
                jsonb_build_object('i', i, 'plate', (select string_agg(md5(n::text), '') from generate_series(1, 500) n)), 'default' from generate_series(0, 99) i
            """);
        await ExecuteAsync("insert into control.event (id, at, type, source, data) values ('ancient', '1970-01-01Z', 'motion', 't', '{}')");
        await MigrationRunner.RunAsync(database, "control", scripts, NullLogger.Instance, default);
        await using var count = database.CreateCommand("select count(*) || ' ' || count(end_at) || ' ' || sum((data ->> 'i')::int) || ' ' || count(distinct tableoid) from control.event");
        var all = ((string)(await count.ExecuteScalarAsync())!).Split(' ');
        Assert.Equal(["101", "50", "4950"], all[..3]);
        Assert.InRange(int.Parse(all[3], System.Globalization.CultureInfo.InvariantCulture), 20, 30);

        async Task ExecuteAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task An_id_is_known_again_at_its_time_alone()
    {
        await using var world = await ControlWorld.StartAsync();
        var store = world.Services.GetRequiredService<EventStore>();
        var happened = new BusEvent("e", "motion", null, "default", s_now, null, "test", """{"a":1}""");
        Assert.Single(await store.AddAsync([happened, happened], default));
        Assert.Empty(await store.AddAsync([happened], default));
        var ended = Assert.Single(await store.AddAsync([happened with { EndAt = s_now.AddSeconds(3), DataJson = """{"b":2}""" }], default));
        Assert.Equal(("1", "2"), (ended.Data.Text("a"), ended.Data.Text("b")));
        Assert.Single(await store.AddAsync([happened with { At = s_now.AddMonths(1) }], default));
        Assert.Equal(2L, await world.ScalarAsync("select count(*) from control.event"));
    }

    private static Task InsertAsync(ControlWorld world, params (string Id, string At)[] events) => world.ExecuteAsync(
        "insert into control.event (id, at, type, source, data) values " + string.Join(", ", events.Select(e => $"('{e.Id}', '{e.At}T00:00:00Z', 'motion', 't', '{{}}')")));
}
