using Vms.Ai.Detectors;
using Vms.Ai.Tracking;

namespace Vms.Ai.Tests.Tracking;

public sealed class RegionPlannerTests
{
    private readonly Tracker _tracker = new(0.3f);
    private readonly Scene _scene;

    public RegionPlannerTests() => _scene = new Scene(_tracker);

    [Fact]
    public void A_quiet_picture_is_not_looked_at()
    {
        Assert.Empty(RegionPlanner.Plan([], [], 0, 1920, 1080, 320));
    }

    [Fact]
    public void Motion_far_away_is_looked_at_in_a_square_of_the_models_size()
    {
        Box region = Assert.Single(RegionPlanner.Plan([], [new Box(0.5f, 0.3f, 0.02f, 0.05f)], 0, 1920, 1080, 320));
        Assert.Equal(320, region.Width * 1920, tolerance: 1);
        Assert.Equal(320, region.Height * 1080, tolerance: 1);
        Assert.True(new Box(0.5f, 0.3f, 0.02f, 0.05f).ShareIn(region) > 0.99f);
    }

    [Fact]
    public void A_region_at_the_edge_is_moved_into_the_picture()
    {
        Box region = Assert.Single(RegionPlanner.Plan([], [new Box(0.99f, 0.97f, 0.01f, 0.03f)], 0, 1920, 1080, 320));
        Assert.InRange(region.Right, 0.99f, 1.0001f);
        Assert.InRange(region.Bottom, 0.99f, 1.0001f);
    }

    [Fact]
    public void Motion_of_what_is_followed_needs_no_region_of_its_own()
    {
        var person = new Walker(0.5f, 0.6f, 0.02f, Height: 0.1f);
        for (int i = 0; i < 3; i++)
            _scene.Look(_scene.Seen(person, i * 0.2));
        Assert.Single(RegionPlanner.Plan(_tracker.Tracks, [person.At(0.4)], _scene.NowUs, 1920, 1080, 320));
    }

    [Fact]
    public void What_stands_is_looked_at_when_something_moves_over_it_and_every_ten_seconds()
    {
        var car = new Walker(0.5f, 0.6f, 0, Class: "car", Height: 0.1f);
        for (int i = 0; i < 40; i++)
            _scene.Look(_scene.Seen(car, i * 0.2));
        Assert.Empty(RegionPlanner.Plan(_tracker.Tracks, [], _scene.NowUs + 200_000, 1920, 1080, 320));
        Assert.Single(RegionPlanner.Plan(_tracker.Tracks, [car.At(0)], _scene.NowUs + 200_000, 1920, 1080, 320));
        Assert.Single(RegionPlanner.Plan(_tracker.Tracks, [], _scene.NowUs + 10_200_000, 1920, 1080, 320));
    }

    [Fact]
    public void Neighbours_share_a_region_and_what_is_everywhere_is_the_whole_picture()
    {
        Assert.Single(RegionPlanner.Plan([], [new Box(0.50f, 0.5f, 0.02f, 0.04f), new Box(0.55f, 0.52f, 0.02f, 0.04f)], 0, 1920, 1080, 320));
        var everywhere = Enumerable.Range(0, 8).Select(i => new Box(0.12f * i, 0.1f * i, 0.03f, 0.03f)).ToList();
        Assert.Equal(Box.Whole, Assert.Single(RegionPlanner.Plan([], everywhere, 0, 1920, 1080, 320)));
        Assert.Equal(Box.Whole, Assert.Single(RegionPlanner.Plan([], [new Box(0.2f, 0.2f, 0.5f, 0.6f)], 0, 640, 360, 320)));
    }
}
