using Vms.Testing;
using Vms.Testing.Servers;
using static Vms.Bus.Tests.BusConnectionTests;

namespace Vms.Bus.Tests;

/// <summary>Streams and durable consumers on a real nats-server with its store on disk.</summary>
public sealed class JetStreamTests : IAsyncLifetime
{
    private static readonly StreamConfig s_events = new() { Name = "EVENTS", Subjects = ["vms.events.>"] };
    private static readonly ConsumerConfig s_control = new() { DurableName = "control-events" };

    private PrivateNats _nats = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _nats = await PrivateNats.StartAsync();

    public async ValueTask DisposeAsync() => await _nats.DisposeAsync();

    [Fact]
    public async Task Ensuring_a_stream_twice_changes_nothing_and_another_configuration_updates_it()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        await bus.JetStream.PublishAsync("vms.events.a", Bytes("1"), null, Ct);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        await bus.JetStream.EnsureStreamAsync(s_events with { MaxAge = TimeSpan.FromDays(7), Subjects = ["vms.events.>", "vms.more.>"] }, Ct);
        await bus.JetStream.PublishAsync("vms.more.a", Bytes("2"), null, Ct);
        Assert.Equal(2, await bus.JetStream.CountAsync("EVENTS", Ct));
        Assert.Null(await bus.JetStream.CountAsync("NONE", Ct));

