using Vms.Ai.Detectors;
using Vms.Ai.Tracking;

namespace Vms.Ai.Tests.Tracking;

public sealed class TrackerTests
{
    private readonly Tracker _tracker = new(0.3f);
    private readonly Scene _scene;

    public TrackerTests() => _scene = new Scene(_tracker);

    [Fact]
    public void A_walking_person_keeps_one_track_from_side_to_side()
    {
        var person = new Walker(0.05f, 0.7f, 0.1f);
        for (int i = 0; i < 45; i++)
            _scene.Look(_scene.Seen(person, i * 0.2));

        ObjectTrack track = Assert.Single(_tracker.Tracks);
        Assert.Equal(45, track.Hits);
        Assert.Equal("person", track.Class);
        Assert.InRange(track.Velocity.X, 0.08f, 0.12f);
        Assert.InRange(track.Path.Count, 20, ObjectTrack.MaxPath);
    }

    [Fact]
    public void What_is_seen_once_is_no_object()
    {
        var person = new Walker(0.5f, 0.7f, 0);
        _scene.Look(_scene.Seen(person, 0));
        Assert.Empty(_scene.Followed);
        _scene.Look();
        Assert.Empty(_tracker.Tracks);
    }

    [Fact]
    public void Two_people_who_cross_keep_their_tracks()
    {
        var left = new Walker(0.1f, 0.70f, 0.1f);
        var right = new Walker(0.9f, 0.74f, -0.1f);
        string? leftId = null, rightId = null;
        for (int i = 0; i < 40; i++)
        {
            double second = i * 0.2;
            Detection a = _scene.Seen(left, second), b = _scene.Seen(right, second);
            // Where one hides the other the detector gives one box.
            if (a.Box.OverlapRatio(b.Box) > 0.5f)
                _scene.Look(b);
            else
                _scene.Look(a, b);
            if (i == 5)
                (leftId, rightId) = (Nearest(left.At(second)).Id, Nearest(right.At(second)).Id);
        }

        Assert.Equal(2, _scene.Followed.Count);
        Assert.Equal(leftId, Nearest(left.At(39 * 0.2)).Id);
        Assert.Equal(rightId, Nearest(right.At(39 * 0.2)).Id);
    }

    [Fact]
    public void A_person_behind_a_tree_for_a_second_and_a_half_is_the_same_person()
    {
        var person = new Walker(0.2f, 0.7f, 0.08f);
        for (int i = 0; i < 10; i++)
            _scene.Look(_scene.Seen(person, i * 0.2));
        string id = _tracker.Tracks[0].Id;
        for (int i = 10; i < 17; i++)
            _scene.Look();
        Assert.Equal(TrackState.Lost, _tracker.Tracks[0].State);
        for (int i = 17; i < 25; i++)
            _scene.Look(_scene.Seen(person, i * 0.2));
        Assert.Equal(id, Assert.Single(_tracker.Tracks).Id);
        Assert.Empty(_scene.Ended);
    }

    [Fact]
    public void Low_scores_keep_a_track_alive_and_begin_none()
    {
        var person = new Walker(0.2f, 0.7f, 0.05f);
        var ghost = new Walker(0.8f, 0.5f, 0);
        for (int i = 0; i < 5; i++)
            _scene.Look(_scene.Seen(person, i * 0.2));
        string id = _tracker.Tracks[0].Id;
        for (int i = 5; i < 40; i++)
            _scene.Look(_scene.Seen(person, i * 0.2, 0.15f), _scene.Seen(ghost, i * 0.2, 0.15f));
        Assert.Equal(id, Assert.Single(_tracker.Tracks).Id);
        Assert.Equal(TrackState.Followed, _tracker.Tracks[0].State);
    }

    [Fact]
    public void Who_leaves_the_picture_is_gone_within_a_second_and_who_vanishes_inside_within_three()
    {
        var leaving = new Walker(0.9f, 0.7f, 0.1f);
        var vanishing = new Walker(0.4f, 0.6f, 0.01f);
        for (int i = 0; i < 6; i++)
            _scene.Look(_scene.Seen(leaving, i * 0.2), _scene.Seen(vanishing, i * 0.2));
        for (int i = 0; i < 6; i++)
            _scene.Look();
        Assert.Single(_scene.Ended);
        for (int i = 0; i < 12; i++)
            _scene.Look();
        Assert.Equal(2, _scene.Ended.Count);
        Assert.Empty(_tracker.Tracks);
    }

