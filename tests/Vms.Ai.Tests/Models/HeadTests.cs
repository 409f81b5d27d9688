using Vms.Ai.Detectors;
using Vms.Ai.Models;
using Vms.Ai.Models.Conversion;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Tests.Models;

/// <summary>Models of a few bytes that always answer the same: each family's answer is read as its authors mean it.</summary>
public sealed class HeadTests
{
    private static readonly string[] s_labels = ["person", "car"];

    [Fact]
    public void Yolox_boxes_are_decoded_from_grids_of_8_16_and_32_pixels()
    {
        // 64x64: 64 cells of 8 pixels, 16 of 16, 4 of 32. One car in the second grid's cell 1,2, middle 0.5,0.25 cells from its corner, 32x16 pixels large.
        var output = new float[84 * 7];
        Span<float> cell = output.AsSpan((64 + (2 * 4) + 1) * 7, 7);
        (cell[0], cell[1], cell[2], cell[3], cell[4], cell[6]) = (0.5f, 0.25f, MathF.Log(2), 0, 0.9f, 0.8f);
        var found = Assert.Single(Run("yolox", 64, ([1, 84, 7], output)));
        Assert.Equal("car", found.Class);
        Assert.Equal(0.72f, found.Score, 1e-4f);
        AssertBox(found.Box, 24 - 16, 36 - 8, 32, 16);
    }

    [Fact]
    public void Centernet_boxes_are_peaks_of_a_class_and_distances_to_four_sides()
    {
        float[] scores = new float[2 * 16 * 16], sides = new float[4 * 16 * 16];
        int at = (5 * 16) + 6;
        (scores[at], scores[at + 1], sides[at], sides[256 + at], sides[512 + at], sides[768 + at]) = (0.9f, 0.7f, 8, 4, 12, 20);
        var found = Assert.Single(Run("centernet", 64, ([1, 2, 16, 16], scores), ([1, 4, 16, 16], sides)));     // the neighbour is no peak
        Assert.Equal("person", found.Class);
        AssertBox(found.Box, 24 - 8, 20 - 4, 20, 24);
    }

    [Fact]
    public void Fastestdet_boxes_are_parts_of_the_picture()
    {
        var output = new float[7 * 4 * 4];
        int cell = (1 * 4) + 2;
        (output[cell], output[(3 * 16) + cell], output[(4 * 16) + cell], output[(6 * 16) + cell]) = (1, 0, -1.0986123f, 0.5f);
        var found = Assert.Single(Run("fastestdet", 64, ([1, 7, 4, 4], output)));
        Assert.Equal("car", found.Class);
        Assert.Equal(MathF.Pow(0.5f, 0.4f), found.Score, 1e-4f);
        AssertBox(found.Box, 32 - 16, 16 - 8, 32, 16);
    }