        await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control, Ct);
        await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control, Ct);
        await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control with { AckWait = TimeSpan.FromSeconds(5) }, Ct);
    }

    [Fact]
    public async Task A_configuration_the_server_refuses_is_an_error_that_says_why()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        var overlap = await Assert.ThrowsAsync<BusException>(() =>
            bus.JetStream.EnsureStreamAsync(new StreamConfig { Name = "OTHER", Subjects = ["vms.events.x"] }, Ct));
        Assert.Equal(BusErrorKind.Refused, overlap.Kind);
        Assert.NotEqual(0, overlap.ApiError);
        Assert.Contains("subjects overlap", overlap.Message);
    }

    [Fact]
    public async Task Two_planes_may_declare_the_same_stream_or_bucket_at_the_same_moment()
    {
        const int planes = 4, rounds = 40;
        var buses = new List<TestBus>();
        try
        {
            for (var i = 0; i < planes; i++) buses.Add(await TestBus.ConnectAsync(_nats));
            for (var round = 0; round < rounds; round++)
            {
                var events = new StreamConfig { Name = "E" + round, Subjects = [$"round.{round}.>"] };
                var status = new KvConfig { Name = "b" + round, Storage = StreamStorage.Memory, MaxBytes = 64 * 1024 };
                await Task.WhenAll(buses.Select(b => b.JetStream.EnsureStreamAsync(events, Ct)));
                var buckets = await Task.WhenAll(buses.Select(b => b.JetStream.EnsureBucketAsync(status, Ct)));
                await buckets[0].PutAsync("k", Bytes("v"), Ct);
                Assert.All(await Task.WhenAll(buckets.Select(b => b.GetAsync("k", Ct))), value => Assert.Equal("v", value!.Text));
            }
        }
        finally
        {
            foreach (var bus in buses) await bus.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_same_message_id_is_stored_once()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        var first = await bus.JetStream.PublishAsync("vms.events.a", Bytes("1"), "id-1", Ct);
        var again = await bus.JetStream.PublishAsync("vms.events.a", Bytes("1"), "id-1", Ct);
        Assert.Equal((false, true, first.Sequence), (first.Duplicate, again.Duplicate, again.Sequence));
        Assert.Equal(1, await bus.JetStream.CountAsync("EVENTS", Ct));
    }

    [Fact]
    public async Task A_publish_that_no_stream_takes_fails_with_no_responders()
    {
        await using var bus = await TestBus.ConnectAsync(_nats, o => o with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        var lost = await Assert.ThrowsAsync<BusException>(() => bus.JetStream.PublishAsync("nowhere", Bytes("1"), null, Ct));
        Assert.Equal(BusErrorKind.NoResponders, lost.Kind);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_stored_twice_when_the_server_is_killed_while_publishing()
    {
        await using var publisher = await TestBus.ConnectAsync(_nats);
        await using var reader = await TestBus.ConnectAsync(_nats);
        await publisher.JetStream.EnsureStreamAsync(s_events, Ct);
        await reader.JetStream.EnsureConsumerAsync("EVENTS", s_control with { AckWait = TimeSpan.FromSeconds(2) }, Ct);

        const int count = 1500;
        var seen = new Dictionary<string, int>();
        var reading = Task.Run(async () =>
        {
            await foreach (var message in reader.JetStream.Consumer("EVENTS", "control-events").ConsumeAsync(100, Ct))
            {
                seen[message.Headers!["Nats-Msg-Id"]!] = seen.GetValueOrDefault(message.Headers["Nats-Msg-Id"]!) + 1;
                await message.AckAsync(Ct);
                if (seen.Count == count) break;
            }
        }, Ct);

        var acknowledged = 0;
        var publishing = Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (i, ct) =>
        {
            await publisher.JetStream.PublishAsync("vms.events.s.c." + i, Bytes(i.ToString()), "id-" + i, ct);
            Interlocked.Increment(ref acknowledged);
        });
        for (var kill = 1; kill <= 3; kill++)
        {
            await Eventually.TrueAsync(() => Volatile.Read(ref acknowledged) >= count * kill / 5, TimeSpan.FromSeconds(60));
            await _nats.RestartAsync();   // kill -9, then start
        }

        await publishing.WaitAsync(TimeSpan.FromSeconds(60));
        await reading.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(count, acknowledged);
        Assert.Equal(Enumerable.Range(0, count).Select(i => "id-" + i).Order(), seen.Keys.Order());
        Assert.Equal(count, await publisher.JetStream.CountAsync("EVENTS", Ct));
    }

    [Fact]
    public async Task A_durable_consumer_continues_where_it_was_in_another_process_and_after_a_restart()
    {
        await using (var bus = await TestBus.ConnectAsync(_nats))
        {
            await bus.JetStream.EnsureStreamAsync(s_events, Ct);
            await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control, Ct);
            for (var i = 1; i <= 10; i++) await bus.JetStream.PublishAsync("vms.events.a", Bytes(i.ToString()), null, Ct);
            var first = await FetchAsync(bus, 4);
            Assert.Equal(["1", "2", "3", "4"], first);
        }

        await _nats.RestartAsync();
        await using var next = await TestBus.ConnectAsync(_nats);
        Assert.Equal(["5", "6", "7", "8", "9", "10"], await FetchAsync(next, 100));
        Assert.Empty(await FetchAsync(next, 100));
    }

    [Fact]
    public async Task Nak_delivers_again_terminate_does_not_and_in_progress_keeps_the_message()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control with { AckWait = TimeSpan.FromMilliseconds(700) }, Ct);
        foreach (var text in new[] { "nak", "term", "slow", "forgotten" }) await bus.JetStream.PublishAsync("vms.events.a", Bytes(text), null, Ct);

        var consumer = bus.JetStream.Consumer("EVENTS", "control-events");
        var deliveries = new Dictionary<string, long>();
        JetStreamMessage? slow = null;
        using var keepAlive = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var done = false;
        while (!done)
        {
            await foreach (var message in consumer.FetchAsync(10, TimeSpan.FromMilliseconds(200), Ct))
            {
                var text = System.Text.Encoding.UTF8.GetString(message.Payload.Span);
                deliveries[text] = message.Deliveries;
                if (text == "slow") slow = message;
                else if (text == "term") await message.TerminateAsync(Ct);
                else if (message.Deliveries < 2 && text == "nak") await message.NakAsync(TimeSpan.FromMilliseconds(50), Ct);
                else if (message.Deliveries >= 2) await message.AckAsync(Ct);
            }

            if (slow is not null) await slow.InProgressAsync(Ct);
            done = deliveries.GetValueOrDefault("forgotten") >= 2 && deliveries.GetValueOrDefault("nak") >= 2;
        }

        await slow!.AckAsync(Ct);
        Assert.Equal((2, 1, 1, 2), (deliveries["nak"], deliveries["term"], deliveries["slow"], deliveries["forgotten"]));
        await bus.Connection.FlushAsync(Ct);
        Assert.Empty(await FetchAsync(bus, 10));
    }

    [Fact]
    public async Task A_consumer_that_does_not_exist_is_an_error_of_fetch()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        var missing = await Assert.ThrowsAsync<BusException>(() => FetchAsync(bus, 1));
        Assert.Equal(BusErrorKind.NoResponders, missing.Kind);
    }

    [Fact]
    public async Task Two_readers_of_one_durable_share_its_messages()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events, Ct);
        await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control, Ct);
        for (var i = 0; i < 100; i++) await bus.JetStream.PublishAsync("vms.events.a", Bytes(i.ToString()), null, Ct);
        var both = await Task.WhenAll(FetchAsync(bus, 60), FetchAsync(bus, 60));
        Assert.Equal(100, both.SelectMany(m => m).Distinct().Count());
        Assert.Equal(100, both.Sum(m => m.Count));
    }

    [Fact]
    public async Task A_server_that_lost_its_data_gets_streams_and_consumers_back()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        await bus.JetStream.EnsureStreamAsync(s_events with { Storage = StreamStorage.Memory }, Ct);
        await bus.JetStream.EnsureConsumerAsync("EVENTS", s_control, Ct);
        await bus.JetStream.PublishAsync("vms.events.a", Bytes("lost with the server"), null, Ct);

        await _nats.RestartAsync();
        await bus.JetStream.PublishAsync("vms.events.a", Bytes("after"), null, Ct);
        await Eventually.TrueAsync(async () => await bus.JetStream.CountAsync("EVENTS", Ct) == 1);
        await foreach (var message in bus.JetStream.Consumer("EVENTS", "control-events").ConsumeAsync(10, Ct))
        {
            Assert.Equal("after", System.Text.Encoding.UTF8.GetString(message.Payload.Span));
            break;
        }
    }

    [Fact]
    public async Task Ensuring_waits_for_a_server_that_starts_later()
    {
        await _nats.KillAsync();
        await using var bus = TestBus.Start(_nats.Url);
        var ensuring = bus.JetStream.EnsureStreamAsync(s_events, Ct);
        var publishing = bus.JetStream.PublishAsync("vms.events.a", Bytes("patient"), null, Ct);
        Assert.False(ensuring.IsCompleted || publishing.IsCompleted);
        await _nats.RestartAsync();
        await ensuring.WaitAsync(TimeSpan.FromSeconds(60));
        await publishing.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, await bus.JetStream.CountAsync("EVENTS", Ct));
    }

    [Fact]
    public async Task A_publish_gives_up_after_its_time_when_the_server_stays_away()
    {
        await _nats.KillAsync();
        await using var bus = TestBus.Start(_nats.Url, o => o with { PublishTimeout = TimeSpan.FromMilliseconds(200) });
        var late = await Assert.ThrowsAsync<BusException>(() => bus.JetStream.PublishAsync("vms.events.a", Bytes("1"), null, Ct));
        Assert.Equal(BusErrorKind.Disconnected, late.Kind);
    }

    private static async Task<List<string>> FetchAsync(TestBus bus, int batch)
    {
        var texts = new List<string>();
        await foreach (var message in bus.JetStream.Consumer("EVENTS", "control-events").FetchAsync(batch, TimeSpan.FromMilliseconds(300), Ct))
        {
            texts.Add(System.Text.Encoding.UTF8.GetString(message.Payload.Span));
            await message.AckAsync(Ct);
        }

        await bus.Connection.FlushAsync(Ct);
        return texts;
    }
}
