using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vms.Control.Outbox;
using Vms.Control.Tests.Support;
using Vms.Testing;

namespace Vms.Control.Tests.Outbox;

public sealed class OutboxTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private readonly OutboxMetrics _metrics = new();
    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _metrics.Dispose();
    }

    [Fact]
    public async Task What_is_put_there_twice_is_delivered_once_and_in_order()
    {
        var channel = new Channel();
        using var runner = Runner(_world.Database, channel, new OutboxOptions { PerTarget = 1 });
        var items = Enumerable.Range(0, 20).Select(i => Item($"e{i}")).ToArray();
        await AddAsync(items);
        await AddAsync([.. items, Item("e0") with { RuleId = "another" }]);
        await runner.StartAsync(default);
        await WaitingAsync(0);
        await AddAsync(items);
        await WaitingAsync(0);
        await runner.StopAsync(default);
        Assert.Equal([.. items.Select(i => i.EventId), "e0"], channel.Delivered.Select(i => i.EventId));
        Assert.Equal(("{\"class\": \"person\"}", s_at, "another"), (channel.Delivered.First().Body.GetRawText(), channel.Delivered.First().EventAt, channel.Delivered.Last().RuleId));
        Assert.Equal(21L, await _world.ScalarAsync("select count(*) from control.outbox where state = 'delivered' and body = '{}' and attempts = 1"));
    }

    [Fact]
    public async Task A_channel_for_what_is_soon_too_late_leaves_a_target_that_failed_alone_for_a_moment()
    {
        var fails = 3;
        var channel = new Channel
        {
            LongestHold = TimeSpan.FromMilliseconds(50),
            Fails = item => item.EventId.StartsWith("bad", StringComparison.Ordinal) && Interlocked.Decrement(ref fails) >= 0 ? new DeliveryException("The gate is stuck", isFinal: false) : null,
        };
        using var runner = Runner(_world.Database, channel, new OutboxOptions { PerTarget = 1, FirstBackOff = TimeSpan.FromHours(1), LongestBackOff = TimeSpan.FromHours(1), Interval = TimeSpan.FromMilliseconds(20) });
        await AddAsync(Item("bad0"), Item("bad1"), Item("bad2"), Item("good"));
        await runner.StartAsync(default);
        await WaitingAsync(3);
        await runner.StopAsync(default);
        Assert.Equal("good", Assert.Single(channel.Delivered).EventId);
    }

    [Fact]
    public async Task A_channel_that_keeps_the_order_holds_up_what_is_behind_and_gives_nothing_up_for_the_number_of_tries()
    {
        var fails = 5;
        var channel = new Channel
        {
            InOrder = true,
            LongestHold = TimeSpan.FromMilliseconds(20),
            Fails = item => item.EventId == "e0" && Interlocked.Decrement(ref fails) >= 0 ? new DeliveryException("The bus is away", isFinal: false) : null,
        };
        var options = new OutboxOptions { MaxAttempts = 2, FirstBackOff = TimeSpan.FromHours(1), LongestBackOff = TimeSpan.FromHours(1), Interval = TimeSpan.FromMilliseconds(20) };
        using var runner = Runner(_world.Database, channel, options);
        await AddAsync([.. Enumerable.Range(0, 10).Select(i => Item($"e{i}")), Item("beside") with { Target = "another" }]);
        // A process that was killed had the first one in its hands.
        await _world.ExecuteAsync("update control.outbox set lease_owner = gen_random_uuid(), lease_until = now() + interval '1 second' where event_id = 'e0'");
        await runner.StartAsync(default);
        await WaitingAsync(0);
        await runner.StopAsync(default);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"e{i}"), channel.Delivered.Where(i => i.Target == "target").Select(i => i.EventId));
        Assert.Equal(("beside", 6), (channel.Delivered.First().EventId, channel.Begun.Count(b => b.Item.EventId == "e0")));
    }

    [Fact]
    public async Task What_is_undone_is_not_told()
    {
        await using (var connection = await _world.Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await OutboxTable.AddAsync(connection, transaction, [Item("undone")], default);
            await transaction.RollbackAsync();
        }

        Assert.Equal(0L, await _world.ScalarAsync("select count(*) from control.outbox"));
    }

    [Fact]
    public async Task What_fails_is_tried_again_later_each_time_and_is_a_dead_letter_in_the_end()
    {
        var channel = new Channel { Fails = _ => new DeliveryException("The door is shut", isFinal: false) };
        var options = new OutboxOptions { MaxAttempts = 4, FirstBackOff = TimeSpan.FromMilliseconds(50), Interval = TimeSpan.FromMilliseconds(20) };
        using var runner = Runner(_world.Database, channel, options);
        await AddAsync(Item("e"));
        await runner.StartAsync(default);
        await WaitingAsync(0);
        await runner.StopAsync(default);
        Assert.Equal(4, channel.Begun.Count);
        var gaps = channel.Begun.Zip(channel.Begun.Skip(1), (a, b) => b.At - a.At).ToArray();
        Assert.True(gaps[0] >= TimeSpan.FromMilliseconds(50) && gaps[1] >= TimeSpan.FromMilliseconds(100) && gaps[2] >= TimeSpan.FromMilliseconds(200), string.Join(' ', gaps));
        Assert.Equal("The door is shut", await _world.ScalarAsync("select last_error from control.outbox where state = 'dead'"));

        // What cannot arrive at all is not tried twice.
        var final = new Channel { Fails = _ => new DeliveryException("There is no such door", isFinal: true) };
        using var other = Runner(_world.Database, final, options);
        await AddAsync(Item("f"));
        await other.StartAsync(default);
        await WaitingAsync(0);
        await other.StopAsync(default);
        Assert.Single(final.Begun);
    }

    [Fact]
    public void The_back_off_doubles_has_some_chance_in_it_and_an_end()
    {
        using var runner = Runner(_world.Database, new Channel(), new OutboxOptions());
        for (var attempts = 1; attempts < 100; attempts++)
        {
            var whole = Math.Min(2 * Math.Pow(2, attempts - 1), 1800);
            Assert.InRange(runner.BackOff(attempts).TotalSeconds, whole, whole * 1.25);
        }
    }

    [Fact]
    public async Task A_target_that_does_not_answer_is_left_alone_and_holds_up_no_other()
    {
        var channel = new Channel { Fails = i => i.Target == "dead end" ? new DeliveryException("No answer", isFinal: false) : null };
        using var runner = Runner(_world.Database, channel, new OutboxOptions { PerTarget = 1, FirstBackOff = TimeSpan.FromMinutes(10) });
        await AddAsync([.. Enumerable.Range(0, 30).Select(i => Item($"e{i}") with { Target = "dead end" }), Item("other")]);
        await runner.StartAsync(default);
        await Eventually.TrueAsync(() => channel.Delivered.Any(i => i.EventId == "other"));
        await WaitingAsync(30);
        await runner.StopAsync(default);
        Assert.Equal(["e0"], channel.Begun.Where(b => b.Item.Target == "dead end").Select(b => b.Item.EventId));
    }

    [Fact]
    public async Task Two_runners_never_deliver_the_same_row_at_once()
    {
        var channel = new Channel();
        await using var theirs = NpgsqlDataSource.Create(_world.ConnectionString);
        using var first = Runner(_world.Database, channel, new OutboxOptions());
        using var second = Runner(theirs, channel, new OutboxOptions());
        await AddAsync([.. Enumerable.Range(0, 300).Select(i => Item($"e{i}") with { Target = $"t{i % 20}" })]);
        await Task.WhenAll(first.StartAsync(default), second.StartAsync(default));
        await WaitingAsync(0);
        await Task.WhenAll(first.StopAsync(default), second.StopAsync(default));
        Assert.Equal(300, channel.Delivered.Count);
        Assert.Equal(300, channel.Delivered.Select(i => i.EventId).Distinct().Count());
    }

    [Fact]
    public async Task What_a_killed_runner_had_delivered_and_not_noted_comes_again_with_the_same_id()
    {
        await using var theirs = NpgsqlDataSource.Create(_world.ConnectionString);
        // Its process dies between the delivery and the commit.
        var dying = new Channel { After = async () => await theirs.DisposeAsync() };
        using var first = Runner(theirs, dying, new OutboxOptions(), lease: TimeSpan.FromSeconds(1));
        await AddAsync(Item("e"));
        await first.StartAsync(default);
        await Eventually.TrueAsync(() => dying.Delivered.Count == 1);

        var channel = new Channel();
        using var second = Runner(_world.Database, channel, new OutboxOptions { Interval = TimeSpan.FromMilliseconds(50) });
        await second.StartAsync(default);
        await WaitingAsync(0);
        await Task.WhenAll(first.StopAsync(default), second.StopAsync(default));
        Assert.Equal(dying.Delivered.Single().EventId, channel.Delivered.Single().EventId);
        Assert.Equal(2, await _world.ScalarAsync("select attempts from control.outbox"));
    }

    [Fact]
    public async Task A_runner_that_stops_in_order_gives_back_what_it_had_in_its_hands()
    {
        var stuck = new Channel { Gate = new TaskCompletionSource() };
        using var runner = Runner(_world.Database, stuck, new OutboxOptions());
        await AddAsync(Item("e"));
        await runner.StartAsync(default);
        await Eventually.TrueAsync(() => stuck.Begun.Count == 1);
        await runner.StopAsync(default);
        Assert.Equal("waiting 0", await _world.ScalarAsync("select state || ' ' || attempts from control.outbox where lease_owner is null"));
    }

    [Fact]
    public async Task Too_much_and_too_old_goes()
    {
        await AddAsync([.. Enumerable.Range(0, 10).Select(i => Item($"e{i}"))]);
        var options = new OutboxOptions { MaxWaitingPerTarget = 4, MaxDeadPerTenant = 3 };
        await OutboxPruning.RunAsync(_world.Database, options, DateTimeOffset.UtcNow, default);
        Assert.Equal("e6 e7 e8 e9", await _world.ScalarAsync("select string_agg(event_id, ' ' order by seq) from control.outbox where state = 'waiting'"));
        Assert.Equal("e3 e4 e5", await _world.ScalarAsync("select string_agg(event_id, ' ' order by seq) from control.outbox where state = 'dead'"));

        var channel = new Channel();
        using var runner = Runner(_world.Database, channel, new OutboxOptions { MaxAge = TimeSpan.FromHours(1) });
        await _world.ExecuteAsync("update control.outbox set created_at = now() - interval '2 hours' where state = 'waiting' and event_id < 'e8'");
        await runner.StartAsync(default);
        await WaitingAsync(0);
        await runner.StopAsync(default);
        Assert.Equal(["e8", "e9"], channel.Delivered.Select(i => i.EventId).Order());
    }

    [Fact]
    public async Task Dead_letters_are_listed_tried_again_and_deleted()
    {
        await AddAsync(Item("e1"), Item("e2"), Item("e3"));
        await _world.ExecuteAsync("update control.outbox set state = 'dead', finished_at = now(), attempts = 12, last_error = 'No answer'");
        var page = await _world.Http.GetJsonAsync("/api/outbox/dead?limit=2");
        Assert.Equal(("e3", "e2", "No answer", "12", "person"), (page.Text("items.0.eventId"), page.Text("items.1.eventId"), page.Text("items.0.error"), page.Text("items.0.attempts"), page.Text("items.0.body.class")));
        var next = await _world.Http.GetJsonAsync($"/api/outbox/dead?limit=2&cursor={page.Text("nextCursor")}");
        Assert.Equal(("e1", null), (next.Text("items.0.eventId"), next.Text("nextCursor")));
        Assert.Equal(0, (await _world.Http.GetJsonAsync("/api/outbox/dead?channel=webhook")).GetProperty("items").GetArrayLength());

        using (var again = await _world.Http.PostAsync($"/api/outbox/dead/{page.Text("items.0.id")}/retry", null))
            Assert.Equal(202, (int)again.StatusCode);
        Assert.Equal("e3", await _world.ScalarAsync("select event_id from control.outbox where state = 'waiting' and attempts = 0"));
        using (var deleted = await _world.Http.DeleteAsync($"/api/outbox/dead/{page.Text("items.1.id")}"))
            Assert.Equal(204, (int)deleted.StatusCode);
        // It waits again: that is no dead letter.
        foreach (var id in new[] { page.Text("items.0.id"), page.Text("items.1.id"), "x" })
        {
            using var gone = await _world.Http.DeleteAsync($"/api/outbox/dead/{id}");
            await gone.ProblemAsync(404, "deadLetterNotFound");
        }

        Assert.Equal(["deadLetter.deleted", "deadLetter.retried"], (await _world.Http.GetJsonAsync("/api/audit")).GetProperty("items").EnumerateArray()
            .Select(i => i.Text("action")!).Where(a => a.StartsWith("deadLetter", StringComparison.Ordinal)));
    }

    private static OutboxItem Item(string eventId) =>
        new("default", "test", "target", eventId, s_at, null, JsonSerializer.SerializeToElement(new { @class = "person" }));

    private async Task AddAsync(params OutboxItem[] items)
    {
        await using var connection = await _world.Database.OpenConnectionAsync();
        await OutboxTable.AddAsync(connection, null, items, default);
    }

    private Task WaitingAsync(long count) => Eventually.TrueAsync(async () =>
        (long)(await _world.ScalarAsync("select count(*) from control.outbox where state = 'waiting'"))! == count
        && (long)(await _world.ScalarAsync("select count(*) from control.outbox where lease_owner is not null"))! == 0);

    private OutboxRunner Runner(NpgsqlDataSource database, IOutboxChannel channel, OutboxOptions options, TimeSpan? lease = null) =>
        new(database, [channel], _metrics, options, TimeProvider.System, NullLogger<OutboxRunner>.Instance) { Lease = lease ?? 2 * OutboxRunner.Deadline };

    private sealed class Channel : IOutboxChannel
    {
        public string Name => "test";

        public TimeSpan? LongestHold { get; init; }

        public bool InOrder { get; init; }

        public ConcurrentQueue<(OutboxItem Item, DateTimeOffset At)> Begun { get; } = new();

        public ConcurrentQueue<OutboxItem> Delivered { get; } = new();

        public Func<OutboxItem, DeliveryException?> Fails { get; init; } = _ => null;

        public Func<Task>? After { get; init; }

        public TaskCompletionSource? Gate { get; init; }

        public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
        {
            Begun.Enqueue((item, DateTimeOffset.UtcNow));
            if (Gate is not null)
                await Gate.Task.WaitAsync(cancellationToken);
            if (Fails(item) is { } failure)
                throw failure;
            Delivered.Enqueue(item);
            if (After is not null)
                await After();
        }
    }
}
