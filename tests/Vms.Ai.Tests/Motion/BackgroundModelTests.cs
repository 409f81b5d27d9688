using Vms.Ai.Detectors;
using Vms.Ai.Motion;

namespace Vms.Ai.Tests.Motion;

/// <summary>Made-up scenes of 256 × 144 with sensor noise, five pictures a second.</summary>
public sealed class BackgroundModelTests
{
    private const int Width = 256;
    private const int Height = 144;

    private readonly Random _random = new(11);
    private readonly byte[] _scene = new byte[Width * Height];
    private readonly byte[] _picture = new byte[Width * Height];

    public BackgroundModelTests()
    {
        for (int i = 0; i < _scene.Length; i++)
            _scene[i] = (byte)(80 + (i % Width / 4) + (i / Width % 7));
    }

    [Fact]
    public void A_still_scene_with_noise_has_no_motion()
    {
        var model = new BackgroundModel(Width, Height, 50, null);
        for (int i = 0; i < 200; i++)
            Assert.Empty(model.Look(Picture()));
    }

    [Fact]
    public void Something_that_walks_is_found_where_it_is()
    {
        var model = Settled(50);
        for (int i = 0; i < 40; i++)
        {
            int x = 20 + (i * 4);
            var boxes = model.Look(Picture((x, 60, 10, 24)));
            if (i < 2)
                continue;
            Box box = boxes[0];
            Assert.InRange(box.X * Width, x - 24, x + 12);
            Assert.InRange(box.Right * Width, x - 2, x + 24);
            Assert.InRange(box.Y * Height, 52, 64);
        }

        Assert.NotEqual(0, model.Grid.ToArray().Sum(g => g));
        Assert.Equal(0, model.Grid[0]);
    }

    [Fact]
    public void The_light_that_is_switched_is_no_motion()
    {
        var model = Settled(50);
        for (int i = 0; i < 30; i++)
            Assert.Empty(model.Look(Picture(light: 40)));
        for (int i = 0; i < 60; i++)
            Assert.Empty(model.Look(Picture(light: 40 - i)));     // and dusk is none
    }

    [Fact]
    public void A_car_that_parks_is_background_after_some_seconds_and_what_was_behind_it_is_so_when_it_has_gone()
    {
        var model = Settled(50);
        int moving = 0;
        for (int i = 0; i < 60; i++)
            moving = model.Look(Picture((100, 60, 40, 20))).Count > 0 ? i : moving;
        Assert.InRange(moving, 3, 50);
        moving = 0;
        for (int i = 0; i < 60; i++)
            moving = model.Look(Picture()).Count > 0 ? i : moving;
        Assert.InRange(moving, 3, 50);
    }

    [Fact]
    public void In_a_mask_nothing_moves()
    {
        var mask = new bool[Width * Height];
        for (int y = 40; y < 100; y++)
            Array.Fill(mask, true, y * Width, Width / 2);
        var model = Settled(50, mask);
        bool outside = false;
        for (int i = 0; i < 50; i++)
        {
            int x = 4 + (i * 4);
            var boxes = model.Look(Picture((x, 60, 10, 24)));
            if (x < 110)
                Assert.Empty(boxes);
            outside |= x > 140 && boxes.Count > 0;
        }

        Assert.True(outside);
    }

    [Fact]
    public void Sensitivity_decides_what_is_too_faint_and_too_small()
    {
        Assert.True(Finds(100, brightness: 12, size: 4));
        Assert.False(Finds(20, brightness: 12, size: 4));
        Assert.True(Finds(20, brightness: 60, size: 30));

        bool Finds(int sensitivity, int brightness, int size)
        {
            var model = Settled(sensitivity);
            bool found = false;
            for (int i = 0; i < 20; i++)
                found |= model.Look(Picture((40 + (i * 5), 70, size, size), brightness: brightness)).Count > 0;
            return found;
        }
    }

    [Fact]
    public void A_span_of_motion_begins_with_the_second_picture_and_ends_three_seconds_after_the_last()
    {
        var span = new MotionSpan();
        Assert.Equal(MotionChange.None, span.Look(true, 1_000_000));
        Assert.Equal(MotionChange.None, span.Look(false, 1_200_000));
        Assert.Equal(MotionChange.Began, span.Look(true, 1_400_000));
        Assert.Equal(1_000_000, span.SinceUs);
        Assert.Equal(MotionChange.None, span.Look(true, 2_000_000));
        Assert.Equal(MotionChange.None, span.Look(false, 4_900_000));
        Assert.Equal(MotionChange.Ended, span.Look(false, 5_000_000));
        Assert.Equal((1_000_000, 2_000_000), (span.EndedSinceUs, span.LastUs));
        Assert.Equal(MotionChange.None, span.Look(true, 20_000_000));
    }

    private BackgroundModel Settled(int sensitivity, bool[]? mask = null)
    {
        var model = new BackgroundModel(Width, Height, sensitivity, mask);
        for (int i = 0; i < 20; i++)
            model.Look(Picture());
        return model;
    }

    private byte[] Picture((int X, int Y, int Width, int Height)? thing = null, int light = 0, int brightness = 60)
    {
        for (int i = 0; i < _picture.Length; i++)
            _picture[i] = (byte)Math.Clamp(_scene[i] + light + _random.Next(-3, 4), 0, 255);
        if (thing is not { } it)
            return _picture;
        for (int y = it.Y; y < Math.Min(Height, it.Y + it.Height); y++)
        {
            for (int x = it.X; x < Math.Min(Width, it.X + it.Width); x++)
                _picture[(y * Width) + x] = (byte)Math.Clamp(_picture[(y * Width) + x] + brightness, 0, 255);
        }

        return _picture;
    }
}
