using Vms.Ai.Detectors;
using Vms.Ai.Models;

namespace Vms.Ai.Tests.Models;

public sealed class TensorWriterTests
{
    [Fact]
    public void Colours_go_where_the_model_wants_them()
    {
        using var picture = Blue(8, 8);
        Assert.Equal([200, 20, 10], PlanesOf(Write(picture, redFirst: false, planesFirst: true), 8 * 8));
        Assert.Equal([10, 20, 200], PlanesOf(Write(picture, redFirst: true, planesFirst: true), 8 * 8));
        Assert.Equal([10, 20, 200], Write(picture, redFirst: true, planesFirst: false)[..3].Select(v => (int)MathF.Round(v)));
    }

    [Fact]
    public void A_wide_picture_keeps_its_shape_above_grey()
    {
        using var picture = Blue(64, 32);
        var input = new ModelInput(32, 32, PlanesFirst: true, RedFirst: false, KeepShape: true, 114, ModelInput.All(100), ModelInput.All(0.5f));
        using var writer = new TensorWriter(input);
        var tensor = new float[input.Elements];
        Box square = writer.Write(picture, Box.Whole, tensor);
        Assert.Equal(50, tensor[(8 * 32) + 16], 1f);            // (200 - 100) / 2
        Assert.All(tensor[(16 * 32)..(32 * 32)], v => Assert.Equal(7, v));
        Assert.Equal(new Box(0, 0, 1, 2), square);              // the lower half of the input lies below the picture
    }

    [Theory]
    [InlineData(0.99f, 0.99f, 0.5f, 0.5f)]
    [InlineData(-1, -1, 0.5f, 0.5f)]
    [InlineData(0.5f, 0.5f, 0, 0)]
    [InlineData(float.NaN, 0, 1, 1)]
    public void A_region_that_is_hardly_there_is_at_least_a_pixel(float x, float y, float width, float height)
    {
        using var picture = Blue(10, 10);
        var pixels = TensorWriter.PixelsOf(picture, new Box(x, y, width, height));
        Assert.True(pixels.Width >= 1 && pixels.Height >= 1 && pixels.X >= 0 && pixels.Y >= 0 && pixels.X + pixels.Width <= 10 && pixels.Y + pixels.Height <= 10);
    }

    private static Picture Blue(int width, int height)
    {
        var picture = Picture.Rent(width, height);
        Span<byte> pixels = picture.Bgr.Span;
        for (int i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (200, 20, 10);
        return picture;
    }

    private static float[] Write(Picture picture, bool redFirst, bool planesFirst)
    {
        var input = new ModelInput(picture.Width, picture.Height, planesFirst, redFirst, KeepShape: false, 0, default, ModelInput.All(1));
        using var writer = new TensorWriter(input);
        var tensor = new float[input.Elements];
        writer.Write(picture, Box.Whole, tensor);
        return tensor;
    }

    private static IEnumerable<int> PlanesOf(float[] tensor, int plane) => Enumerable.Range(0, 3).Select(i => (int)MathF.Round(tensor[i * plane]));
}
