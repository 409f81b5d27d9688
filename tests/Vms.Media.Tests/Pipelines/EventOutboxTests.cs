using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Contracts;
using Vms.Hosting;
using Vms.Media.Pipelines;
using Vms.Media.Tests.Egress;
using Vms.Media.Tests.Ingest;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Media.Tests.Pipelines;

public sealed class EventOutboxTests : IAsyncDisposable
{
    private readonly TestDirectory _data = new();
    private readonly IngestRig _rig = new();

    [Fact]
    public async Task An_event_stream_that_is_refused_is_said_once_and_tried_again_while_events_wait()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var bus = new BusConnection(new() { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);
        await bus.JetStream.EnsureStreamAsync(new() { Name = "OTHER", Subjects = [BusLayout.EventSubjects] }, CancellationToken.None);
        using var log = new TestLog();
        using var loggers = new LoggerFactory([log]);
        var clock = new ManualTimeProvider();
        using var table = NewTable();
        using var outbox = new EventOutbox(table, bus, clock, loggers.CreateLogger<EventOutbox>());
        outbox.Add("c1", "motion", "m1", new { id = "m1" });
        await outbox.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => log.Errors.Any());
        Assert.False(outbox.ExecuteTask!.IsCompleted);

        await AskAsync(bus, "$JS.API.STREAM.DELETE.OTHER");
        await Eventually.TrueAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            var stream = await AskAsync(bus, "$JS.API.STREAM.INFO." + BusLayout.EventStream);
            return stream.TryGetProperty("state", out var state) && state.GetProperty("messages").GetInt64() == 1;
        });
        Assert.Single(log.Errors);
        await outbox.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        _data.Dispose();
    }

    private static async Task<JsonElement> AskAsync(BusConnection bus, string subject) => JsonSerializer.Deserialize<JsonElement>(
        (await bus.RequestAsync(subject, default, null, TimeSpan.FromSeconds(10), CancellationToken.None)).Payload.Span);

    private PipelineTable NewTable()
    {
        var options = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["VMS_DATA"] = _data.Path,
            ["VMS_RUN_DIR"] = _data["run"],
        }).Build());
        Directory.CreateDirectory(options.KeysDirectory);
        return new(_rig.Shared, options, NodeKey.LoadOrCreate(options), NullLogger<PipelineTable>.Instance);
    }
}