    [Fact]
    public void What_stands_is_carried_while_nobody_looks_and_ends_when_somebody_does_and_it_is_gone()
    {
        var car = new Walker(0.5f, 0.6f, 0, Class: "car");
        for (int i = 0; i < 40; i++)
            _scene.Look(_scene.Seen(car, i * 0.2));
        Assert.True(_tracker.Tracks[0].IsStationary);
        long now = _scene.NowUs;
        for (int i = 1; i <= 300; i++)
        {
            _tracker.Advance(now + (i * Scene.StepUs));
            Assert.Empty(_tracker.Carry());
        }

        Assert.InRange(_tracker.Tracks[0].Box.OverlapRatio(car.At(0)), 0.8f, 1);
        now += 300 * Scene.StepUs;
        var ended = new List<ObjectTrack>();
        for (int i = 1; i <= 60; i++)
        {
            _tracker.Advance(now + (i * Scene.StepUs));
            ended.AddRange(_tracker.Update([], [Box.Whole]));
        }

        Assert.Single(ended);
    }

    [Fact]
    public void A_person_does_not_become_a_car_and_a_van_that_is_called_a_truck_now_and_then_stays_what_it_mostly_is()
    {
        var person = new Walker(0.3f, 0.7f, 0);
        var van = new Walker(0.6f, 0.7f, 0.02f, Class: "car", Height: 0.15f);
        for (int i = 0; i < 20; i++)
        {
            Detection seen = _scene.Seen(van, i * 0.2);
            _scene.Look(
                i < 10 ? _scene.Seen(person, 0) : _scene.Seen(person with { Class = "car" }, 0),
                i % 4 == 3 ? seen with { Class = "truck" } : seen);
        }

        Assert.Contains(_tracker.Tracks, t => t.Class == "person" && t.Hits == 10);
        ObjectTrack vehicle = Assert.Single(_tracker.Tracks, t => t.Box.X > 0.5f);
        Assert.Equal("car", vehicle.Class);
        Assert.Equal(20, vehicle.Hits);
    }

    [Fact]
    public void Two_boxes_of_one_thing_are_one_object()
    {
        var van = new Walker(0.6f, 0.7f, 0.02f, Class: "car");
        for (int i = 0; i < 10; i++)
        {
            Detection seen = _scene.Seen(van, i * 0.2);
            _scene.Look(seen, seen with { Class = "truck", Score = 0.5f });
        }

        Assert.Single(_tracker.Tracks);
    }

    [Fact]
    public void At_one_picture_a_second_a_walking_person_is_still_one()
    {
        var person = new Walker(0.05f, 0.7f, 0.08f, Height: 0.25f);
        long now = _scene.NowUs;
        for (int i = 0; i < 11; i++)
        {
            now += 1_000_000;
            _tracker.Advance(now);
            _tracker.Update([_scene.Seen(person, i)], [Box.Whole]);
        }

        Assert.Equal(11, Assert.Single(_tracker.Tracks).Hits);
    }

    [Fact]
    public void More_objects_than_are_followed_are_the_best_ones()
    {
        var crowd = Enumerable.Range(0, 200).Select(i => new Detection(
            "person", i < 100 ? 0.9f : 0.5f, new Box(0.04f * (i % 25), 0.1f * (i / 25), 0.03f, 0.08f))).ToArray();
        _scene.Look(crowd);
        _scene.Look(crowd);
        Assert.Equal(Tracker.MaxTracks, _tracker.Tracks.Count);
        Assert.Equal(100, _tracker.Tracks.Count(t => t.Score > 0.8f));
    }

    private ObjectTrack Nearest(Box box) => _tracker.Tracks.MinBy(t => t.Box.Centre().DistanceTo(box.Centre()))!;
}
