using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Ai.Analysis;
using Vms.Ai.Crashes;
using Vms.Ai.Decoding;
using Vms.Bus;
using Vms.Codecs;
using Vms.Contracts;
using Vms.Contracts.Ai;
using Vms.Hosting;
using Vms.Hosting.Events;
using Vms.Hosting.Motion;
using Vms.Rpc;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Servers;

namespace Vms.Ai.Tests;

/// <summary>The plane with footage in its stream logs and without a bus: what it would tell waits in its spool.</summary>
public sealed class AnalysisPlaneTests : IDisposable
{
    /// <summary>Grey; a white box goes through it from second 3 to second 6.</summary>
    private static readonly FootageSpec s_box = new(
        "ai-box", ["-f", "lavfi", "-i", "color=c=gray:s=640x360:r=25", "-f", "lavfi", "-i", "color=c=white:s=60x90:r=25"],
        "[0][1]overlay=x='if(between(t,3,6),100+(t-3)*120,-200)':y=150")
    {
        Seconds = 12,
        ShowFrameCounter = false,
    };

    /// <summary>Wider than any camera's, and of few pixels.</summary>
    private static readonly FootageSpec s_wide = new("ai-wide", ["-f", "lavfi", "-i", "color=c=gray:s=640x64:r=25"], "")
    {
        Width = 8320,
        Height = 64,
        Seconds = 4,
        ShowFrameCounter = false,
    };

    private readonly TestDirectory _data = new();
    private readonly StreamLogDirectory _logs;

    public AnalysisPlaneTests() => _logs = AiPlaneRun.LogsOf(_data);

