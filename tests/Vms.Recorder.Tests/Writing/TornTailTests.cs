using Microsoft.Extensions.Logging.Abstractions;
using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Writing;

public sealed class TornTailTests
{
    [Fact]
    public async Task A_file_torn_at_any_byte_of_its_last_fragments_is_cut_behind_the_last_whole_one()
    {
        using var directory = new TestDirectory();
        var (layout, path, whole, fragments) = await RecordAsync(directory);
        var recovery = new TailRecovery(layout, NullLogger<TailRecovery>.Instance);
        foreach (long length in CutsIn(fragments[^2]).Concat(CutsIn(fragments[^1])))
        {
            await File.WriteAllBytesAsync(path, whole.AsMemory(0, (int)length));
            var expected = fragments.Last(f => f.EndOffset <= length);
            var tail = recovery.Recover("cam1", "main");
            Assert.NotNull(tail);
            Assert.Equal(expected.EndOffset, tail.Length);
            Assert.Equal(expected.EndOffset, new FileInfo(path).Length);
        }
    }

    [Fact]
    public async Task A_damaged_byte_anywhere_in_the_last_fragment_costs_that_fragment_only()
    {
        using var directory = new TestDirectory();
        var (layout, path, whole, fragments) = await RecordAsync(directory);
        var recovery = new TailRecovery(layout, NullLogger<TailRecovery>.Instance);
        for (long at = fragments[^1].Offset; at < whole.Length; at += 13)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x40;
            await File.WriteAllBytesAsync(path, damaged);
            Assert.Equal(fragments[^2].EndOffset, recovery.Recover("cam1", "main")!.Length);
        }
    }

    [Fact]
    public async Task A_segment_that_was_begun_and_got_no_fragment_points_back_to_the_one_before()
    {
        using var directory = new TestDirectory();
        var (layout, path, whole, _) = await RecordAsync(directory);
        var next = new SegmentName("cam1", "main", Rows.Start.AddMinutes(10), Guid.CreateVersion7());
        new CurrentSegment(layout.Main).Write(new SegmentFile(next, layout.PathOf(next), [Rows.Track]));
        var recovery = new TailRecovery(layout, NullLogger<TailRecovery>.Instance);
        Assert.Equal(path, recovery.Recover("cam1", "main")!.Path);

        await File.WriteAllBytesAsync(layout.PathOf(next), whole.AsMemory(0, 100));
        Assert.Equal(path, recovery.Recover("cam1", "main")!.Path);
    }

    [Fact]
    public async Task Without_the_note_the_newest_file_is_found()
    {
        using var directory = new TestDirectory();
        var (layout, path, _, _) = await RecordAsync(directory);
        File.Delete(layout.Main.CurrentOf("cam1", "main"));
        Assert.Equal(path, new TailRecovery(layout, NullLogger<TailRecovery>.Instance).Recover("cam1", "main")!.Path);
    }

    /// <summary>Every byte of the boxes in front of the samples and around the fragment's end; between them some.</summary>
    private static IEnumerable<long> CutsIn(FragmentEntry fragment)
    {
        const int Boxes = 600;
        for (long cut = fragment.Offset; cut <= fragment.EndOffset; cut += cut < fragment.Offset + Boxes || cut >= fragment.EndOffset - 20 ? 1 : 19)
        {
            yield return cut;
        }
    }

    private static async Task<(ArchiveLayout Layout, string Path, byte[] Whole, FragmentEntry[] Fragments)> RecordAsync(TestDirectory directory)
    {
        await using var rig = await new RecorderRig(data: directory.Path).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(width: 160, gop: 10), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 600);
        feed.Append(80);
        await rig.WrittenAsync("cam1", feed);
        var row = Assert.Single(await rig.Index.FindAsync("cam1", "main", feed.Start, feed.Now, CancellationToken.None));
        await rig.StopAsync();
        Assert.True(GopTable.TryDecode(row.Gops.Span, out var fragments));
        return (rig.Layout, row.Path, await File.ReadAllBytesAsync(row.Path), fragments);
    }
}
