using Vms.Ai.Rules;
using Vms.Ai.Tests.Tracking;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Tests.Rules;

/// <summary>Zones and lines on stored ways, against what is known of the way.</summary>
public sealed class RuleTrialTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);      // a Saturday

    private readonly AnalysisSettings _settings = new() { Fps = 5, MinConfidence = 0.8, TrackConfidence = 0.3 };

    [Fact]
    public void A_way_over_a_line_crosses_it_once_in_its_direction_when_it_was_there()
    {
        _settings.Lines.Add(LineOf("gate"));
        Finding crossing = Assert.Single(Try(Walk(0.1f, 0.9f)));
        Assert.Equal(("line.crossed", "gate", "out"), (crossing.Type, crossing.ShapeId, crossing.Direction));
        Assert.Equal(4.0, Second(crossing.AtUs), tolerance: 0.35);
        Assert.Equal("in", Assert.Single(Try(Walk(0.9f, 0.1f))).Direction);
    }

    [Fact]
    public void What_was_told_while_it_happened_is_found_again_on_the_way_that_was_stored()
    {
        Zone zone = ZoneOf("yard", 0.4, 0.6);
        zone.LoiterSeconds = 30;
        zone.Events.Add("loitering");
        _settings.Zones.Add(zone);
        _settings.Lines.Add(LineOf("gate"));
        foreach (Point point in _settings.Lines[0].Points)
            point.X = 0.3;
        var tracker = new Tracker(0.3f);
        var scene = new Scene(tracker);
        var rules = new RuleSet(_settings);
        var told = new List<Finding>();
        // In within 8 s, there for a minute, out again within 20 s, seen by a detector that wavers: more than the points of a way, which is thinned out.
        for (int i = 0; i < 88 * 5; i++)
        {
            double second = i / 5.0;
            float x = second < 8 ? 0.1f + (0.05f * (float)second) : second < 68 ? 0.5f : 0.5f - (0.02f * (float)(second - 68));
            scene.Look(scene.Seen(new Walker(x, 0.7f, 0), 0));
            told.AddRange(rules.Look(tracker.Tracks, scene.NowUs, preset: null));
        }

        while (scene.Ended.Count == 0)
            scene.Look();
        ObjectTrack track = Assert.Single(scene.Ended);
        told.AddRange(rules.End(track));
        told.RemoveAll(f => f.ShapeId is null);
        Assert.Equal(["line.crossed", "zone.entered", "zone.loitering", "zone.left", "line.crossed"], told.Select(f => f.Type));

        var past = new PastTrack { Class = track.Class, Score = track.BestScore, EndUnixUs = track.LastSeenUs };
        past.Path.AddRange(track.Path.Select(p => new PastPoint { AtUnixUs = p.AtUs, X = p.X, Y = p.Y, Width = p.Width, Height = p.Height }));
        var found = Try(past);
        Assert.Equal(told.Select(f => (f.Type, f.ShapeId, f.Direction)), found.Select(f => (f.Type, f.ShapeId, f.Direction)));
        Assert.All(told.Zip(found), pair => Assert.InRange(Math.Abs(pair.First.AtUs - pair.Second.AtUs), 0, 2_000_000));
    }

    [Fact]
    public void A_way_beside_a_line_or_on_one_side_of_it_does_not_cross_it()
    {
        _settings.Lines.Add(LineOf("gate"));
        Assert.Empty(Try(Walk(0.1f, 0.45f)));
        _settings.Lines[0].Points[1].Y = 0.5;
        Assert.Empty(Try(Walk(0.1f, 0.9f)));
    }

    [Fact]
    public void A_direction_that_is_not_asked_for_does_not_count()
    {
        _settings.Lines.Add(LineOf("gate"));
        _settings.Lines[0].Direction = "in";
        Assert.Empty(Try(Walk(0.1f, 0.9f)));
    }

    [Fact]
    public void A_zone_between_two_points_of_a_thinned_out_way_is_entered_and_left()
    {
        _settings.Zones.Add(ZoneOf("yard", 0.45, 0.55));
        // A point every 4 s, none of them in the zone, which takes a second to walk through.
        PastTrack past = Past(
            end: 12, (0, 0.1f), (4, 0.3f), (8, 0.7f), (12, 0.9f));
        Assert.Equal(["zone.entered", "zone.left"], Try(past).Select(f => f.Type));
    }

    [Fact]
    public void Loitering_is_staying_long_enough_and_counts_while_it_stands()
    {
        Zone zone = ZoneOf("yard", 0.4, 0.6);
        (zone.LoiterSeconds, zone.Events[1]) = (60, "loitering");
        _settings.Zones.Add(zone);
        // It walks in within a second, stands for ten minutes and walks out.
        (double, float)[] way = [(0, 0.3f), (0.4, 0.4f), (0.8, 0.5f), (600.8, 0.6f), (601.2, 0.7f)];
        var found = Try(Past(605, way));
        Assert.Equal(["zone.entered", "zone.loitering"], found.Select(f => f.Type));
        Assert.Equal(60, Second(found[1].AtUs) - Second(found[0].AtUs), tolerance: 0.01);

        zone.LoiterSeconds = 700;
        Assert.Equal(["zone.entered"], Try(Past(605, way)).Select(f => f.Type));
    }

    [Fact]
    public void What_stood_before_it_moved_is_where_it_stood_and_not_on_its_way()
    {
        Zone zone = ZoneOf("way", 0.4, 0.6);
        zone.LoiterSeconds = 5;
        zone.Events.Add("loitering");
        _settings.Zones.Add(zone);
        // An hour at the left, and to the right within two pictures.
        Assert.DoesNotContain(Try(Past(3601, (0, 0.1f), (0.2, 0.11f), (3600, 0.5f), (3600.2, 0.9f))), f => f.Type == "zone.loitering");
    }

    [Fact]
    public void Whoever_was_inside_at_the_end_has_left_and_one_that_is_still_there_has_not()
    {
        _settings.Zones.Add(ZoneOf("yard", 0.4, 0.6));
        Assert.Equal(["zone.entered", "zone.left"], Try(Past(20, (0, 0.5f))).Select(f => f.Type));
        Assert.Equal(["zone.entered"], Try(Past(0, (0, 0.1f), (0.2, 0.5f), (1, 0.51f))).Select(f => f.Type));
    }

    [Fact]
    public void Only_hours_of_the_schedule_count_also_for_what_stands_there_all_day()
    {
        Zone zone = ZoneOf("yard", 0.4, 0.6);
        zone.Schedule = new ActiveTimes { TimeZone = "Europe/Berlin", Spans = { new WeekSpan { Days = 1 << 5, FromMinute = 15 * 60, ToMinute = 16 * 60 } } };
        _settings.Zones.Add(zone);
        // From 13:00 in Berlin to the evening: the hour from 15:00 on begins after two.
        Finding entered = Try(Past(6 * 3600, (0, 0.5f)))[0];
        Assert.Equal("zone.entered", entered.Type);
        Assert.InRange(Second(entered.AtUs), 2 * 3600, (2 * 3600) + 60);
        zone.Schedule.Spans[0].Days = 1 << 6;
        Assert.DoesNotContain(Try(Past(6 * 3600, (0, 0.5f))), f => f.Type == "zone.entered");
    }

    [Fact]
    public void Classes_certainty_and_size_are_those_of_the_draft()
    {
        _settings.Lines.Add(LineOf("gate"));
        _settings.Lines[0].Classes.Add("vehicle");
        Assert.Empty(Try(Walk(0.1f, 0.9f)));
        PastTrack car = Walk(0.1f, 0.9f);
        car.Class = "car";
        Assert.Single(Try(car));
        _settings.Lines[0].MinConfidence = 0.95;
        Assert.Empty(Try(car));
        _settings.Lines[0].MinConfidence = 0;
        _settings.MinSize = 0.5;
        Assert.Null(new RuleTrial(_settings).Try(car));
    }

    [Fact]
    public void Each_object_is_tried_for_itself_and_presets_do_not_count()
    {
        _settings.Lines.Add(LineOf("gate"));
        _settings.Lines[0].Presets.Add("1");
        _settings.MinSize = 0.1;
        PastTrack small = Walk(0.1f, 0.9f);
        foreach (PastPoint point in small.Path)
            point.Height = 0.05f;
        var reply = RuleTrial.Run(new TryRulesRequest { Settings = _settings, Tracks = { Walk(0.1f, 0.9f), small, Walk(0.1f, 0.2f), Walk(0.9f, 0.1f) } }, default);
        Assert.Equal([(0, "out"), (3, "in")], reply.Findings.Select(f => (f.Track, f.Direction)));
        Assert.Equal(1, reply.TooSmall);
    }

    [Fact]
    public void More_than_a_trial_takes_is_refused()
    {
        Assert.NotNull(RuleTrial.Broken(new TryRulesRequest()));
        Assert.Null(RuleTrial.Broken(Of(Walk(0.1f, 0.9f))));
        PastTrack past = Walk(0.1f, 0.9f);
        past.EndUnixUs = long.MaxValue;
        Assert.NotNull(RuleTrial.Broken(Of(past)));
        Assert.NotNull(RuleTrial.Broken(Of([.. Enumerable.Repeat(Walk(0, 1), RuleTrial.MaxTracks + 1)])));
        PastTrack winding = Past(100, [.. Enumerable.Range(0, 65).Select(i => ((double)i, 0.5f))]);
        Assert.NotNull(RuleTrial.Broken(Of(winding)));

        TryRulesRequest Of(params PastTrack[] tracks) => new() { Settings = _settings, Tracks = { tracks } };
    }

    private IReadOnlyList<Finding> Try(PastTrack past) => new RuleTrial(_settings).Try(past)!;

    /// <summary>A tenth of the picture a second, a point each 0.4 s.</summary>
    private static PastTrack Walk(float from, float to)
    {
        int steps = (int)MathF.Round(MathF.Abs(to - from) / 0.04f);
        return Past((steps * 0.4) + 0.2, [.. Enumerable.Range(0, steps + 1).Select(i => (i * 0.4, from + ((to - from) * i / steps)))]);
    }

    /// <param name="end">Seconds after noon, as those of its points; 0: it goes on.</param>
    private static PastTrack Past(double end, params (double Second, float X)[] way) => new()
    {
        Class = "person",
        Score = 0.9,
        EndUnixUs = end > 0 ? At(end) : 0,
        Path = { way.Select(w => new PastPoint { AtUnixUs = At(w.Second), X = w.X, Y = 0.7f, Width = 0.08f, Height = 0.3f }) },
    };

    private static long At(double second) => (s_noon.ToUnixTimeMilliseconds() * 1000) + (long)(second * 1e6);

    private static double Second(long us) => (us - At(0)) / 1e6;

    /// <summary>Downwards in the middle of the picture: its right is where x is smaller.</summary>
    private static Line LineOf(string id) => new() { Id = id, Name = id, Direction = "both", Points = { new Point { X = 0.5, Y = 0.2 }, new Point { X = 0.5, Y = 0.95 } } };

    private static Zone ZoneOf(string id, double left, double right) => new()
    {
        Id = id,
        Name = id,
        LoiterSeconds = 10,
        Events = { "entered", "left" },
        Polygon = { new Point { X = left, Y = 0.4 }, new Point { X = right, Y = 0.4 }, new Point { X = right, Y = 0.9 }, new Point { X = left, Y = 0.9 } },
    };
}
