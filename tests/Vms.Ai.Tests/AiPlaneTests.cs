using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Ai.Analysis;
using Vms.Ai.Events;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Ai;
using Vms.Rpc;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Ai.Tests;

public sealed class AiPlaneTests : IDisposable
{
    private readonly TestDirectory _data = new();
    private readonly StreamLogDirectory _logs;

    public AiPlaneTests() => _logs = AiPlaneRun.LogsOf(_data);

    [Fact]
    public async Task The_plane_starts_without_control_and_bus_is_healthy_and_says_what_it_waits_for()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);

        Assert.Equal(200, (await ai.GetAsync("/health")).Status);
        (int status, string body) = await ai.GetAsync("/health/ready");
        Assert.Equal(503, status);
        Assert.Contains("nats", body);
        Assert.Empty(await ai.ListAsync());
    }

    [Fact]
    public async Task Zones_and_lines_are_tried_on_tracks_of_the_past_while_nothing_is_analysed()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        var request = new TryRulesRequest
        {
            Settings = new AnalysisSettings
            {
                Fps = 5,
                MinConfidence = 0.8,
                TrackConfidence = 0.3,
                Lines = { new Line { Id = "gate", Name = "Gate", Points = { new Point { X = 0.5, Y = 0.2 }, new Point { X = 0.5, Y = 0.95 } } } },
            },
            Tracks = { new PastTrack { Class = "person", Score = 0.9, Path = { PointAt(0, 0.3f), PointAt(0.4, 0.5f), PointAt(0.8, 0.7f) } } },
        };
        PastFinding crossing = Assert.Single((await ai.TryRulesAsync(request)).Findings);
        Assert.Equal((0, "line.crossed", "gate", "out"), (crossing.Track, crossing.Type, crossing.ShapeId, crossing.Direction));

        request.Settings.Fps = 1000;
        Assert.Equal(RpcStatus.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => ai.TryRulesAsync(request))).Status);

        static PastPoint PointAt(double second, float x) => new() { AtUnixUs = 1_795_262_400_000_000 + (long)(second * 1e6), X = x, Y = 0.7f, Width = 0.1f, Height = 0.3f };
    }

    [Fact]
    public async Task Samples_of_an_analysed_stream_are_read_and_counted()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        await ai.AnalyseAsync("cam-1");
        Assert.Equal(StreamAnalysis.Waiting, (await ai.StatusOfAsync("cam-1"))!.State);

        using var camera = new TestCamera(_logs, "cam-1");
        camera.Append(1);
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))!.Samples == 1);
        camera.Append(99);
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))!.Samples == 100);
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))! is { SamplesPerSecond: > 10, KeyframesPerSecond: > 1 });

        AnalysisStatus status = (await ai.StatusOfAsync("cam-1"))!;
        Assert.Equal(StreamAnalysis.Draining, status.State);
        Assert.Equal(0, status.Overruns);
        (int _, string metrics) = await ai.GetAsync("/metrics");
        Assert.Contains("vms_analysis_samples_total{camera=\"cam-1\",stream=\"main\"} 100", metrics);
        Assert.Contains("vms_analysis_samples_per_second{camera=\"cam-1\"", metrics);
    }

    [Fact]
    public async Task A_log_that_grows_loses_its_writer_or_is_set_up_anew_is_followed()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        await ai.AnalyseAsync("cam-1");
        using var camera = new TestCamera(_logs, "cam-1", initialBytes: 64 << 10);
        camera.Append(10);
        await SamplesReach(10);

        camera.Append(1, length: 500_000);
        Assert.Equal(1, camera.Writer.Growths);
        camera.Append(9);
        await SamplesReach(20);

        camera.RestartWriter();
        Assert.True(camera.Writer.Reopened);
        camera.Append(10);
        await SamplesReach(30);

        camera.CloseAndOpenAgain();
        camera.Append(10);
        await SamplesReach(40);
        Assert.Equal(0, (await ai.StatusOfAsync("cam-1"))!.Overruns);

        Task SamplesReach(long samples) => Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))!.Samples == samples);
    }

    [Fact]
    public async Task What_was_applied_last_runs_again_after_a_restart_without_control()
    {
        await using (AiPlaneRun first = await AiPlaneRun.StartAsync(_data))
        {
            await first.AnalyseAsync("cam-1", generation: 3);
            await first.AnalyseAsync("cam-2", generation: 4);
            await first.StopAnalysingAsync("cam-2", generation: 5);
        }

        await using AiPlaneRun second = await AiPlaneRun.StartAsync(_data);
        AnalysisStatus only = Assert.Single(await second.ListAsync());
        Assert.Equal(("cam-1", "main", 3L), (only.CameraId, only.Stream, only.Generation));
        using var camera = new TestCamera(_logs, "cam-1");
        camera.Append(10);
        await Eventually.TrueAsync(async () => (await second.StatusOfAsync("cam-1"))!.Samples == 10);
        await RefusedAsOlder(second.AnalyseAsync("cam-2", generation: 4));
    }

    [Fact]
    public async Task Generations_decide_which_request_counts()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        Assert.Equal(5, (await ai.AnalyseAsync("cam-1", generation: 5)).Generation);
        Assert.Equal(5, (await ai.AnalyseAsync("cam-1", generation: 5)).Generation);
        await RefusedAsOlder(ai.AnalyseAsync("cam-1", generation: 4));
        await RefusedAsOlder(ai.StopAnalysingAsync("cam-1", generation: 4));
        Assert.Equal(6, (await ai.AnalyseAsync("cam-1", generation: 6)).Generation);
        Assert.Equal(6, (await ai.StatusOfAsync("cam-1"))!.Generation);

        await ai.StopAnalysingAsync("cam-1", generation: 7);
        await ai.StopAnalysingAsync("cam-unknown", generation: 1);
        Assert.Empty(await ai.ListAsync());
        await RefusedAsOlder(ai.AnalyseAsync("cam-1", generation: 6));
        await ai.AnalyseAsync("cam-1", generation: 8);
        Assert.Single(await ai.ListAsync());
    }

    [Theory]
    [InlineData(""), InlineData("../x"), InlineData("a.b"), InlineData("ä")]
    public async Task Names_that_name_no_camera_are_refused(string camera)
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => ai.AnalyseAsync(camera));
        Assert.Equal(RpcStatus.InvalidArgument, refused.Status);
    }

    [Fact]
    public async Task Status_is_on_the_bus_when_it_changes_after_a_reconnect_and_not_after_a_stop()
    {
        await using PrivateNats nats = await PrivateNats.StartAsync();
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data, nats.Url);
        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        Task running = bus.RunAsync(stop.Token);
        KeyValueBucket bucket = await bus.JetStream.EnsureBucketAsync(
            new KvConfig { Name = BusLayout.AnalysisStatusBucket, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory }, CancellationToken.None);

        await ai.AnalyseAsync("cam-1", generation: 2);
        await Eventually.TrueAsync(async () => await Read() is { State: StreamAnalysis.Waiting, Generation: 2 });
        using var camera = new TestCamera(_logs, "cam-1");
        camera.Append(10);
        await Eventually.TrueAsync(async () => await Read() is { State: StreamAnalysis.Draining, SamplesPerSecond: > 0 });
        Assert.Equal(200, (await ai.GetAsync("/health/ready")).Status);

        await nats.RestartAsync();   // the bucket is in memory: its content is gone
        await Eventually.TrueAsync(async () => await Read() is { CameraId: "cam-1" }, TimeSpan.FromSeconds(40));

        await ai.StopAnalysingAsync("cam-1", generation: 3);
        await Eventually.TrueAsync(async () => await bucket.GetAsync("cam-1.main", CancellationToken.None) is null);
        await stop.CancelAsync();
        await running;

        async Task<AnalysisStatus?> Read()
        {
            try
            {
                KvEntry? entry = await bucket.GetAsync("cam-1.main", CancellationToken.None);
                return entry is null ? null : JsonParser.Default.Parse<AnalysisStatus>(entry.Text);
            }
            catch (BusException)   // while the server is away
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task What_was_told_while_the_bus_was_away_survives_the_plane_and_arrives_once()
    {
        await using PrivateNats nats = await PrivateNats.StartAsync();
        await nats.KillAsync();
        await using (AiPlaneRun first = await AiPlaneRun.StartAsync(_data, nats.Url))
            Tell(first, "before");
        await nats.RestartAsync();
        await using AiPlaneRun second = await AiPlaneRun.StartAsync(_data, nats.Url);
        Tell(second, "after");

        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _ = bus.RunAsync(CancellationToken.None);
        await Eventually.TrueAsync(async () => await bus.JetStream.CountAsync(BusLayout.EventStream, CancellationToken.None) == 2);
        await bus.JetStream.EnsureConsumerAsync(BusLayout.EventStream, new ConsumerConfig { DurableName = "test" }, CancellationToken.None);
        var arrived = new List<(string, string?)>();
        await foreach (JetStreamMessage message in bus.JetStream.Consumer(BusLayout.EventStream, "test").FetchAsync(2, TimeSpan.FromSeconds(20), CancellationToken.None))
            arrived.Add((message.Subject, JsonDocument.Parse(message.Payload).RootElement.GetProperty("id").GetString()));
        Assert.Equal([("vms.events.site-1.cam-1.motion", "before"), ("vms.events.site-1.cam-1.motion", "after")], arrived);

        static void Tell(AiPlaneRun ai, string id) => ai.Services.GetRequiredService<AnalysisEvents>().Add(
            "site-1", new AnalyticsEvent(id, "motion", "cam-1", TimeProvider.System.GetUtcNow(), null, null, AnalyticsEvent.FromAnalytics, new AnalyticsData()));
    }

    [Fact]
    public async Task A_state_file_that_cannot_be_read_is_set_aside()
    {
        await using (AiPlaneRun first = await AiPlaneRun.StartAsync(_data))
            await first.AnalyseAsync("cam-1");
        string file = Directory.GetFiles(_data["state"], "analyses*").Single();
        await File.WriteAllTextAsync(file, "rubbish");
        await using AiPlaneRun second = await AiPlaneRun.StartAsync(_data);
        Assert.Empty(await second.ListAsync());
        await second.AnalyseAsync("cam-1");
        Assert.Single(await second.ListAsync());
    }

    private static async Task RefusedAsOlder(Task call)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(RpcStatus.FailedPrecondition, refused.Status);
    }

    public void Dispose()
    {
        Directory.Delete(_logs.Path, recursive: true);
        _data.Dispose();
    }
}
