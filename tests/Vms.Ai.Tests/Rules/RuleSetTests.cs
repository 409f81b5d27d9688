using Vms.Ai.Rules;
using Vms.Ai.Tests.Tracking;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Tests.Rules;

/// <summary>Rules on tracks of made-up scenes, against what is known of the scene.</summary>
public sealed class RuleSetTests
{
    private readonly Tracker _tracker = new(0.3f);
    private readonly Scene _scene;
    private readonly AnalysisSettings _settings = new() { Fps = 5, MinConfidence = 0.8, TrackConfidence = 0.3 };
    private readonly List<Finding> _found = [];
    private RuleSet? _rules;

    public RuleSetTests() => _scene = new Scene(_tracker);

    [Fact]
    public void Who_walks_over_a_line_crosses_it_once_in_the_direction_walked()
    {
        _settings.Lines.Add(LineOf("gate", (0.5, 0.2), (0.5, 0.95)));       // downwards: its right is where x is smaller
        Walk(0, 8, new Walker(0.1f, 0.7f, 0.1f));
        Finding crossing = Assert.Single(_found, f => f.Type == "line.crossed");
        Assert.Equal(("gate", "out", 1L), (crossing.Line, crossing.Direction, crossing.Count));
        Assert.Equal(4.0, Second(crossing.AtUs), tolerance: 0.35);

        Walk(8, 16, new Walker(1.7f, 0.7f, -0.1f));
        Finding back = _found.FindAll(f => f.Type == "line.crossed")[^1];
        Assert.Equal(("in", 1L), (back.Direction, back.Count));
    }

    [Fact]
    public void A_line_that_was_moved_finds_the_next_crossing_under_another_key()
    {
        _settings.Lines.Add(LineOf("gate", (0.5, 0.2), (0.5, 0.95)));
        Walk(0, 8, new Walker(0.1f, 0.7f, 0.1f));
        _tracker.Tracks.Single().Memory.ForgetLine(_settings.Lines[0].Id);
        // It lies between where the object was seen last and where it is seen next, and nobody walked over it where it is.
        _settings.Lines[0] = LineOf("gate", (0.87, 0.2), (0.87, 0.95));
        _rules = null;
        Walk(8, 16, new Walker(1.7f, 0.7f, -0.1f));
        var crossings = _found.FindAll(f => f.Type == "line.crossed");
        Assert.Equal(["out", "in"], crossings.Select(c => c.Direction));
        Assert.NotEqual(crossings[0].Key, crossings[1].Key);
    }

    [Fact]
    public void Only_the_direction_asked_for_counts()
    {
        Line line = LineOf("gate", (0.5, 0.2), (0.5, 0.95));
        line.Direction = "in";
        _settings.Lines.Add(line);
        Walk(0, 8, new Walker(0.1f, 0.7f, 0.1f));
        Assert.DoesNotContain(_found, f => f.Type == "line.crossed");
    }

    [Fact]
    public void Who_stands_on_a_line_and_wavers_does_not_cross_it()
    {
        _settings.Lines.Add(LineOf("gate", (0.5, 0.2), (0.5, 0.95)));
        for (int i = 0; i < 60; i++)
            Look(i * 0.2, new Walker(0.5f + (0.008f * (i % 2 == 0 ? 1 : -1)), 0.7f, 0));
        Assert.DoesNotContain(_found, f => f.Type == "line.crossed");
    }

    [Fact]
    public void Who_passes_beside_a_line_does_not_cross_it_and_a_bent_line_is_crossed_where_it_is()
    {
        _settings.Lines.Add(LineOf("short", (0.5, 0.1), (0.5, 0.4)));
        _settings.Lines.Add(LineOf("bent", (0.5, 0.1), (0.5, 0.4), (0.6, 0.5), (0.6, 0.95)));
        Walk(0, 8, new Walker(0.1f, 0.7f, 0.1f));
        Finding crossing = Assert.Single(_found, f => f.Type == "line.crossed");
        Assert.Equal("bent", crossing.Line);
        Assert.Equal(5.0, Second(crossing.AtUs), tolerance: 0.35);
    }

    [Fact]
    public void A_zone_is_entered_loitered_in_and_left()
    {
        Zone zone = ZoneOf("yard", (0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9));
        zone.LoiterSeconds = 3;
        zone.Events.Add("loitering");
        _settings.Zones.Add(zone);
        for (int i = 0; i < 60; i++)
        {
            // In at 0.4 s... walks to the middle, stands six seconds, walks out.
            double second = i * 0.2;
            float x = second < 3 ? 0.2f + (0.1f * (float)second) : second < 9 ? 0.5f : 0.5f + (0.1f * (float)(second - 9));
            Look(second, new Walker(x, 0.7f, 0));
        }

        string[] types = ["zone.entered", "zone.loitering", "zone.left"];
        Assert.Equal(types, _found.Where(f => f.Zone == "yard").Select(f => f.Type));
        Assert.Equal(2.0, Second(_found.Find(f => f.Type == "zone.entered")!.AtUs), tolerance: 0.4);
        Assert.Equal(5.0, Second(_found.Find(f => f.Type == "zone.loitering")!.AtUs), tolerance: 0.4);
        Assert.Equal(10.0, Second(_found.Find(f => f.Type == "zone.left")!.AtUs), tolerance: 0.4);
    }

