using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Contracts;
using Vms.Hosting.Events;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Hosting.Tests.Events;

public sealed class EventSenderTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();
    private readonly Complaints _complaints = new();
    private PrivateNats _nats = null!;
    private BusConnection _bus = null!;

    public async ValueTask InitializeAsync()
    {
        _nats = await PrivateNats.StartAsync();
        _bus = new BusConnection(new BusOptions { Url = _nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = _bus.RunAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        await _nats.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_event_stream_that_is_refused_is_said_once_and_tried_again_while_events_wait()
    {
        await _bus.JetStream.EnsureStreamAsync(new StreamConfig { Name = "OTHER", Subjects = [BusLayout.EventSubjects] }, CancellationToken.None);
        var clock = new ManualTimeProvider();
        using var outbox = Outbox();
        using var sender = new EventSender(outbox, _bus, clock, _complaints);
        Add(outbox, "m1");
        await sender.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => !_complaints.Errors.IsEmpty);
        Assert.False(sender.ExecuteTask!.IsCompleted);

        await _bus.RequestAsync("$JS.API.STREAM.DELETE.OTHER", default, null, TimeSpan.FromSeconds(10), CancellationToken.None);
        await Eventually.TrueAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return await _bus.JetStream.CountAsync(BusLayout.EventStream, CancellationToken.None) == 1;
        });
        Assert.Single(_complaints.Errors);
        await sender.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_waited_leaves_in_its_order_before_what_is_new_and_each_once()
    {
        using (var before = Outbox())
        {
            for (int i = 0; i < 20; i++)
                Add(before, $"{i}");
        }

        using (var outbox = Outbox())
        {
            using var sender = new EventSender(outbox, _bus, TimeProvider.System, _complaints);
            Add(outbox, "20");
            await sender.StartAsync(CancellationToken.None);
            Assert.Equal(Enumerable.Range(0, 21).Select(i => $"{i}"), (await ArrivedAsync(21)).Select(e => e.GetProperty("id").GetString()));
            await Eventually.TrueAsync(() => !outbox.Spool.TryNext(out _));
            await sender.StopAsync(CancellationToken.None);
        }

        using var after = Outbox();
        Assert.False(after.Spool.TryNext(out _));
    }

    [Fact]
    public async Task What_was_lost_is_told_with_how_many_and_since_when_also_by_the_next_process_and_once()
    {
        using (var before = Outbox())
        {
            before.Add("yard", "c1", "motion", "large 1", new { id = "large 1", at = s_noon, data = new string('x', 300_000) });
            before.Add("yard", "c1", "motion", "large 2", new { id = "large 2", at = s_noon.AddMinutes(1), data = new string('x', 300_000) });
            Assert.Equal(2, before.Spool.Lost);
        }

        using (var outbox = Outbox())
        {
            using var sender = new EventSender(outbox, _bus, TimeProvider.System, _complaints);
            Add(outbox, "m1");
            await sender.StartAsync(CancellationToken.None);
            var arrived = await ArrivedAsync(2);
            Assert.Equal([BusLayout.EventsLost, "motion"], arrived.Select(e => e.GetProperty("type").GetString()));
            var lost = arrived[0];
            Assert.Equal((s_noon.AddMinutes(1), "test"), (lost.GetProperty("at").GetDateTimeOffset(), lost.GetProperty("source").GetString()));
            var data = lost.GetProperty("data");
            Assert.Equal((2, "full", s_noon), (data.GetProperty("count").GetInt64(), data.GetProperty("reason").GetString(), data.GetProperty("from").GetDateTimeOffset()));
            await JsonSchema.CheckAsync("event-message", [lost.GetRawText()]);
            await Eventually.TrueAsync(() => !outbox.Spool.TryNext(out _));
            await sender.StopAsync(CancellationToken.None);
        }

        Assert.Single(_complaints.Errors, line => line.StartsWith("2 events", StringComparison.Ordinal));
        using var after = Outbox();
        Assert.Null(after.Spool.Loss);
    }

    private static void Add(EventOutbox outbox, string id) => outbox.Add("yard", "c1", "motion", id, new { id, type = "motion", cameraId = "c1", at = s_noon.AddHours(1) });

    private EventOutbox Outbox() => new(_directory["events"], "test", "vms_test_events_lost_total", "vms_test_events_waiting_bytes");

    /// <summary>So many of the stream, in its order; and there are no more.</summary>
    private async Task<List<JsonElement>> ArrivedAsync(int count)
    {
        await Eventually.TrueAsync(async () => await _bus.JetStream.CountAsync(BusLayout.EventStream, CancellationToken.None) == count);
        await _bus.JetStream.EnsureConsumerAsync(BusLayout.EventStream, new ConsumerConfig { DurableName = "test" }, CancellationToken.None);
        var arrived = new List<JsonElement>();
        await foreach (var message in _bus.JetStream.Consumer(BusLayout.EventStream, "test").FetchAsync(count, TimeSpan.FromSeconds(20), CancellationToken.None))
            arrived.Add(JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(message.Payload.Span)));
        return arrived;
    }

    private sealed class Complaints : ILogger<EventSender>
    {
        public ConcurrentQueue<string> Errors { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
                Errors.Enqueue(formatter(state, exception));
        }
    }
}
