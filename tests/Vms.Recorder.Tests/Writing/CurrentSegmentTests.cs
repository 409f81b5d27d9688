using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

public sealed class CurrentSegmentTests
{
    [Fact]
    public void A_note_that_is_written_again_for_the_same_segment_still_says_which_came_before()
    {
        using var directory = new TestDirectory();
        var pool = new ArchiveLayout(directory.Create("pool")).Main;
        var current = new CurrentSegment(pool);
        var (first, second) = (SegmentIn(pool, 0), SegmentIn(pool, 10));
        current.Write(first);
        Directory.CreateDirectory(Path.GetDirectoryName(first.Path)!);
        File.WriteAllText(first.Path, "a segment");
        current.Write(second);
        Directory.CreateDirectory(Path.GetDirectoryName(second.Path)!);
        File.WriteAllText(second.Path, "its head, and then the disk was full");
        current.Write(second);

        Assert.Equal([second.Path, first.Path], CurrentSegment.Read(pool, "cam1", "main"));
    }

    private static SegmentFile SegmentIn(PoolRoot pool, int seconds)
    {
        var name = new SegmentName("cam1", "main", Rows.Start.AddSeconds(seconds), Guid.CreateVersion7());
        return new SegmentFile(name, pool.PathOf(name), [Rows.Track]);
    }
}
