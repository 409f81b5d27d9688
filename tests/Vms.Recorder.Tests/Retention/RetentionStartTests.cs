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

/// <summary>What the sweep does not trust: a list of the run before, and a clock that jumped. Three days of 1000 bytes each.</summary>
public sealed class RetentionStartTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(Rows.Start.AddDays(20));
    private StoragePools _pool;
    private readonly ArchiveFolders _folders;
    private readonly IndexJournal _journal;
    private readonly GapLedger _ledger;
    private readonly RetentionPolicies _policies = new();
    private readonly ToldEvents _told = new();
    private readonly KeptFootage _kept;
    private readonly RetentionSweep _sweep;

    public RetentionStartTests()
    {
        _pool = StoragePools.Open(_directory.Create("pool"), StorageSettings.None, new RecorderOptions(), _time);
        _folders = new ArchiveFolders(_pool.Layout, NullLogger<ArchiveFolders>.Instance);
        _journal = IndexJournal.Open(_pool.Layout, NullLogger.Instance);
        _ledger = new GapLedger(_time);
        KeptFootage.Open(_pool.Layout, NullLogger.Instance).Apply(new KeptRanges { Generation = 3, ListId = "a" });
        _kept = KeptFootage.Open(_pool.Layout, NullLogger.Instance);
        _sweep = Sweep(new RecorderOptions { MinFreeBytes = 0, HeadroomHours = 0 });
        for (int day = 0; day < 3; day++)
        {
            Record("cam1", day);
        }
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _told.Dispose();
        _ledger.Dispose();
        _journal.Dispose();
        _folders.Dispose();
        _pool.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void No_rule_deletes_by_the_list_of_the_run_before_until_control_says_that_it_is_the_one()
    {
        Limit(days: 7);
        _sweep.Sweep();
        Assert.False(_kept.Confirm(4, "b"));
        Assert.False(_kept.Confirm(3, "b"));
        _sweep.Sweep();
        Assert.Equal(3, Files);
        Assert.True(_kept.Confirm(3, "a"));
        _sweep.Sweep();
        Assert.Equal(0, Files);
    }

    [Fact]
    public void When_control_stays_away_the_rules_go_on_after_ten_minutes()
    {
        Limit(days: 7);
        _time.Advance(TimeSpan.FromMinutes(9));
        _sweep.Sweep();
        Assert.Equal(3, Files);
        _time.Advance(TimeSpan.FromMinutes(1));
        _sweep.Sweep();
        Assert.Equal(0, Files);
    }

    [Fact]
    public void A_full_disk_does_not_wait_for_control()
    {
        Assert.True(_sweep.MakeRoom(_pool.Main, 1));
        Assert.Equal(0, Files);
    }

    [Fact]
    public void A_list_of_the_same_number_that_is_another_one_is_not_applied()
    {
        Assert.False(_kept.Apply(new KeptRanges { Generation = 3, ListId = "b" }));
        Assert.False(_kept.IsConfirmed);
        Assert.True(_kept.Apply(new KeptRanges { Generation = 3, ListId = "a" }));
        Assert.True(_kept.IsConfirmed);
        Assert.True(_kept.IsApplied(3, "a"));
        Assert.False(_kept.IsApplied(3, "b"));
    }

    [Fact]
    public void A_clock_set_a_year_ahead_erases_nothing_and_ends_no_bookmark()
    {
        var bookmark = new KeptRange
        {
            Id = "b",
            CameraId = "cam1",
            Kind = "bookmark",
            FromUnixMs = Rows.Start.ToUnixTimeMilliseconds(),
            ToUnixMs = Rows.Start.AddSeconds(5).ToUnixTimeMilliseconds(),
            UntilUnixMs = Rows.Start.AddDays(100).ToUnixTimeMilliseconds(),
        };
        Assert.True(_kept.Apply(new KeptRanges { Generation = 4, ListId = "c", Ranges = { bookmark } }));
        Limit(days: 30, maxBytes: 2000);
        _time.SetWallClock(_time.GetUtcNow().AddYears(1));
        _sweep.Sweep();
        _sweep.Sweep();
        Assert.Equal(3, Files);     // the bookmarked day does not count towards the limit
        Assert.Equal("retention.clockAhead", Assert.Single(_told.Take()).Type);

        _time.Advance(TimeSpan.FromHours(24));
        _sweep.Sweep();
        Assert.Equal(0, Files);
    }

    [Fact]
    public void A_disk_that_deletes_nothing_is_no_alarm_about_the_minimum()
    {
        Record("cam2", day: 19);
        _policies.Set("cam2", "main", new RetentionPolicy(MinAge: TimeSpan.FromDays(7), TimeSpan.Zero, MaxBytes: 0));
        using var sweep = Sweep(new RecorderOptions { MinFreeBytes = 0, HeadroomHours = 0, PoolBytes = 1500 });
        sweep.DeleteFile = _ => throw new IOException("the disk fails");
        sweep.Sweep();
        Assert.DoesNotContain(_told.Take(), happened => happened.Type == "retention.atRisk");
        Assert.Equal(3, Files);
    }

    private RetentionSweep Sweep(RecorderOptions options)
    {
        _pool.Dispose();
        _pool = StoragePools.Open(_pool.Main.Root, StorageSettings.None, options, _time);
        return new(
            _pool, _folders, _journal, new OpenSegments(), _policies, _kept, new UnfinishedExports(), new RetentionForecast(_ledger, _time), _told.Events, options, _time,
            NullLogger<RetentionSweep>.Instance);
    }

    private void Record(string cameraId, int day)
    {
        var row = Rows.Segment(_pool.Layout, cameraId, day * 8640, closed: true, version: 3);
        Directory.CreateDirectory(Path.GetDirectoryName(row.Path)!);
        File.WriteAllBytes(row.Path, new byte[1000]);
        File.SetLastWriteTimeUtc(row.Path, row.To.UtcDateTime);
    }

    private int Files => Directory.GetFiles(_pool.Layout.Main.FolderOf("cam1"), "*.mp4", SearchOption.AllDirectories).Length;

    private void Limit(double days, long maxBytes = 0) =>
        _policies.Set("cam1", "main", new RetentionPolicy(MinAge: default, TimeSpan.FromDays(days), maxBytes));
}
