using Vms.Hosting.Motion;
using Vms.Recorder.Motion;
using Vms.Testing;

namespace Vms.Recorder.Tests.Motion;

/// <summary>Grids beside their segment: what is read is what was written, or nothing.</summary>
public sealed class MotionFileTests
{
    [Fact]
    public async Task What_was_written_is_read()
    {
        using var directory = new TestDirectory();
        byte[] full = [.. Enumerable.Range(0, 256).Select(i => (byte)(255 - i))];
        byte[] some = new byte[256];
        some[255] = 7;
        MotionGrid[] written =
        [
            MotionGrid.Of(1_000_000, 2_000_000, new byte[256], isWholePicture: false),
            MotionGrid.Of(2_000_000, 3_000_000, some, isWholePicture: false),
            new(3_000_000, 4_000_000, full, MotionSource.Camera, IsWholePicture: true),
        ];
        MotionFile.Write(directory["a.mp4"], written);
        var read = await MotionFile.ReadAsync(directory["a.mp4"], CancellationToken.None);
        Assert.Equal(written.Select(Text), read.Select(Text));
        Assert.Equal(["a.motion"], Directory.GetFiles(directory.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_that_is_not_whole_counts_as_none()
    {
        using var directory = new TestDirectory();
        string path = MotionFile.PathOf(directory["a.mp4"]);
        MotionFile.Write(directory["a.mp4"], [.. Enumerable.Range(0, 20).Select(i => MotionGrid.Of(i, i + 1, Cells(i), isWholePicture: false))]);
        byte[] whole = await File.ReadAllBytesAsync(path);
        Assert.Equal(20, (await MotionFile.ReadAsync(directory["a.mp4"], CancellationToken.None)).Count);
        for (int at = 0; at < whole.Length; at += 5)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 0x10;
            await AssertNoneAsync(flipped);
            await AssertNoneAsync(whole[..at]);
        }

        async Task AssertNoneAsync(byte[] bytes)
        {
            await File.WriteAllBytesAsync(path, bytes);
            Assert.Empty(await MotionFile.ReadAsync(directory["a.mp4"], CancellationToken.None));
        }
    }

    [Fact]
    public async Task More_grids_than_there_may_be_are_left_out()
    {
        using var directory = new TestDirectory();
        MotionFile.Write(directory["a.mp4"], Enumerable.Range(0, MotionFile.MaxGrids + 5).Select(i => MotionGrid.Of(i, i + 1, default, isWholePicture: false)));
        Assert.Equal(MotionFile.MaxGrids, (await MotionFile.ReadAsync(directory["a.mp4"], CancellationToken.None)).Count);
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing()
    {
        using var directory = new TestDirectory();
        Directory.CreateDirectory(MotionFile.PathOf(directory["a.mp4"]));
        Assert.ThrowsAny<Exception>(() => MotionFile.Write(directory["a.mp4"], []));
        Assert.Empty(Directory.GetFiles(directory.Path));
    }

    private static byte[] Cells(int seed)
    {
        byte[] cells = new byte[256];
        new Random(seed).NextBytes(cells.AsSpan(0, 40));
        return cells;
    }

    private static string Text(MotionGrid grid) =>
        $"{grid.BeforeUs} {grid.AfterUs} {grid.Source} {grid.IsWholePicture} {Convert.ToHexString(grid.Cells.Span)}";
}
