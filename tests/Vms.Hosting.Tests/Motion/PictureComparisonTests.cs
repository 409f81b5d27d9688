using Vms.Hosting.Motion;

namespace Vms.Hosting.Tests.Motion;

/// <summary>What counts as motion between two small grey pictures, and what does not.</summary>
public sealed class PictureComparisonTests
{
    private const int Width = 160;
    private const int Height = 90;

    [Fact]
    public void A_thing_that_comes_is_found_in_its_cells_alone()
    {
        byte[] before = Scene();
        byte[] after = With(before, 20, 60, 40, 12, 6);
        var (cells, isWhole) = Compare(before, after);
        Assert.False(isWhole);
        // Cells are 10 × 5.6 pixels: columns 6 to 10, rows 7 to 9.
        Assert.All(Enumerable.Range(0, 256).Where(i => cells[i] > 0), i => Assert.True(i % 16 is >= 6 and <= 7 && i / 16 is >= 7 and <= 8, $"cell {i % 16}, {i / 16}"));
        Assert.True(cells.Max() > 128);
    }

    [Fact]
    public void A_thing_that_moves_is_found_where_it_was_and_where_it_is()
    {
        byte[] scene = Scene();
        var (cells, _) = Compare(With(scene, 30, 10, 10, 10, 10), With(scene, 30, 130, 70, 10, 10));
        Assert.True(cells[(2 * 16) + 1] > 128);
        Assert.True(cells[(13 * 16) + 13] > 128);
    }

    [Theory]
    [InlineData(1.0, 40)]
    [InlineData(1.0, -60)]
    [InlineData(0.6, 10)]
    [InlineData(1.4, 0)]
    public void Other_light_on_the_whole_picture_is_no_motion(double gain, int offset)
    {
        byte[] before = Scene();
        var (cells, isWhole) = Compare(before, [.. before.Select(v => (byte)Math.Clamp((v * gain) + offset, 0, 255))]);
        Assert.False(isWhole);
        Assert.All(cells, share => Assert.Equal(0, share));
    }

    [Fact]
    public void A_thing_that_moves_while_the_light_changes_is_found_all_the_same()
    {
        byte[] before = Scene();
        byte[] after = With([.. before.Select(v => (byte)((v * 0.7) + 12))], 220, 100, 40, 14, 14);
        var (cells, _) = Compare(before, after);
        Assert.True(cells.Max() > 200);
        Assert.InRange(cells.Count(share => share > 0), 4, 12);
    }

    [Fact]
    public void A_dark_thing_alone_on_an_even_ground_does_not_count_as_light()
    {
        byte[] ground = [.. Enumerable.Repeat((byte)128, Width * Height)];
        var (cells, _) = Compare(With(ground, 104, 20, 20, 30, 20), With(ground, 104, 100, 50, 30, 20));
        Assert.True(cells[(4 * 16) + 3] > 200);     // where it was
        Assert.True(cells[(10 * 16) + 11] > 200);   // where it is
        Assert.Equal(0, cells[0]);
    }

    [Fact]
    public void Noise_is_no_motion()
    {
        var random = new Random(7);
        byte[] scene = Scene();
        byte[] Noisy() => [.. scene.Select(v => (byte)Math.Clamp(v + ((random.NextDouble() + random.NextDouble() - 1) * 24), 0, 255))];
        var (cells, _) = Compare(Noisy(), Noisy());
        Assert.All(cells, share => Assert.Equal(0, share));
    }

    [Fact]
    public void A_camera_that_shakes_by_a_pixel_is_no_motion()
    {
        byte[] before = Scene();
        byte[] after = new byte[before.Length];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
                after[(y * Width) + x] = before[(y * Width) + Math.Max(0, x - 1)];
        }

        var (cells, _) = Compare(before, after);
        Assert.All(cells, share => Assert.Equal(0, share));
    }

    [Fact]
    public void Another_picture_altogether_is_the_whole_picture()
    {
        var random = new Random(3);
        byte[] before = Scene();
        byte[] after = [.. before.Select((_, i) => (byte)((i / Width / 9 * 37 + i % Width / 16 * 71 + random.Next(4)) % 256))];
        Assert.True(Compare(before, after).IsWhole);
        Assert.True(PictureComparison.Compare(new([1, 2], 2, 1), 1, new([1], 1, 1), 2).IsWholePicture);
    }

    /// <summary>Walls, edges and a ramp: something of every brightness.</summary>
    private static byte[] Scene()
    {
        byte[] pixels = new byte[Width * Height];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
                pixels[(y * Width) + x] = (byte)(60 + (x / 2) + (x / 20 % 2 * 24) + (y / 15 % 2 * 16));
        }

        return pixels;
    }

    private static byte[] With(byte[] scene, byte value, int left, int top, int width, int height)
    {
        byte[] pixels = [.. scene];
        for (int y = top; y < top + height; y++)
            pixels.AsSpan((y * Width) + left, width).Fill(value);
        return pixels;
    }

    private static (byte[] Cells, bool IsWhole) Compare(byte[] before, byte[] after)
    {
        byte[] cells = new byte[MotionGrid.CellCount];
        bool isWhole = PictureComparison.Compare(before, after, Width, Height, cells);
        return (cells, isWhole);
    }
}
