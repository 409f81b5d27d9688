using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Bus;
using Vms.Codecs;
using Vms.Contracts;
using Vms.Contracts.Ai;
using Vms.Hosting.Heads;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Servers;

namespace Vms.Ai.Tests;

/// <summary>The plane with everything real: nats-server, a stream log with footage of people, the shipped detector.</summary>
public sealed class LineCrossingTests : IAsyncLifetime
{
    private const int Frames = 80;

    /// <summary>Ten pictures a second: three people come in from the right and cross the line to the left within 8 s, told by eye: in pictures 25 to 33 two beside
    /// each other, in pictures 50 to 58 one. The line goes downwards: what is left in the picture is its right.</summary>
    private static readonly FootageSpec s_footage = new("vtest", ["-i", TestPictures.Footage], "")
    {
        Width = 768,
        Height = 576,
        FrameRate = 10,
        Seconds = Frames / 10,
        GopLength = 10,
        BitrateKbps = 2500,
        ShowFrameCounter = false,
    };

    private readonly TestDirectory _directory = new();
    private PrivateNats _nats = null!;
    private readonly List<string> _others = [];
    private readonly List<string> _messages = [];
    private BusConnection _bus = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _nats = await PrivateNats.StartAsync();
        _bus = new BusConnection(new BusOptions { Url = _nats.Url, ClientName = "test" }, NullLogger<BusConnection>.Instance, TimeProvider.System);
        _running = _bus.RunAsync(CancellationToken.None);
        TestCatalogue.With(_directory, TestCatalogue.Detector);
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        await _running;
        await _nats.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task People_who_walk_over_a_line_are_told_once_each_with_their_direction_also_when_the_plane_is_killed_in_the_middle(bool isKilled)
    {
        var footage = await VideoFootage.LoadAsync(s_footage);
        using var camera = new FootageCamera(new StreamLogDirectory(_directory["rings"]), footage);
        using BusSubscription boxes = _bus.Subscribe(BusLayout.TracksSubjects, queueGroup: null);
        using BusSubscription heads = _bus.Subscribe(BusLayout.HeadsSubjects, queueGroup: null);
        AiProcess ai = await AiProcess.StartAsync(_directory, _nats.Url);
        try
        {
            await ai.AnalyseAsync(Spec());
            for (int i = 0; i < Frames; i++)
            {
                camera.Append(i);
                await CaughtUpAsync(ai, i + 1);
                if (!isKilled || i != 38)
                    continue;
                await ai.KillAsync();
                await ai.DisposeAsync();
                ai = await AiProcess.StartAsync(_directory, _nats.Url);
            }

            var crossings = await CrossingsAsync(3);
            Assert.True(crossings.Count == 3, $"{string.Join('\n', crossings)}\n{string.Join('\n', _others)}\n{ai.Output}");
            Assert.Equal(3, crossings.Select(c => c.GetProperty("id").GetString()).Distinct().Count());
            Assert.Equal(3, crossings.Select(c => Data(c, "trackId").GetString()).Distinct().Count());
            Assert.All(crossings, c =>
            {
                Assert.Equal(("in", "Gate", "person"), (Data(c, "direction").GetString(), Data(c, "line").GetString(), Data(c, "class").GetString()));
                Assert.Equal(64, Data(c, "modelHash").GetString()!.Length);
                Assert.InRange(Data(c, "crop").GetBytesFromBase64().Length, 500, 18 << 10);
                Assert.All(Data(c, "path").EnumerateArray(), p => Assert.Equal(5, p.GetArrayLength()));
            });
            await JsonSchema.CheckAsync("event-message", _messages);
            var told = await FirstAsync(boxes);
            Assert.Equal("cam-1", told.GetProperty("cameraId").GetString());
            if (!isKilled)
                await CheckHeadsAsync(heads, camera.BeganUs);
        }
        finally
        {
            await ai.DisposeAsync();
        }
    }

    private static AnalysisSpec Spec() => new()
    {
        CameraId = "cam-1",
        Stream = "main",
        SiteId = "site-1",
        Generation = 1,
        Settings = new AnalysisSettings
        {
            Fps = 10,
            Model = "default",
            MinConfidence = 0.45,       // the people here, of 90 pixels, are found with 0.5 to 0.75; what is below is mostly a second box beside them
            TrackConfidence = 0.2,
            Motion = new MotionSettings { Sensitivity = 50 },
            Lines =
            {
                new Line
                {
                    Id = "gate", Name = "Gate", Direction = "both", Classes = { "person" },
                    Points = { new Point { X = 0.87, Y = 0.48 }, new Point { X = 0.87, Y = 0.95 } },
                },
            },
        },
    };