    [Fact]
    public async Task Motion_is_told_when_it_begins_and_when_it_is_over_and_so_many_pictures_are_looked_at_as_are_wanted()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        await ai.AnalyseAsync("cam-1", settings: Settings());
        long beganUs = await WriteAsync(ai, "cam-1");
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))!.Samples == 300);

        var told = await ToldAsync(ai, 2);
        Assert.All(told, t => Assert.Equal(("motion", "analytics"), (t.GetProperty("type").GetString(), t.GetProperty("source").GetString())));
        Assert.Equal(told[0].GetProperty("id").GetString(), told[1].GetProperty("id").GetString());
        Assert.True(told[0].GetProperty("ongoing").GetBoolean());
        Assert.Equal(3.0, Second(told[0].GetProperty("at")), tolerance: 0.3);
        Assert.Equal(6.0, Second(told[1].GetProperty("endAt")), tolerance: 0.5);

        var stream = ai.Services.GetRequiredService<DrainLoop>().Streams.Single();
        Assert.InRange(stream.Pictures, 58, 61);        // 12 s, five a second
        Assert.Equal("noModel", stream.Status.Reason);

        double Second(JsonElement time) => ((time.GetDateTimeOffset() - DateTimeOffset.UnixEpoch).TotalMicroseconds - beganUs) / 1e6;
    }

    [Fact]
    public async Task What_changed_from_keyframe_to_keyframe_is_handed_to_the_archive()
    {
        await using PrivateNats nats = await PrivateNats.StartAsync();
        await using var bus = new BusConnection(new BusOptions { Url = nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        Task running = bus.RunAsync(stop.Token);
        await bus.WaitUntilConnectedAsync(CancellationToken.None);
        using BusSubscription subscription = bus.Subscribe(BusLayout.MotionSubjects, queueGroup: null);
        await bus.JetStream.EnsureBucketAsync(new KvConfig { Name = "ready", Storage = StreamStorage.Memory }, CancellationToken.None);      // the server has the subscription, too
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data, nats.Url);
        await ai.Services.GetRequiredService<BusConnection>().WaitUntilConnectedAsync(CancellationToken.None);
        await ai.AnalyseAsync("cam-1", settings: Settings());
        long beganUs = await WriteAsync(ai, "cam-1");

        var grids = new List<MotionGrid>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        await foreach (BusMessage message in subscription.WithCancellation(patience.Token))
        {
            Assert.Equal("vms.motion.cam-1", message.Subject);
            grids.Add(MotionEntry.Read(message.Payload.Span, out _)!);
            if (grids.Count == 11)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 11).Select(i => beganUs + (i * 1_000_000L)), grids.Select(g => g.BeforeUs));
        Assert.All(grids, g => Assert.Equal((1_000_000, MotionSource.Analytics), (g.AfterUs - g.BeforeUs, g.Source)));
        // The box is there in the keyframes of the seconds 3 to 6.
        Assert.Equal([2, 3, 4, 5, 6], Enumerable.Range(0, 11).Where(i => !grids[i].Cells.IsEmpty));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task In_a_mask_nothing_moves_and_keyframes_alone_are_a_picture_a_second()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        AnalysisSettings settings = Settings();
        settings.KeyframesOnly = true;
        settings.Motion.Masks.Add(new Polygon { Points = { new Point(), new Point { X = 1 }, new Point { X = 1, Y = 1 }, new Point { Y = 1 } } });
        await ai.AnalyseAsync("cam-1", settings: settings);
        await WriteAsync(ai, "cam-1");
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))!.Samples == 300);
        Assert.Equal(12, ai.Services.GetRequiredService<DrainLoop>().Streams.Single().Pictures);
        Assert.Equal(0, ai.Services.GetRequiredService<EventOutbox>().Spool.Bytes);
    }

    [Fact]
    public async Task A_stream_that_ended_the_process_three_times_is_left_out_says_so_and_the_others_go_on()
    {
        PlaneOptions options = TestCatalogue.OptionsOf(_data.Path);
        await using (AiPlaneRun first = await AiPlaneRun.StartAsync(_data))
        {
            await first.AnalyseAsync("bad", settings: Settings());
            await first.AnalyseAsync("good", settings: Settings());
        }

        for (int i = 0; i < 3; i++)
        {
            CrashedProcess.LeaveNotes(options, "analysis-decoding.notes", "bad.main");
            if (i < 2)
                new DecodeCrashes(options, new Suspects(), TimeProvider.System, NullLogger<DecodeCrashes>.Instance).Dispose();
        }

        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        await WriteAsync(ai, "bad");
        await WriteAsync(ai, "good");
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("good"))!.Samples == 300 && (await ai.StatusOfAsync("bad"))!.Samples == 300);
        AnalysisStatus left = (await ai.StatusOfAsync("bad"))!;
        Assert.Equal((StreamAnalysis.LeftOut, "decoderCrashed"), (left.State, left.Reason));
        Assert.True(left.LeftOutUntilUnixMs > TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var streams = ai.Services.GetRequiredService<DrainLoop>().Streams;
        Assert.Equal(0, streams.Single(s => s.Key.CameraId == "bad").Pictures);
        Assert.InRange(streams.Single(s => s.Key.CameraId == "good").Pictures, 58, 61);

        // The operator changes something: it is tried again.
        AnalysisSettings other = Settings();
        other.Fps = 4;
        await ai.AnalyseAsync("bad", generation: 2, settings: other);
        Assert.NotEqual(StreamAnalysis.LeftOut, (await ai.StatusOfAsync("bad"))!.State);
    }

    [Fact]
    public async Task A_picture_larger_than_any_is_not_looked_at_and_that_is_said()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        await ai.AnalyseAsync("cam-1", settings: Settings());
        await WriteAsync(ai, "cam-1", s_wide);
        await Eventually.TrueAsync(async () => (await ai.StatusOfAsync("cam-1"))!.Samples == 100);
        Assert.Equal("undecodable", (await ai.StatusOfAsync("cam-1"))!.Reason);
        Assert.Equal(0, ai.Services.GetRequiredService<DrainLoop>().Streams.Single().Pictures);
    }

    [Fact]
    public async Task Settings_beyond_their_ceilings_are_refused()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        AnalysisSettings settings = Settings();
        settings.Lines.AddRange(Enumerable.Range(0, 33).Select(i => new Line { Id = $"{i}" }));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => ai.AnalyseAsync("cam-1", settings: settings));
        Assert.Equal(RpcStatus.InvalidArgument, refused.Status);
    }

    public void Dispose()
    {
        Directory.Delete(_logs.Path, recursive: true);
        _data.Dispose();
    }

    private static AnalysisSettings Settings() => new()
    {
        Fps = 5,
        Model = "default",
        MinConfidence = 0.8,
        TrackConfidence = 0.3,
        Motion = new MotionSettings { Sensitivity = 50 },
    };

    /// <summary>All of the footage at once, as if it had been captured until now.</summary>
    /// <returns>When it began, UTC microseconds.</returns>
    private async Task<long> WriteAsync(AiPlaneRun ai, string cameraId, FootageSpec? spec = null)
    {
        var footage = await VideoFootage.LoadAsync(spec ?? s_box);
        var samples = footage.ToSamples();
        using var writer = StreamLogWriter.Open(
            _logs, StreamLogDirectory.NameOf(cameraId, "main"), new StreamLogOptions { InitialCapacityBytes = 16 << 20 }, TimeProvider.System);
        uint tracks = writer.SetTracks([footage.Track]);
        // On a whole second: the time slots of five pictures a second begin with a sample.
        long beganUs = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 12) * 1_000_000;
        for (int i = 0; i < samples.Count; i++)
        {
            SampleFlags flags = footage.Frames[i].IsKeyframe ? SampleFlags.Keyframe : SampleFlags.None;
            Assert.Equal(AppendResult.Appended, writer.Append(new SampleHeader(0, flags, GapCause.None, tracks, i * 3600L, beganUs + (i * 40_000L)), samples[i]));
            if (i == 0)
                await Eventually.TrueAsync(async () => (await ai.StatusOfAsync(cameraId))!.Samples == 1);     // a reader begins at the newest keyframe: it has found this one
        }

        return beganUs;
    }

    private static async Task<List<JsonElement>> ToldAsync(AiPlaneRun ai, int count)
    {
        // What the sender is about to send is given again to whoever asks.
        EventSpool spool = ai.Services.GetRequiredService<EventOutbox>().Spool;
        var told = new List<JsonElement>();
        while (told.Count < count)
        {
            SpooledEvent next = await spool.NextAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
            told.Add(JsonDocument.Parse(next.Payload).RootElement);
            spool.Done(next);
        }

        return told;
    }
}
