using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vms.Control.Events;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Events;

/// <summary>A commit that took place, and whose answer never came: the database died in between.</summary>
public sealed class LostAnswerTests
{
    [Fact]
    public async Task Events_whose_commit_was_not_answered_are_told_when_they_arrive_again_and_their_rules_keep_their_cool_down()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync() });
        await world.Http.PostAsync("/api/rules", new
        {
            name = "Door",
            cooldownSeconds = 60,
            when = new { types = new[] { "door.opened" } },
            actions = new[] { new { type = "alarm" } },
        }, 201);
        var store = world.Services.GetRequiredService<EventStore>();
        var at = new DateTimeOffset(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        BusEvent[] first = [EventOf("a", at), EventOf("b", at)];
        await LoseAnswerAsync(postgres, world, () => store.AddAsync(first, CancellationToken.None));

        // It arrives again, with another behind it.
        var told = await store.AddAsync([.. first, EventOf("c", at.AddSeconds(1))], CancellationToken.None);
        Assert.Equal(["a", "b", "c"], told.Select(t => t.Id).Order());
        Assert.Empty(await store.AddAsync(first, CancellationToken.None));
        Assert.Equal("1", await world.ScalarAsync("select count(*)::text from control.alarm"));
        Assert.Equal("3", await world.ScalarAsync("select count(*)::text from control.event where type = 'door.opened'"));
    }

    [Fact]
    public async Task What_never_arrives_again_takes_nobody_s_place()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync() });
        var store = world.Services.GetRequiredService<EventStore>();
        var at = new DateTimeOffset(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        await world.ExecuteAsync("""
            create function refuse() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
            create constraint trigger refuse after insert on control.event deferrable initially deferred for each row execute function refuse()
            """);
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => store.AddAsync([EventOf($"gone-{i}", at)], CancellationToken.None));
        await world.ExecuteAsync("drop trigger refuse on control.event");
        BusEvent[] events = [EventOf("a", at)];
        await LoseAnswerAsync(postgres, world, () => store.AddAsync(events, CancellationToken.None));
        Assert.Equal("a", Assert.Single(await store.AddAsync(events, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Events_that_were_not_stored_are_told_once_when_they_arrive_again()
    {
        await using var postgres = await PrivatePostgres.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Postgres = await postgres.CreateDatabaseAsync() });
        var store = world.Services.GetRequiredService<EventStore>();
        BusEvent[] events = [EventOf("a", TimeProvider.System.GetUtcNow())];
        await world.ExecuteAsync("""
            create function refuse() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
            create constraint trigger refuse after insert on control.event deferrable initially deferred for each row execute function refuse()
            """);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => store.AddAsync(events, CancellationToken.None));
        await world.ExecuteAsync("drop trigger refuse on control.event");
        Assert.Equal("a", Assert.Single(await store.AddAsync(events, CancellationToken.None)).Id);
        Assert.Empty(await store.AddAsync(events, CancellationToken.None));
    }

    /// <summary>A commit waits, done, for a standby that there is not; then its connection is ended.</summary>
    private static async Task LoseAnswerAsync(PrivatePostgres postgres, ControlWorld world, Func<Task> commit)
    {
        await using var admin = NpgsqlDataSource.Create(postgres.ConnectionString("postgres") + ";Pooling=false;Options=-c synchronous_commit=local");
        await RunAsync("alter system set synchronous_standby_names = 'nobody'");
        await RunAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(async () => await world.ScalarAsync("show synchronous_standby_names") is "nobody");
        var committing = commit();
        await Eventually.TrueAsync(async () => (int)(await ScalarAsync("select count(*)::int from pg_stat_activity where wait_event = 'SyncRep' and query ilike 'commit%'"))! > 0);
        await RunAsync("alter system reset synchronous_standby_names");
        await RunAsync("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => committing);
        await RunAsync("select pg_reload_conf()");
        await Eventually.TrueAsync(async () => await world.ScalarAsync("show synchronous_standby_names") is "");

        async Task RunAsync(string sql) => await ScalarAsync(sql);

        async Task<object?> ScalarAsync(string sql)
        {
            await using var command = admin.CreateCommand(sql);
            return await command.ExecuteScalarAsync();
        }
    }

    private static BusEvent EventOf(string id, DateTimeOffset at) => new(id, "door.opened", null, "default", at, null, "test", "{}");
}