    [Fact]
    public void Whoever_is_lost_inside_a_zone_has_left_it_when_the_track_ends()
    {
        _settings.Zones.Add(ZoneOf("yard", (0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9)));
        Walk(0, 3, new Walker(0.5f, 0.7f, 0));
        for (int i = 15; i < 40; i++)
            Look(i * 0.2);
        string[] types = ["zone.entered", "zone.left"];
        Assert.Equal(types, _found.Where(f => f.Zone == "yard").Select(f => f.Type));
    }

    [Fact]
    public void An_object_is_reported_above_its_score_and_again_when_it_has_gone()
    {
        for (int i = 0; i < 10; i++)
            Look(i * 0.2, new Walker(0.5f, 0.7f, 0.02f, Score: 0.6f));
        Assert.Empty(_found);
        for (int i = 10; i < 20; i++)
            Look(i * 0.2, new Walker(0.5f, 0.7f, 0.02f, Score: 0.9f));
        for (int i = 20; i < 45; i++)
            Look(i * 0.2);
        Assert.Equal(2, _found.Count);
        Assert.All(_found, f => Assert.Equal("object.person", f.Type));
        Assert.Equal(_found[0].Key, _found[1].Key);
        Assert.Null(_found[0].EndUs);
        Assert.Equal(3.8, Second(_found[1].EndUs!.Value), tolerance: 0.21);
    }

    [Fact]
    public void Classes_and_kinds_are_filtered_by_camera_and_by_line()
    {
        _settings.Classes.Add("vehicle");
        Line line = LineOf("people", (0.5, 0.2), (0.5, 0.95));
        line.Classes.Add("person");
        _settings.Lines.Add(line);
        for (int i = 0; i < 40; i++)
        {
            _scene.Look(_scene.Seen(new Walker(0.1f, 0.7f, 0.1f), i * 0.2), _scene.Seen(new Walker(0.2f, 0.5f, 0.1f, Class: "truck"), i * 0.2));
            Judge();
        }

        Assert.Equal("person", Assert.Single(_found, f => f.Type == "line.crossed").Track.Class);
        Assert.Equal("object.vehicle", Assert.Single(_found, f => f.Type.StartsWith("object", StringComparison.Ordinal)).Type);
    }

    [Fact]
    public void Zones_of_presets_count_only_while_the_camera_stands_there()
    {
        Line line = LineOf("gate", (0.5, 0.2), (0.5, 0.95));
        line.Presets.Add("p1");
        _settings.Lines.Add(line);
        Walk(0, 8, new Walker(0.1f, 0.7f, 0.1f), preset: "p2");
        Assert.DoesNotContain(_found, f => f.Type == "line.crossed");
        Walk(8, 16, new Walker(1.7f, 0.7f, -0.1f), preset: "p1");
        Assert.Single(_found, f => f.Type == "line.crossed");
    }

    [Fact]
    public void A_bag_that_is_put_down_is_left_and_when_it_is_taken_it_is_removed()
    {
        _settings.LeftObjects = new LeftObjects { Enabled = true, Seconds = 8 };
        var wall = new Walker(0.8f, 0.5f, 0, Class: "suitcase", Height: 0.08f);        // there from the start
        var bag = new Walker(0.3f, 0.8f, 0, Class: "suitcase", Height: 0.08f);
        for (int i = 0; i < 250; i++)
        {
            double second = i * 0.2;
            if (second is >= 20 and < 36)
                _scene.Look(_scene.Seen(wall, 0), _scene.Seen(bag, 0));
            else
                _scene.Look(_scene.Seen(wall, 0));
            Judge();
        }

        string[] types = ["object.left", "object.removed"];
        Assert.Equal(types, _found.Select(f => f.Type));
        Assert.All(_found, f => Assert.Equal(0.3f, f.Track.Box.Centre().X, tolerance: 0.05f));
    }

