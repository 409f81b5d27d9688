using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Codecs;
using Vms.Contracts;
using Vms.Contracts.Media;
using Vms.Media.Tests.Ingest;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.FakeCamera;
using Vms.Testing.Servers;

namespace Vms.Media.Tests.Pipelines;

/// <summary>The whole plane as a process: calls over its socket, states and events on a real NATS, death and return.</summary>
public sealed class MediaProcessTests
{
    [Fact]
    public async Task States_and_events_reach_NATS_and_survive_its_restart()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var server = await IngestRig.CameraAsync();
        await using var media = new MediaProcess(nats.Url);
        await media.StartAsync();
        await media.ApplyAsync(IngestRig.Spec(server.UrlOf(1), change: s => s.SiteId = "yard"));

        await using var bus = new BusConnection(new() { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);
        var bucket = await bus.JetStream.EnsureBucketAsync(
            new() { Name = BusLayout.StreamStatusBucket, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory }, CancellationToken.None);
        await Eventually.TrueAsync(async () => (await StatusAsync(bucket)) is { State: "online", Fps: > 0 });
        // While the rate is being measured the state is written every two seconds, and not as fast as it goes.
        Assert.InRange((await bucket.GetAsync("c1.main", CancellationToken.None))!.Revision, 1ul, 20ul);

        // A NATS that lost its memory has the state back at once, not at the next refresh.
        await nats.RestartAsync();
        await Eventually.TrueAsync(async () => (await StatusAsync(bucket))?.State == "online");

        server.Camera(1).Faults.StopAnswering = true;
        server.Camera(1).DropConnections();
        var offline = await NextEventAsync(bus, "vms.events.yard.c1.camera.offline");
        Assert.Equal(("camera.offline", "c1", "media"), (Text(offline, "type"), Text(offline, "cameraId"), Text(offline, "source")));
        Assert.NotEqual("online", (await StatusAsync(bucket))!.State);

        server.Camera(1).Faults.StopAnswering = false;
        await NextEventAsync(bus, "vms.events.yard.c1.camera.online");

        await media.RemoveAsync("c1", 1);
        await Eventually.TrueAsync(async () => await StatusAsync(bucket) is null);
        Assert.Empty((await media.ListAsync()).Pipelines);
    }

    [Fact]
    public async Task After_kill_9_eight_cameras_are_back_from_the_state_on_disk_without_NATS_or_control()
    {
        await using var server = await IngestRig.CameraAsync(o => o with { Cameras = 8 });
        await using var media = new MediaProcess($"nats://127.0.0.1:{FreePort.Tcp()}");      // nobody listens there
        await media.StartAsync();
        for (int n = 1; n <= 8; n++)
            await media.ApplyAsync(IngestRig.Spec(server.UrlOf(n), $"c{n}"));
        await Eventually.TrueAsync(async () => (await media.ListAsync()).Pipelines.Count(p => p.State == "online") == 8);

        await media.KillAsync();
        int plays = server.Cameras.Sum(c => c.Plays);
        long started = TimeProvider.System.GetTimestamp();
        await media.StartAsync();
        await Eventually.TrueAsync(() => server.Cameras.Sum(c => c.Plays) == plays + 8);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper!.WriteLine($"8 cameras play {elapsed.TotalMilliseconds:0} ms after the process was started");

        var logs = new StreamLogDirectory(media.Rings);
        for (int n = 1; n <= 8; n++)
        {
            Assert.True(StreamLogReader.TryOpen(logs, $"c{n}.main", TimeProvider.System, out var reader));
            using (reader)
                await Eventually.TrueAsync(() => FindRestart(reader));
        }
    }

    /// <summary>Reads on; true once the gap of the restart was met, at a keyframe.</summary>
    private static bool FindRestart(StreamLogReader reader)
    {
        while (reader.TryRead(out var lease) == ReadOutcome.Sample)
        {
            var header = lease.Header;
            lease.Commit();
            if (!header.IsDiscontinuity)
                continue;

            Assert.Equal((GapCause.MediaRestart, true), (header.Cause, header.IsKeyframe));
            return true;
        }

        return false;
    }