    /// <summary>Waits until what is in the log was read: how fast the machine is does not decide what is found. After a restart reading begins at a
    /// keyframe, every tenth.</summary>
    private static Task CaughtUpAsync(AiProcess ai, int written) => Eventually.TrueAsync(
        async () => (await ai.ListAsync())?.SingleOrDefault()?.Samples is > 0 and var samples && (written - samples) % 10 == 0, TimeSpan.FromSeconds(60));

    private async Task<List<JsonElement>> CrossingsAsync(int expected)
    {
        await _bus.JetStream.EnsureStreamAsync(
            new StreamConfig { Name = BusLayout.EventStream, Subjects = [BusLayout.EventSubjects], MaxAge = BusLayout.EventMaxAge, MaxBytes = BusLayout.EventMaxBytes }, default);
        await _bus.JetStream.EnsureConsumerAsync(BusLayout.EventStream, new ConsumerConfig { DurableName = "test" }, default);
        var consumer = _bus.JetStream.Consumer(BusLayout.EventStream, "test");
        var crossings = new List<JsonElement>();
        for (int quiet = 0; quiet < 10;)
        {
            int before = crossings.Count;
            await foreach (var message in consumer.FetchAsync(100, TimeSpan.FromSeconds(1), default))
            {
                _messages.Add(Encoding.UTF8.GetString(message.Payload.Span));
                if (message.Subject == "vms.events.site-1.cam-1.line.crossed")
                    crossings.Add(JsonDocument.Parse(message.Payload).RootElement);
                else
                    _others.Add($"{message.Subject} {Encoding.UTF8.GetString(message.Payload.Span)[..Math.Min(420, message.Payload.Length)]}");
                await message.AckAsync(default);
            }

            quiet = crossings.Count == before && crossings.Count >= expected ? quiet + 4 : quiet + 1;
        }

        return crossings;
    }

    private static async Task<JsonElement> FirstAsync(BusSubscription boxes)
    {
        await foreach (var message in boxes)
            return JsonDocument.Parse(message.Payload).RootElement;
        throw new InvalidOperationException("nobody told anything");
    }

    /// <summary>What an export would hide: every picture of the first five seconds was looked at, and the heads of those who cross the line lie above their feet.</summary>
    private static async Task CheckHeadsAsync(BusSubscription heads, long beganUs)
    {
        await foreach (var message in heads)
        {
            Assert.Equal("vms.heads.cam-1", message.Subject);
            HeadEntry entry = HeadBytes.Read(message.Payload.Span)!;
            Assert.InRange(entry.FromUs - beganUs, 0, 300_000);
            Assert.InRange(entry.ToUs - entry.FromUs, 5_000_000, 5_300_000);
            long us = beganUs + 2_900_000;
            Assert.Contains(entry.Spans, s => s.FromUs <= us && s.ToUs >= us && s.X < 0.9f && s.X + s.Width > 0.84f && s.Y + s.Height < 0.9f && s.Height < 0.2f);
            return;
        }
    }

    private static JsonElement Data(JsonElement happened, string name) => happened.GetProperty("data").GetProperty(name);

    /// <summary>A stream log that gets the footage, one picture after the other.</summary>
    private sealed class FootageCamera : IDisposable
    {
        private readonly StreamLogWriter _writer;
        private readonly VideoFootage _footage;
        private readonly IReadOnlyList<byte[]> _samples;
        internal long BeganUs { get; } = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 3_000) * 1000;      // after a restart what is older than 20 s is over, and machines are slow

        internal FootageCamera(StreamLogDirectory logs, VideoFootage footage)
        {
            (_footage, _samples) = (footage, footage.ToSamples());
            _writer = StreamLogWriter.Open(logs, StreamLogDirectory.NameOf("cam-1", "main"), new StreamLogOptions { InitialCapacityBytes = 16 << 20 }, TimeProvider.System);
            _writer.SetTracks([footage.Track]);
        }

        internal void Append(int frame) => Assert.Equal(AppendResult.Appended, _writer.Append(
            new SampleHeader(
                0, _footage.Frames[frame].IsKeyframe ? SampleFlags.Keyframe : SampleFlags.None, GapCause.None, _writer.TracksVersion, frame * 9000L, BeganUs + (frame * 100_000L)),
            _samples[frame]));

        public void Dispose() => _writer.Dispose();
    }
}