    [Fact]
    public void What_nobody_looks_at_any_more_was_neither_taken_away_nor_has_it_left()
    {
        _settings.LeftObjects = new LeftObjects { Enabled = true, Seconds = 8 };
        _settings.Zones.Add(ZoneOf("yard", (0.2, 0.4), (0.6, 0.4), (0.6, 0.95), (0.2, 0.95)));
        _settings.Zones[0].Classes.Add("suitcase");
        for (int i = 0; i < 100; i++)
        {
            _scene.Look(_scene.Seen(new Walker(0.3f, 0.8f, 0, Class: "suitcase", Height: 0.08f), 0));
            Judge();
        }

        _found.Clear();
        var track = Assert.Single(_tracker.EndAll());
        Assert.DoesNotContain(_rules!.End(track, isGone: false), f => f.Type is "zone.left" or "object.removed");
        Assert.Equal(["zone.left", "object.removed"], _rules.End(track).Select(f => f.Type));
    }

    [Fact]
    public void Crossings_are_counted_from_midnight_in_the_cameras_time_zone()
    {
        _settings.TimeZone = "Asia/Tokyo";
        _settings.Lines.Add(LineOf("gate", (0.5, 0.2), (0.5, 0.95)));
        long midnight = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.FromHours(9)).ToUnixTimeMilliseconds() * 1000;
        var rules = new RuleSet(_settings);
        rules.Look([], midnight - 1, null);
        long day = rules.Day;
        rules.Look([], midnight, null);
        Assert.Equal(day + 1, rules.Day);
        rules.Look([], midnight + (24L * 3600 * 1_000_000) - 1, null);
        Assert.Equal(day + 1, rules.Day);
    }

    [Fact]
    public void Counts_of_lines_that_are_no_more_are_forgotten_and_others_go_on()
    {
        _settings.Lines.Add(LineOf("gate", (0.5, 0.2), (0.5, 0.95)));
        var rules = new RuleSet(_settings, 7, new Dictionary<string, long> { ["gate/in"] = 3, ["gates/in"] = 5 });
        Assert.Equal(new Dictionary<string, long> { ["gate/in"] = 3 }, rules.Counts);
    }

    [Fact]
    public void What_was_counted_and_told_before_a_restart_is_not_told_again()
    {
        _settings.Lines.Add(LineOf("gate", (0.5, 0.2), (0.5, 0.95)));
        Walk(0, 5, new Walker(0.1f, 0.7f, 0.1f));
        Assert.Single(_found, f => f.Type == "line.crossed");

        var after = new Tracker(0.3f);
        var stored = Vms.Ai.Analysis.TrackBook.Stored.Of(_tracker.Tracks[0]);
        after.Adopt(System.Text.Json.JsonSerializer.Deserialize<Vms.Ai.Analysis.TrackBook.Stored>(
            System.Text.Json.JsonSerializer.Serialize(stored))!.ToTrack(_scene.NowUs));
        var rules = new RuleSet(_settings, _rules!.Day, _rules.Counts);
        var again = new List<Finding>();
        long now = _scene.NowUs;
        for (int i = 0; i < 10; i++)
        {
            now += Scene.StepUs;
            after.Advance(now);
            after.Update([_scene.Seen(new Walker(0.1f, 0.7f, 0.1f), 5.0 + (i * 0.2))], [Vms.Ai.Detectors.Box.Whole]);
            again.AddRange(rules.Look(after.Tracks, now, null));
        }

        Assert.Equal(_tracker.Tracks[0].Id, Assert.Single(after.Tracks).Id);
        Assert.Empty(again);
    }

    private double Second(long atUs) => ((atUs - 1_700_000_000_000_000) / 1e6) - 0.2;

    private void Walk(double from, double to, Walker walker, string? preset = null)
    {
        for (int i = (int)Math.Round(from * 5); i < (int)Math.Round(to * 5); i++)
        {
            _scene.Look(_scene.Seen(walker, i * 0.2));
            Judge(preset);
        }
    }

    private void Look(double second, params ReadOnlySpan<Walker> walkers)
    {
        _scene.Look([.. walkers.ToArray().Select(w => _scene.Seen(w with { X = w.X + (w.VelocityX * 0) }, w.VelocityX == 0 ? 0 : second))]);
        Judge();
    }

    private void Judge(string? preset = null)
    {
        _rules ??= new RuleSet(_settings);
        _found.AddRange(_rules.Look(_tracker.Tracks, _scene.NowUs, preset));
        foreach (ObjectTrack ended in _scene.Ended)
            _found.AddRange(_rules.End(ended));
        _scene.Ended.Clear();
    }

    private static Line LineOf(string name, params (double X, double Y)[] points) => new()
    {
        Id = name,
        Name = name,
        Direction = "both",
        Points = { points.Select(p => new Point { X = p.X, Y = p.Y }) },
    };

    private static Zone ZoneOf(string name, params (double X, double Y)[] points) => new()
    {
        Id = name,
        Name = name,
        Events = { "entered", "left" },
        Polygon = { points.Select(p => new Point { X = p.X, Y = p.Y }) },
    };
}