    [Fact]
    public async Task Motion_that_a_camera_reports_in_its_metadata_is_an_event_from_its_beginning_to_its_end()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.MotionAlarm(everySeconds: 6, lastsSeconds: 2)] });
        await using var media = new MediaProcess(nats.Url);
        await media.StartAsync();
        await media.ApplyAsync(IngestRig.Spec(server.UrlOf(1), change: s => s.SiteId = "yard"));
        await using var bus = new BusConnection(new() { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);

        var begun = await NextEventAsync(bus, "vms.events.yard.c1.motion");
        Assert.Equal(("motion", "c1", "camera", true), (Text(begun, "type"), Text(begun, "cameraId"), Text(begun, "source"), begun.GetProperty("ongoing").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, begun.GetProperty("endAt").ValueKind);
        Assert.Equal(("main", "VideoSource/MotionAlarm", "Source=VideoSource_1"), (Text(begun.GetProperty("data"), "stream"), Text(begun.GetProperty("data"), "topic"), Text(begun.GetProperty("data"), "source")));
        var ended = await NextEventAsync(bus, "vms.events.yard.c1.motion");
        Assert.Equal((Text(begun, "id"), Text(begun, "at"), false), (Text(ended, "id"), Text(ended, "at"), ended.GetProperty("ongoing").GetBoolean()));
        Assert.InRange((ended.GetProperty("endAt").GetDateTimeOffset() - ended.GetProperty("at").GetDateTimeOffset()).TotalSeconds, 1.5, 2.5);
        Assert.True((await media.ListAsync()).Pipelines.Single().Metadata);
    }

    [Fact]
    public async Task A_camera_that_goes_away_takes_with_it_what_went_on()
    {
        await using var nats = await PrivateNats.StartAsync();
        // Said again and again, and never that it is over.
        await using var server = await IngestRig.CameraAsync(o => o with { SideTracks = [SideTrack.MotionAlarm(everySeconds: 3, lastsSeconds: 600)] });
        await using var media = new MediaProcess(nats.Url);
        await media.StartAsync();
        await media.ApplyAsync(IngestRig.Spec(server.UrlOf(1), change: s => s.SiteId = "yard"));
        await using var bus = new BusConnection(new() { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);

        var begun = await NextEventAsync(bus, "vms.events.yard.c1.motion");
        Assert.True(begun.GetProperty("ongoing").GetBoolean());
        server.Camera(1).Faults.StopAnswering = true;
        server.Camera(1).DropConnections();
        var ended = begun;
        await Eventually.TrueAsync(async () =>
        {
            ended = await NextEventAsync(bus, "vms.events.yard.c1.motion");
            return !ended.GetProperty("ongoing").GetBoolean();
        });
        Assert.Equal((Text(begun, "id"), JsonValueKind.String), (Text(ended, "id"), ended.GetProperty("endAt").ValueKind));
        // Not because nobody said for a minute that it goes on.
        Assert.InRange((ended.GetProperty("endAt").GetDateTimeOffset() - ended.GetProperty("at").GetDateTimeOffset()).TotalSeconds, 0, 55);
    }

    [Fact]
    public async Task What_was_told_while_NATS_was_away_survives_kill_9_and_arrives_once()
    {
        await using var nats = await PrivateNats.StartAsync();
        await nats.KillAsync();
        await using var server = await IngestRig.CameraAsync();
        server.Camera(1).Faults.StopAnswering = true;
        await using var media = new MediaProcess(nats.Url);
        await media.StartAsync();
        await media.ApplyAsync(IngestRig.Spec(server.UrlOf(1), change: s => s.SiteId = "yard"));
        await Eventually.TrueAsync(() => media.BytesOfWaitingEvents > 0);
        await media.KillAsync();
        var killedAt = TimeProvider.System.GetUtcNow();
        await nats.RestartAsync();
        await media.StartAsync();

        // The second process finds out for itself that the camera is away.
        await using var bus = new BusConnection(new() { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);
        var first = await NextEventAsync(bus, "vms.events.yard.c1.camera.offline");
        var second = await NextEventAsync(bus, "vms.events.yard.c1.camera.offline");
        Assert.True(first.GetProperty("at").GetDateTimeOffset() < killedAt);
        Assert.True(second.GetProperty("at").GetDateTimeOffset() > killedAt);
        Assert.Equal(2, await bus.JetStream.CountAsync(BusLayout.EventStream, CancellationToken.None));
    }

    private static async Task<PipelineStatus?> StatusAsync(KeyValueBucket bucket)
    {
        try
        {
            return await bucket.GetAsync("c1.main", CancellationToken.None) is { } entry ? JsonParser.Default.Parse<PipelineStatus>(entry.Text) : null;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return null;
        }
    }

    /// <summary>The next event of a subject, as soon as there is one.</summary>
    private static async Task<JsonElement> NextEventAsync(BusConnection bus, string subject)
    {
        string durable = subject.Replace('.', '-');
        await bus.JetStream.EnsureStreamAsync(
            new() { Name = BusLayout.EventStream, Subjects = [BusLayout.EventSubjects], MaxAge = BusLayout.EventMaxAge, MaxBytes = BusLayout.EventMaxBytes },
            CancellationToken.None);
        await bus.JetStream.EnsureConsumerAsync(BusLayout.EventStream, new() { DurableName = durable, FilterSubject = subject }, CancellationToken.None);
        JsonElement? found = null;
        await Eventually.TrueAsync(async () =>
        {
            await foreach (var message in bus.JetStream.Consumer(BusLayout.EventStream, durable).FetchAsync(1, TimeSpan.FromSeconds(1), CancellationToken.None))
            {
                found = JsonSerializer.Deserialize<JsonElement>(message.Payload.Span);
                await message.AckAsync(CancellationToken.None);
            }

            return found is not null;
        });
        return found!.Value;
    }

    private static string? Text(JsonElement happened, string name) => happened.GetProperty(name).GetString();
}
