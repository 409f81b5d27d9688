using System.Text;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Bus.Tests;

/// <summary>Core messaging against a real nats-server.</summary>
public sealed class BusConnectionTests : IAsyncLifetime
{
    private PrivateNats _nats = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _nats = await PrivateNats.StartAsync();

    public async ValueTask DisposeAsync() => await _nats.DisposeAsync();

    [Fact]
    public async Task A_message_reaches_every_subscriber_with_its_headers_in_order()
    {
        await using var publisher = await TestBus.ConnectAsync(_nats);
        await using var reader = await TestBus.ConnectAsync(_nats);
        using var exact = reader.Connection.Subscribe("cam.1.state", null);
        using var wildcard = reader.Connection.Subscribe("cam.*.state", null);
        await reader.Connection.FlushAsync(Ct);

        for (var i = 0; i < 1000; i++)
            await publisher.Connection.PublishAsync("cam.1.state", Bytes("m" + i), new BusHeaders { { "n", i.ToString() } }, "reply.here", Ct);

        foreach (var subscription in new[] { exact, wildcard })
        {
            var all = await TakeAsync(subscription, 1000);
            Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"m{i} {i} reply.here"), all.Select(m => $"{m.Text} {m.Headers!["n"]} {m.ReplyTo}"));
            Assert.Equal(0, subscription.Dropped);
        }
    }

    [Fact]
    public async Task A_queue_group_shares_the_messages()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        using var first = bus.Connection.Subscribe("work", "crew");
        using var second = bus.Connection.Subscribe("work", "crew");
        for (var i = 0; i < 200; i++) await bus.Connection.PublishAsync("work", Bytes(i.ToString()), null, null, Ct);
        await bus.Connection.FlushAsync(Ct);
        await bus.StopAsync();   // ends the enumerations

        var ofFirst = await first.Select(m => m.Text).ToListAsync(Ct);
        var ofSecond = await second.Select(m => m.Text).ToListAsync(Ct);
        Assert.NotEmpty(ofFirst);
        Assert.NotEmpty(ofSecond);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i.ToString()).Order(), ofFirst.Concat(ofSecond).Order());
    }

    [Fact]
    public async Task Requests_are_answered_each_with_its_own_answer()
    {
        await using var server = await TestBus.ConnectAsync(_nats);
        await using var client = await TestBus.ConnectAsync(_nats);
        using var questions = server.Connection.Subscribe("double", null);
        await server.Connection.FlushAsync(Ct);
        var answering = Task.Run(async () =>
        {
            await foreach (var question in questions)
                await server.Connection.PublishAsync(question.ReplyTo!, Bytes((2 * int.Parse(question.Text)).ToString()), null, null, Ct);
        }, Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i =>
            client.Connection.RequestAsync("double", Bytes(i.ToString()), null, TimeSpan.FromSeconds(10), Ct)));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (2 * i).ToString()), answers.Select(a => a.Text));
        questions.Dispose();
        await answering;
    }

    [Fact]
    public async Task A_request_nobody_answers_fails_at_once_and_one_that_is_ignored_times_out()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        var nobody = await Assert.ThrowsAsync<BusException>(() => bus.Connection.RequestAsync("nobody", default, null, TimeSpan.FromSeconds(20), Ct));
        Assert.Equal(BusErrorKind.NoResponders, nobody.Kind);

        using var ignoring = bus.Connection.Subscribe("ignored", null);
        var ignored = await Assert.ThrowsAsync<BusException>(() => bus.Connection.RequestAsync("ignored", default, null, TimeSpan.FromMilliseconds(100), Ct));
        Assert.Equal(BusErrorKind.Timeout, ignored.Kind);
    }

    [Fact]
    public async Task Unsubscribing_ends_the_enumeration_and_the_delivery()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        var subscription = bus.Connection.Subscribe("once", null);
        await bus.Connection.PublishAsync("once", Bytes("1"), null, null, Ct);
        await bus.Connection.FlushAsync(Ct);
        subscription.Dispose();
        await bus.Connection.PublishAsync("once", Bytes("2"), null, null, Ct);
        await bus.Connection.FlushAsync(Ct);
        Assert.Equal(["1"], await subscription.Select(m => m.Text).ToListAsync(Ct));
    }

    [Fact]
    public async Task A_payload_above_the_servers_limit_is_refused_here_and_the_connection_lives_on()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        var refused = await Assert.ThrowsAsync<BusException>(async () => await bus.Connection.PublishAsync("big", new byte[1024 * 1024 + 1], null, null, Ct));
        Assert.Equal(BusErrorKind.TooLarge, refused.Kind);

        using var subscription = bus.Connection.Subscribe("big", null);
        await bus.Connection.PublishAsync("big", new byte[1024 * 1024], null, null, Ct);
        Assert.Equal(1024 * 1024, (await TakeAsync(subscription, 1))[0].Payload.Length);
    }

    [Fact]
    public async Task A_slow_subscriber_loses_the_newest_messages_counted_and_nothing_else_suffers()
    {
        await using var bus = await TestBus.ConnectAsync(_nats, o => o with { SubscriptionMessagesMax = 100, SubscriptionBytesMax = 100_000 });
        using var slow = bus.Connection.Subscribe("flood", null);
        using var heavy = bus.Connection.Subscribe("heavy", null);
        using var other = bus.Connection.Subscribe("other", null);
        for (var i = 0; i < 1000; i++) await bus.Connection.PublishAsync("flood", Bytes(i.ToString()), null, null, Ct);
        for (var i = 0; i < 20; i++) await bus.Connection.PublishAsync("heavy", new byte[30_000], null, null, Ct);
        await bus.Connection.PublishAsync("other", Bytes("still here"), null, null, Ct);

        Assert.Equal("still here", (await TakeAsync(other, 1))[0].Text);
        Assert.Equal((900, 17), (slow.Dropped, heavy.Dropped));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i.ToString()), (await TakeAsync(slow, 100)).Select(m => m.Text));
    }

    [Fact]
    public async Task What_is_published_before_the_first_connection_is_sent_up_to_the_bound()
    {
        await _nats.KillAsync();
        await using var bus = TestBus.Start(_nats.Url, o => o with { PendingBytesMax = 10_000 });
        using var subscription = bus.Connection.Subscribe("early", null);
        var accepted = 0;
        var full = await Assert.ThrowsAsync<BusException>(async () =>
        {
            for (; ; accepted++) await bus.Connection.PublishAsync("early", new byte[1000], null, null, Ct);
        });
        Assert.Equal(BusErrorKind.ResourceExhausted, full.Kind);
        Assert.InRange(accepted, 8, 9);

        await _nats.RestartAsync();
        Assert.Equal(accepted, (await TakeAsync(subscription, accepted)).Count);
    }

    [Fact]
    public async Task After_a_server_restart_subscriptions_stand_again_and_waiting_requests_fail_at_once()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        using var subscription = bus.Connection.Subscribe("again", null);
        using var ignoring = bus.Connection.Subscribe("ignored", null);
        var waiting = bus.Connection.RequestAsync("ignored", default, null, TimeSpan.FromMinutes(5), Ct);
        await TakeAsync(ignoring, 1);

        await _nats.RestartAsync();
        var lost = await Assert.ThrowsAsync<BusException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(BusErrorKind.Disconnected, lost.Kind);

        await bus.ConnectedAsync();
        await bus.Connection.PublishAsync("again", Bytes("hello"), null, null, Ct);
        Assert.Equal("hello", (await TakeAsync(subscription, 1))[0].Text);
    }

    [Fact]
    public async Task The_server_is_known_by_its_address_and_by_another_word_after_each_start()
    {
        await using var bus = await TestBus.ConnectAsync(_nats);
        var before = bus.Connection.Server!;
        Assert.Equal($"127.0.0.1:{_nats.Port}", before.Address);
        Assert.NotEqual("", before.Id);
        await _nats.RestartAsync();
        await Eventually.TrueAsync(() => bus.Connection.Server!.Id != before.Id);
        Assert.Equal(before.Address, bus.Connection.Server!.Address);
    }

    [Fact]
    public async Task A_server_that_stands_still_is_given_up_after_two_silent_pings()
    {
        await using var bus = await TestBus.ConnectAsync(
            _nats, o => o with { PingInterval = TimeSpan.FromMilliseconds(100), ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        _nats.Freeze();
        try
        {
            await Eventually.TrueAsync(() => bus.Connection.LastError is { Kind: BusErrorKind.Timeout });
        }
        finally
        {
            _nats.Thaw();
        }

        await bus.ConnectedAsync();
        Assert.Null(bus.Connection.LastError);
    }

    [Fact]
    public async Task A_full_socket_makes_publishers_wait_instead_of_growing_memory()
    {
        await using var bus = await TestBus.ConnectAsync(_nats, o => o with { PendingBytesMax = 100_000 });
        using var subscription = bus.Connection.Subscribe("pressure", null);
        _nats.Freeze();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) await bus.Connection.PublishAsync("pressure", new byte[50_000], null, null, Ct);
        }, Ct);
        try
        {
            // 10 MB do not fit into socket buffers and 100 kB: it must still be waiting when the server goes on.
            await Assert.ThrowsAsync<TimeoutException>(() => publishing.WaitAsync(TimeSpan.FromMilliseconds(300)));
        }
        finally
        {
            _nats.Thaw();
        }

        await publishing.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await TakeAsync(subscription, 200)).Count);
    }

    [Fact]
    public async Task An_ordered_stop_sends_what_was_published_and_delivers_what_was_received()
    {
        await using var reader = await TestBus.ConnectAsync(_nats);
        using var subscription = reader.Connection.Subscribe("last.words", null);
        await reader.Connection.FlushAsync(Ct);

        var publisher = await TestBus.ConnectAsync(_nats);
        for (var i = 0; i < 5000; i++) await publisher.Connection.PublishAsync("last.words", Bytes(i.ToString()), null, null, Ct);
        await publisher.DisposeAsync();
        Assert.Equal(BusState.Closed, publisher.Connection.State);
        await reader.StopAsync();

        Assert.Equal(5000, (await subscription.ToListAsync(Ct)).Count);
        var closed = await Assert.ThrowsAsync<BusException>(async () => await publisher.Connection.PublishAsync("x", default, null, null, Ct));
        Assert.Equal(BusErrorKind.Closed, closed.Kind);
        await Assert.ThrowsAsync<BusException>(() => publisher.Connection.WaitUntilConnectedAsync(Ct));
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_server_that_is_away()
    {
        await _nats.KillAsync();
        await using var bus = TestBus.Start(_nats.Url, o => o with { ReconnectDelayMin = TimeSpan.FromMinutes(1), ReconnectDelayMax = TimeSpan.FromMinutes(1) });
        await Eventually.TrueAsync(() => bus.Connection.LastError is { Kind: BusErrorKind.Unreachable });
        await bus.StopAsync();
        await using var neverRun = new BusConnection(
            TestBus.OptionsFor(_nats.Url), Microsoft.Extensions.Logging.Abstractions.NullLogger<BusConnection>.Instance, TimeProvider.System);
    }

    [Fact]
    public async Task States_are_reported_in_order()
    {
        var states = new System.Collections.Concurrent.ConcurrentQueue<BusState>();
        await using var bus = await TestBus.ConnectAsync(_nats);
        bus.Connection.StateChanged += states.Enqueue;
        await _nats.KillAsync();
        await Eventually.TrueAsync(() => states.Contains(BusState.Disconnected));
        await _nats.RestartAsync();
        await Eventually.TrueAsync(() => states.LastOrDefault() is BusState.Connected);
        await bus.StopAsync();

        // Connected is true before it is told: the first connection may be told after we began to listen.
        Assert.Equal(BusState.Disconnected, states.SkipWhile(s => s is BusState.Connected).First());
        Assert.Equal([BusState.Connecting, BusState.Connected, BusState.Closed], states.TakeLast(3));
    }

    internal static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    internal static async Task<List<BusMessage>> TakeAsync(BusSubscription subscription, int count)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var messages = new List<BusMessage>(count);
        await foreach (var message in subscription.WithCancellation(deadline.Token))
        {
            messages.Add(message);
            if (messages.Count == count) break;
        }

        return messages;
    }
}
