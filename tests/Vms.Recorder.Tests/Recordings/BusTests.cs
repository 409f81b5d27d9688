using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Codecs;
using Vms.Contracts;
using Vms.Contracts.Recorder;
using Vms.Recorder.Events;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Recordings;

public sealed class BusTests
{
    [Fact]
    public async Task Gaps_become_events_and_states_stand_in_the_bucket_also_after_the_bus_was_away()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var rig = await new RecorderRig(settings: $"--VMS_NATS={nats.Url}").StartAsync();
        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = bus.RunAsync(stop.Token);
        await bus.WaitUntilConnectedAsync(CancellationToken.None);
        var bucket = await bus.JetStream.EnsureBucketAsync(
            new KvConfig { Name = BusLayout.RecordingStatusBucket, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory }, CancellationToken.None);

        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        feed.Append(50);
        await StateBecomesAsync(bucket, "recording");

        await nats.KillAsync();
        feed.Interrupt(TimeSpan.FromSeconds(9), GapCause.CameraOffline, restartClock: true);
        feed.Append(50);
        await rig.WrittenAsync("cam1", feed);
        await nats.RestartAsync();

        await bus.WaitUntilConnectedAsync(CancellationToken.None);
        await bus.JetStream.EnsureStreamAsync(
            new StreamConfig
            {
                Name = BusLayout.EventStream,
                Subjects = [BusLayout.EventSubjects],
                MaxAge = BusLayout.EventMaxAge,
                MaxBytes = BusLayout.EventMaxBytes,
            },
            CancellationToken.None);
        await bus.JetStream.EnsureConsumerAsync(BusLayout.EventStream, new ConsumerConfig { DurableName = "test" }, CancellationToken.None);
        JsonElement? happened = null;
        await foreach (var message in bus.JetStream.Consumer(BusLayout.EventStream, "test").FetchAsync(1, TimeSpan.FromSeconds(60), CancellationToken.None))
        {
            Assert.Equal("vms.events.site1.cam1.recording.gap", message.Subject);
            happened = JsonDocument.Parse(message.Payload).RootElement;
        }

        Assert.NotNull(happened);
        Assert.Equal("recording.gap", happened.Value.GetProperty("type").GetString());
        Assert.Equal("cameraOffline", happened.Value.GetProperty("data").GetProperty("cause").GetString());
        Assert.Equal(Rows.Start.AddSeconds(2), happened.Value.GetProperty("at").GetDateTimeOffset());
        Assert.Equal(Rows.Start.AddSeconds(11), happened.Value.GetProperty("endAt").GetDateTimeOffset());
        await StateBecomesAsync(bucket, "recording");

        await rig.StopRecordingAsync("cam1");
        await StateBecomesAsync(bucket, "stopped");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_was_told_while_the_bus_was_away_survives_the_recorder_and_arrives_once()
    {
        await using var nats = await PrivateNats.StartAsync();
        await nats.KillAsync();
        await using var rig = await new RecorderRig(settings: $"--VMS_NATS={nats.Url}").StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1");
        rig.Get<RecorderEvents>().RecordingStopped("cam1", "main", Rows.Start, "before");
        rig.Get<RecorderEvents>().PoolReturned("main", "/x", Rows.Start);
        await rig.StopAsync();
        await nats.RestartAsync();
        await rig.StartAsync();
        rig.Get<RecorderEvents>().RecordingStopped("cam1", "main", Rows.Start, "before");       // found again after a restart
        rig.Get<RecorderEvents>().RecordingStopped("cam1", "main", Rows.Start.AddSeconds(1), "after");

        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);
        await Eventually.TrueAsync(async () => await bus.JetStream.CountAsync(BusLayout.EventStream, CancellationToken.None) is >= 3);
        await bus.JetStream.EnsureConsumerAsync(
            BusLayout.EventStream, new ConsumerConfig { DurableName = "test", FilterSubject = "vms.events.*.*.recording.stopped" }, CancellationToken.None);
        var arrived = new List<(string, string?)>();
        await foreach (var message in bus.JetStream.Consumer(BusLayout.EventStream, "test").FetchAsync(2, TimeSpan.FromSeconds(20), CancellationToken.None))
        {
            arrived.Add((message.Subject, JsonDocument.Parse(message.Payload).RootElement.GetProperty("data").GetProperty("reason").GetString()));
        }

        Assert.Equal([("vms.events.site1.cam1.recording.stopped", "before"), ("vms.events.site1.cam1.recording.stopped", "after")], arrived);
    }

    private static Task StateBecomesAsync(KeyValueBucket bucket, string state) => Eventually.TrueAsync(async () =>
    {
        try
        {
            return await bucket.GetAsync("cam1.main", CancellationToken.None) is { } entry
                && RecordingStatus.Parser.ParseJson(entry.Text).State == state;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return false;       // the bucket was in memory: after the server's restart it has to be declared again
        }
    });
}
