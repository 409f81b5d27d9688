using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Ai.Analysis;
using Vms.Ai.Detectors;
using Vms.Ai.Events;
using Vms.Ai.Rules;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;
using Vms.Hosting.Events;
using Vms.Native.Ffmpeg;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Ai.Tests;

/// <summary>What becomes of the objects that were followed when the plane ended.</summary>
public sealed class AnalysisRestartTests : IDisposable
{
    private readonly TestDirectory _data = new();
    private readonly long _nowUs = UnixTime.ToMicroseconds(TimeProvider.System.GetUtcNow());
    private readonly ZoneMemory _insideOnce = new(IsInside: true, SinceUs: 1_700_000_000_000_000, Visits: 1);
    private readonly AnalysisSpec _spec = new()
    {
        CameraId = "cam-1",
        Stream = "main",
        SiteId = "site-1",
        Settings = new AnalysisSettings { Fps = 5, Model = "default", MinConfidence = 0.5, TrackConfidence = 0.3 },
    };

    [Fact]
    public async Task What_was_followed_long_ago_ended_when_it_was_seen_last()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        long lastUs = _nowUs - 60_000_000;
        Book(ai, lastUs, motionSinceUs: lastUs - 9_000_000);
        using var analysis = new PictureAnalysis(_spec, ai.Services.GetRequiredService<AnalysisParts>());
        EventSpool spool = Spool(ai);
        foreach (string type in (string[])["motion", "object.person"])
        {
            SpooledEvent next = await spool.NextAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
            JsonElement told = JsonDocument.Parse(next.Payload).RootElement;
            spool.Done(next);
            Assert.Equal(type, told.GetProperty("type").GetString());
            Assert.Equal(lastUs / 1000, told.GetProperty("endAt").GetDateTimeOffset().ToUnixTimeMilliseconds());
        }
    }

    [Fact]
    public async Task A_move_that_was_known_then_ends_nothing_and_a_later_one_does()
    {
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        var parts = ai.Services.GetRequiredService<AnalysisParts>();
        long movedUs = _nowUs - 30_000_000;
        Book(ai, _nowUs - 5_000_000, movedUs: movedUs);
        using var analysis = new PictureAnalysis(_spec, parts);
        using VideoDecoder decoder = await DecodedAsync();
        parts.Presets.Set("cam-1", null, movedUs);
        analysis.Look(decoder, _nowUs - 4_000_000, () => { });
        Assert.Equal(0, Spool(ai).Bytes);

        parts.Presets.Set("cam-1", null, _nowUs - 3_900_000);
        analysis.Look(decoder, _nowUs - 3_800_000, () => { });
        Assert.True(Spool(ai).Bytes > 0);
        Assert.Equal(_nowUs - 3_900_000, new TrackBook(ai.Options, "cam-1.main").Load()!.MovedUs);
    }

    [Fact]
    public async Task Other_settings_go_on_with_what_was_followed_and_counted()
    {
        _spec.Settings.Lines.Add(new Line { Id = "gate", Name = "Gate", Direction = "both", Points = { new Point { X = 0.5 }, new Point { X = 0.5, Y = 1 } } });
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        var parts = ai.Services.GetRequiredService<AnalysisParts>();
        long today = new RuleSet(_spec.Settings) is var rules && rules.Look([], _nowUs, null).Count == 0 ? rules.Day : 0;
        Book(ai, _nowUs - 5_000_000, counts: new RuleSet(_spec.Settings, today, new Dictionary<string, long> { ["gate/in"] = 41 }));
        using var decoding = new StreamDecoding(_spec, parts);
        AnalysisSpec next = _spec.Clone();
        next.Settings.MinSize = 0.1;
        decoding.Apply(next);

        Assert.Equal(0, Spool(ai).Bytes);
        TrackBook.Page page = new TrackBook(ai.Options, "cam-1.main").Load()!;
        Assert.Equal("person-1", Assert.Single(page.Tracks).Id);
        Assert.Equal(41, page.Counts["gate/in"]);
    }

    [Fact]
    public async Task A_zone_that_was_moved_does_not_know_who_was_in_it_but_how_often_it_told_of_them()
    {
        _spec.Settings.Zones.Add(ZoneAt("moved", 0.2));
        _spec.Settings.Zones.Add(ZoneAt("kept", 0.2));
        _spec.Settings.Zones.Add(ZoneAt("renamed", 0.2));
        await using AiPlaneRun ai = await AiPlaneRun.StartAsync(_data);
        Book(ai, _nowUs - 5_000_000, zones: ["moved", "kept", "renamed"]);
        using var decoding = new StreamDecoding(_spec, ai.Services.GetRequiredService<AnalysisParts>());
        AnalysisSpec next = _spec.Clone();
        next.Settings.Zones[0] = ZoneAt("moved", 0.6);
        next.Settings.Zones[2].Name = "Car park";
        next.Settings.Zones[2].Schedule = new ActiveTimes { TimeZone = "UTC" };
        decoding.Apply(next);

        TrackMemory memory = Assert.Single(new TrackBook(ai.Options, "cam-1.main").Load()!.Tracks).Memory;
        Assert.Equal(new ZoneMemory(Visits: 1), memory.Zones["moved"]);       // the next visit is the second one: events of it are others
        Assert.Equal(_insideOnce, memory.Zones["kept"]);
        Assert.Equal(_insideOnce, memory.Zones["renamed"]);

        static Zone ZoneAt(string id, double left) => new()
        {
            Id = id,
            Name = id,
            Events = { "entered", "left" },
            Polygon = { new Point { X = left, Y = 0.1 }, new Point { X = left + 0.3, Y = 0.1 }, new Point { X = left + 0.3, Y = 0.9 } },
        };
    }

    public void Dispose() => _data.Dispose();

    private static EventSpool Spool(AiPlaneRun ai) => ai.Services.GetRequiredService<EventOutbox>().Spool;

    private void Book(AiPlaneRun ai, long lastUs, long motionSinceUs = 0, long movedUs = 0, RuleSet? counts = null, params string[] zones)
    {
        var track = new ObjectTrack("person-1", new Detection("person", 0.9f, new Box(0.4f, 0.4f, 0.1f, 0.3f)), lastUs)
        {
            State = TrackState.Followed,
            Memory = new TrackMemory { Reported = true, ToldUs = lastUs },
        };
        foreach (string zone in zones)
            track.Memory.Zones[zone] = _insideOnce;
        Assert.True(new TrackBook(ai.Options, "cam-1.main").Store(lastUs, motionSinceUs, movedUs, counts ?? new RuleSet(_spec.Settings), [track]));
    }

    /// <summary>With a picture in it.</summary>
    private static async Task<VideoDecoder> DecodedAsync()
    {
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small);
        byte[] sample = footage.ToSamples()[0];
        var decoder = new VideoDecoder(PictureCodec.H264);
        int ahead = ParameterSets.LengthOf(footage.Track);
        Span<byte> room = decoder.Room(ahead + sample.Length);
        ParameterSets.Write(footage.Track, room);
        sample.CopyTo(room[ahead..]);
        Assert.True(decoder.Decode(room.Length, 0, DecodeSkip.None));
        return decoder;
    }
}
