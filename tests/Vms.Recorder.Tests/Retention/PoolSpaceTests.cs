using Microsoft.Extensions.Logging.Abstractions;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Pools;
using Vms.Recorder.Retention;
using Vms.Recorder.Tests.Support;
using Vms.Recorder.Writing;
using Vms.Testing;

namespace Vms.Recorder.Tests.Retention;

/// <summary>How much of a pool is used is measured once a sweep, and again after each deletion. Days of 1000 bytes each.</summary>
public sealed class PoolSpaceTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(Rows.Start.AddDays(20));
    private readonly StoragePools _pools;
    private readonly ArchiveFolders _folders;
    private readonly IndexJournal _journal;
    private readonly GapLedger _ledger;
    private readonly KeptFootage _kept;
    private readonly ToldEvents _told = new();
    private readonly RetentionSweep _sweep;
    private readonly OpenSegments _open = new();
    private readonly PoolSpace _space;

    public PoolSpaceTests()
    {
        var options = new RecorderOptions { MinFreeBytes = 0, HeadroomHours = 0, PoolBytes = 3000 };
        _pools = StoragePools.Open(_directory.Create("pool"), StorageSettings.None, options, _time);
        _folders = new ArchiveFolders(_pools.Layout, NullLogger<ArchiveFolders>.Instance);
        _journal = IndexJournal.Open(_pools.Layout, NullLogger.Instance);
        _ledger = new GapLedger(_time);
        _kept = KeptFootage.Open(_pools.Layout, NullLogger.Instance);
        _kept.Apply(new KeptRanges { Generation = 1 });
        _sweep = new RetentionSweep(
            _pools, _folders, _journal, _open, new RetentionPolicies(), _kept, new UnfinishedExports(), new RetentionForecast(_ledger, _time), _told.Events, options, _time,
            NullLogger<RetentionSweep>.Instance);
        _space = new PoolSpace(_pools.Main, new ArchiveInventory(_folders, _open), _time);
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _told.Dispose();
        _ledger.Dispose();
        _journal.Dispose();
        _folders.Dispose();
        _pools.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void What_is_used_stays_as_measured_until_something_changed()
    {
        Record(days: 0..2);
        Assert.Equal((2000, 1000, 3000), (_space.UsedBytes(), _space.FreeBytes(), _space.CapacityBytes()));
        Record(days: 2..3);
        Assert.Equal((2000, 1000, 3000), (_space.UsedBytes(), _space.FreeBytes(), _space.CapacityBytes()));
        Assert.Equal(2000, _pools.Main.UsedBytes);

        _space.Changed();
        Assert.Equal((3000, 0, 3000), (_space.UsedBytes(), _space.FreeBytes(), _space.CapacityBytes()));
        Assert.Equal(3000, _pools.Main.UsedBytes);
    }

    [Fact]
    public void Each_sweep_goes_by_what_is_there_then()
    {
        Record(days: 0..2);
        _sweep.Sweep();
        Assert.Equal((2, 2000), (Files, _pools.Main.UsedBytes));

        Record(days: 2..6);
        _sweep.Sweep();
        Assert.Equal((3, 3000), (Files, _pools.Main.UsedBytes));
        _sweep.Sweep();
        Assert.Equal((3, 3000), (Files, _pools.Main.UsedBytes));
    }

    [Fact]
    public void The_mover_learns_at_once_what_was_deleted_for_it()
    {
        Record(days: 0..3);
        _sweep.Sweep();
        Assert.True(_sweep.MakeRoomToMove(_pools.Main, 1500));
        Assert.Equal((1, 1000), (Files, _pools.Main.UsedBytes));
    }

    [Fact]
    public void Room_made_for_the_writer_is_not_made_again_by_the_next_sweep()
    {
        Record(days: 0..4);
        Assert.True(_sweep.MakeRoom(_pools.Main, 1));
        Record(days: 4..6);
        _sweep.Sweep();
        Assert.Equal((2, 2000), (Files, _pools.Main.UsedBytes));
    }

    [Fact]
    public void Of_a_day_that_is_written_to_the_closed_files_are_looked_at_once_and_the_open_one_each_time()
    {
        var first = Row(0);
        var second = Row(1);
        Write(first, 1000);
        Write(second, 10);
        var writing = new SegmentFile(Name(second), second.Path, [Rows.Track]);
        _open.Add(writing);
        Assert.Equal(1010, Measured());

        Write(first, 7);            // nobody does that to a closed file: it is not looked at again
        Write(second, 20);
        Assert.Equal(1020, Measured());

        _open.Remove(writing);
        _open.Add(new SegmentFile(Name(Row(2)), Row(2).Path, [Rows.Track]));
        Write(second, 2000);        // what it had when it was closed
        Write(Row(2), 300);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(first.Path)!, "120000-note.mp4"), "none of ours");
        Directory.CreateDirectory(Path.ChangeExtension(Row(3).Path, ".mp4"));
        Assert.Equal(3300, Measured());

        File.Delete(first.Path);
        Assert.Equal(2300, Measured());
        Write(first, 500);          // and back, from another pool
        Assert.Equal(2800, Measured());
    }

    private long Measured()
    {
        _space.Changed();
        return _space.UsedBytes();
    }

    private SegmentRow Row(int number) => Rows.Segment(_pools.Layout, "cam1", number, closed: true, version: 3);

    private SegmentName Name(SegmentRow row)
    {
        Assert.True(_pools.Layout.TryParse(row.Path, out var name));
        return name;
    }

    private static void Write(SegmentRow row, int bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(row.Path)!);
        File.WriteAllBytes(row.Path, new byte[bytes]);
    }

    private void Record(Range days)
    {
        for (int day = days.Start.Value; day < days.End.Value; day++)
        {
            var row = Rows.Segment(_pools.Layout, "cam1", day * 8640, closed: true, version: 3);
            Directory.CreateDirectory(Path.GetDirectoryName(row.Path)!);
            File.WriteAllBytes(row.Path, new byte[1000]);
            File.SetLastWriteTimeUtc(row.Path, row.To.UtcDateTime);
        }
    }

    private int Files => Directory.GetFiles(_pools.Layout.Main.FolderOf("cam1"), "*.mp4", SearchOption.AllDirectories).Length;
}
