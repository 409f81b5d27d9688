using Vms.Ai.Analysis;
using Vms.Ai.Detectors;
using Vms.Ai.Tracking;
using Vms.Hosting.Heads;

namespace Vms.Ai.Tests.Tracking;

/// <summary>Where heads were, against people of whom the test knows where they are at every moment.</summary>
public sealed class HeadWatchTests
{
    private const float Aspect = 16f / 9;

    private readonly List<HeadEntry> _told = [];
    private readonly Tracker _tracker = new(0.3f);
    private readonly Scene _scene;
    private readonly HeadWatch _heads;

    public HeadWatchTests()
    {
        _scene = new Scene(_tracker);
        _heads = new HeadWatch(_told.Add);
    }

    [Fact]
    public void A_head_is_covered_at_every_moment_between_the_pictures_and_before_it_was_seen_and_the_stretches_leave_no_hole()
    {
        Walker[] people = [new(0.1f, 0.6f, 0.05f), new(0.9f, 0.9f, -0.08f, -0.01f, 0.4f), new(0.5f, 0.5f, 0)];
        long beganUs = _scene.NowUs + Scene.StepUs;
        for (int i = 0; i < 75; i++)
        {
            double second = i * 0.2;
            // Seen from the third second on.
            _scene.Look(i < 15 ? [] : [.. people.Select(p => _scene.Seen(p, second))]);
            _heads.Look(_tracker.Tracks, [], _scene.NowUs, Aspect);
        }

        _heads.Forget();
        Assert.Equal(beganUs, _told[0].FromUs);
        Assert.Equal(_scene.NowUs, _told[^1].ToUs);
        for (int i = 1; i < _told.Count; i++)
            Assert.Equal(_told[i - 1].ToUs, _told[i].FromUs);
        var spans = _told.SelectMany(e => e.Spans).ToList();
        Assert.InRange(spans.Count, 3, 80);     // of 180 times that somebody was seen
        for (double second = 2.2; second < 14.8; second += 0.03)
        {
            long us = beganUs + (long)(second * 1_000_000);
            foreach (Walker person in people)
            {
                // A seventh of a person is head, in the middle.
                Box box = person.At(second);
                Box head = new Box(box.X + (box.Width * 0.3f), box.Y, box.Width * 0.4f, box.Height / 7).Clipped();
                Assert.True(
                    head.Area == 0 || spans.Where(s => s.FromUs <= us && s.ToUs >= us).Any(s => head.ShareIn(new Box(s.X, s.Y, s.Width, s.Height)) > 0.999f), $"{person} at {second}");
            }
        }
    }

    [Fact]
    public void Of_who_stands_still_there_is_one_area_a_stretch()
    {
        for (int i = 0; i < 100; i++)
        {
            _scene.Look(new Detection("person", 0.8f, new Box(0.4f, 0.4f, 0.08f, 0.3f)));
            _heads.Look(_tracker.Tracks, [], _scene.NowUs, Aspect);
        }

        Assert.Equal(3, _told.Count);
        Assert.All(_told, e => Assert.Single(e.Spans));
    }

    [Fact]
    public void Cars_have_no_heads_and_who_is_too_small_to_be_followed_has_one()
    {
        Detection small = new("person", 0.6f, new Box(0.8f, 0.1f, 0.01f, 0.03f));
        for (int i = 0; i < 30; i++)
        {
            _scene.Look(new Detection("car", 0.8f, new Box(0.1f, 0.4f, 0.3f, 0.3f)));
            _heads.Look(_tracker.Tracks, i == 10 ? [small] : [], _scene.NowUs, Aspect);
        }

        HeadSpan span = Assert.Single(_told.SelectMany(e => e.Spans));
        Assert.InRange(span.X, 0.78f, 0.81f);
    }

    [Fact]
    public void Pictures_too_far_apart_and_pictures_after_a_break_are_no_stretch()
    {
        long us = _scene.NowUs;
        foreach (double second in (double[])[0, 0.5, 1, 4, 4.5, 2])
            _heads.Look([], [], us + (long)(second * 1_000_000), Aspect);
        _heads.Forget();
        Assert.Equal([(0, 1000), (4000, 4500)], _told.Select(e => ((int)((e.FromUs - us) / 1000), (int)((e.ToUs - us) / 1000))));
    }

    [Theory]
    [InlineData(0.08f, 0.4f, 0.35f)]       // who stands
    [InlineData(0.4f, 0.5f, 1f)]          // head and shoulders before a door
    public void Of_a_whole_person_the_upper_part_is_covered_and_of_a_portrait_all(float width, float height, float share)
    {
        var person = new Box(0.3f, 0.3f, width, height);
        Box head = HeadWatch.HeadOf(person, Aspect);
        Assert.InRange(head.Height / height, share, share * 1.3f);
        Assert.True(head.Y < person.Y && head.X < person.X && head.Right > person.Right);
    }
}
