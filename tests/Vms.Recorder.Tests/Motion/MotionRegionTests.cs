using Vms.Hosting.Motion;
using Vms.Recorder.Motion;

namespace Vms.Recorder.Tests.Motion;

public sealed class MotionRegionTests
{
    [Fact]
    public void Without_a_shape_it_is_the_whole_picture() => Assert.Equal(256, Read().Cells.Length);

    [Fact]
    public void A_rectangle_is_the_cells_that_it_covers()
    {
        Assert.Equal([0, 1, 16, 17], Read("0,0,0.125,0.125").Cells.ToArray());
        // The last quarter, a little of the cells beside it left out.
        Assert.Equal(16, Read("0.74,0.74,0.26,0.26").Cells.Length);
    }

    [Fact]
    public void What_is_smaller_than_a_cell_is_the_cell_that_holds_it() => Assert.Equal([(8 * 16) + 4], Read("0.26,0.51,0.02,0.02").Cells.ToArray());

    [Fact]
    public void A_polygon_is_what_lies_between_its_corners()
    {
        byte[] cells = Read("0,0,1,0,0,1").Cells.ToArray();     // a triangle, top left
        Assert.Contains((byte)0, cells);
        Assert.Contains((byte)15, cells);
        Assert.DoesNotContain((byte)255, cells);
        Assert.InRange(cells.Length, 128, 140);
    }

    [Fact]
    public void Shapes_add_up() => Assert.Equal([0, 255], Read("0,0,0.0625,0.0625", "0.9375,0.9375,0.0625,0.0625").Cells.ToArray());

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0,0,0.5")]
    [InlineData("0,0,0.5,0.5,0.5")]
    [InlineData("0,0,-0.5,0.5")]
    [InlineData("0,0,1.5,0.5")]
    [InlineData("0,0,NaN,0.5")]
    [InlineData("a,b,c,d")]
    [InlineData("0.5,0.5,0,0")]
    public void What_is_no_region_is_refused(string shape) => Assert.False(MotionRegion.TryRead([shape], out _, out _));

    [Fact]
    public void Shapes_and_corners_are_counted()
    {
        Assert.False(MotionRegion.TryRead([.. Enumerable.Repeat("0,0,1,1", MotionRegion.MaxShapes + 1)], out _, out _));
        Assert.False(MotionRegion.TryRead([string.Join(',', Enumerable.Repeat("0.5", (MotionRegion.MaxCorners * 2) + 2))], out _, out _));
    }

    [Fact]
    public void Motion_is_that_of_its_own_cells()
    {
        byte[] cells = new byte[256];
        cells[0] = 200;
        cells[17] = 90;
        var grid = MotionGrid.Of(1, 2, cells, isWholePicture: false);
        Assert.Equal([0, 0, 0.125, 0.125], Read("0,0,0.5,0.5").In(grid, 50)!.Value.Box);
        Assert.Equal(200, Read("0,0,0.5,0.5").In(grid, 50)!.Value.Score);
        Assert.Equal([0, 0, 0.0625, 0.0625], Read("0,0,0.5,0.5").In(grid, 91)!.Value.Box);
        Assert.Null(Read("0.5,0.5,0.5,0.5").In(grid, 1));
        Assert.Null(MotionRegion.Whole.In(grid with { IsWholePicture = true }, 1));
    }

    private static MotionRegion Read(params string[] shapes)
    {
        Assert.True(MotionRegion.TryRead(shapes, out var region, out string? problem), problem);
        return region;
    }
}