    [Fact]
    public void Yolo_with_a_sureness_of_its_own_multiplies_it()
    {
        var output = new float[3 * 7];
        output.AsSpan(7).Clear();
        new[] { 32f, 16f, 20f, 10f, 0.5f, 0.9f, 0.1f }.CopyTo(output, 7);
        var found = Assert.Single(Run("yolo", 64, ([1, 3, 7], output)));
        Assert.Equal(("person", 0.45f), (found.Class, MathF.Round(found.Score, 3)));
        AssertBox(found.Box, 22, 11, 20, 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Yolo_without_one_is_read_whichever_way_it_lies(bool isTurned)
    {
        const int boxes = 5;
        var output = new float[6 * boxes];
        float[] box = [32, 16, 20, 10, 0.2f, 0.8f];
        for (int value = 0; value < box.Length; value++)
            output[isTurned ? (3 * 6) + value : (value * boxes) + 3] = box[value];
        var found = Assert.Single(Run("yolo", 64, (isTurned ? [1, boxes, 6] : [1, 6, boxes], output)));
        Assert.Equal(("car", 0.8f), (found.Class, found.Score));
        AssertBox(found.Box, 22, 11, 20, 10);
    }

    [Fact]
    public void Of_boxes_on_one_another_the_best_of_each_class_stays()
    {
        float[] output =
        [
            32, 16, 20, 10, 1, 0.9f, 0.1f,
            33, 16, 20, 10, 1, 0.8f, 0.1f,
            32, 16, 20, 10, 1, 0.1f, 0.7f,
            32, 46, 20, 10, 1, 0.6f, 0.1f,
        ];
        Assert.Equal([("person", 0.9f), ("car", 0.7f), ("person", 0.6f)], Run("yolo", 64, ([1, 4, 7], output)).Select(d => (d.Class, d.Score)));
    }

    [Fact]
    public void Boxes_are_found_in_the_picture_wherever_the_region_was()
    {
        float[] output = [32, 32, 64, 64, 1, 0.9f, 0.1f];       // the whole input
        var region = new Box(0.5f, 0.25f, 0.25f, 0.5f);
        var found = Assert.Single(Run("yolo", 64, region, ([1, 1, 7], output)));
        Assert.Equal(0.5f, found.Box.X, 1e-3f);
        Assert.Equal(0.25f, found.Box.Y, 1e-3f);
        Assert.Equal(0.5f, found.Box.Height, 1e-3f);
        Assert.Equal(0.5f, found.Box.Width, 1e-3f);             // the region's shape is kept: grey to its right is more of the picture
    }

    [Theory]
    [InlineData("yolox", "1,84,8")]
    [InlineData("yolo", "1,84,9")]
    [InlineData("fastestdet", "1,8,4")]
    [InlineData("centernet", "1,2,16")]
    public void A_model_of_another_shape_is_refused_with_the_shape_that_is_expected(string adapter, string sides)
    {
        long[] shape = [.. sides.Split(',').Select(s => long.Parse(s, System.Globalization.CultureInfo.InvariantCulture))];
        var problem = Assert.Throws<ModelException>(() => Run(adapter, 64, (shape, new float[shape.Aggregate(1L, (a, b) => a * b)])));
        Assert.Contains("[N,", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_that_are_no_numbers_are_no_boxes()
    {
        var output = Enumerable.Repeat(float.NaN, 21).ToArray();
        Assert.Empty(Run("yolo", 64, ([1, 3, 7], output)));
        output = [32, float.PositiveInfinity, 20, float.NaN, 1, 0.9f, 0];
        Assert.Empty(Run("yolo", 64, ([1, 1, 7], output)));
    }

    [Fact]
    public void Looking_at_pictures_costs_hardly_any_memory_but_what_is_found()
    {
        byte[] bytes = ConstantModel(64, [([1, 1, 7], [32, 32, 64, 64, 1, 0.9f, 0.1f])]);
        using var model = new ObjectModel("yolo", bytes, TestCatalogue.ManifestOf("yolo", 64, 64, s_labels, bytes), OnnxRuntimeOptions.Cpu);
        using var run = new ObjectRun(model);
        using var picture = Picture.Rent(640, 360);
        long before = 0;
        const int pictures = 100;
        for (int i = -pictures; i < pictures; i++)
        {
            if (i == 0)
                before = GC.GetAllocatedBytesForCurrentThread();
            run.Begin(1);
            run.Put(0, picture, Box.Whole);
            run.Run();
            Assert.NotEmpty(run.Read(0, 0.3f));
        }

        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / pictures;
        Assert.True(each < 2048, $"{each} bytes a picture");      // of a tensor of 49152; the binding makes lists of names and handles
    }

    private static void AssertBox(Box box, float x, float y, float width, float height)
    {
        Assert.Equal(x / 64, box.X, 1e-4f);
        Assert.Equal(y / 64, box.Y, 1e-4f);
        Assert.Equal(width / 64, box.Width, 1e-4f);
        Assert.Equal(height / 64, box.Height, 1e-4f);
    }

    private static IReadOnlyList<Detection> Run(string adapter, int side, params (long[] Shape, float[] Values)[] outputs) => Run(adapter, side, Box.Whole, outputs);

    private static IReadOnlyList<Detection> Run(string adapter, int side, Box region, params (long[] Shape, float[] Values)[] outputs)
    {
        byte[] bytes = ConstantModel(side, outputs);
        Assert.Null(OnnxFile.Complaint(bytes));
        using var model = new ObjectModel(adapter, bytes, TestCatalogue.ManifestOf(adapter, side, side, s_labels, bytes), OnnxRuntimeOptions.Cpu);
        using var run = new ObjectRun(model);
        Assert.Equal(1, run.MostPictures);      // it says that it takes several, and answers one
        using var picture = Picture.Rent(128, 128);
        run.Begin(1);
        run.Put(0, picture, region);
        run.Run();
        return run.Read(0, 0.3f);
    }

    internal static byte[] ConstantModel(int side, (long[] Shape, float[] Values)[] outputs)
    {
        var graph = new OnnxGraph();
        graph.Input("picture", -1, 3, side, side);
        for (int i = 0; i < outputs.Length; i++)
        {
            graph.Constant($"value{i}", outputs[i].Shape, outputs[i].Values);
            graph.Node("Identity", [$"value{i}"], $"output{i}");
            graph.Output($"output{i}");
        }

        return graph.ToModel("test");
    }
}
