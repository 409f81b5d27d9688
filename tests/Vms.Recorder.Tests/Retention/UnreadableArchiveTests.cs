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

/// <summary>Folders and files that this user may not read or delete cost only themselves.</summary>
public sealed class UnreadableArchiveTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(Rows.Start.AddDays(30));
    private readonly Complaints _log = new();
    private StoragePools _pool;
    private readonly ArchiveFolders _folders;
    private readonly IndexJournal _journal;
    private readonly GapLedger _ledger;
    private readonly RetentionPolicies _policies = new();
    private readonly KeptFootage _kept;
    private readonly ToldEvents _told = new();
    private readonly RetentionSweep _sweep;

    public UnreadableArchiveTests()
    {
        _pool = StoragePools.Open(_directory.Create("pool"), StorageSettings.None, new RecorderOptions(), _time);
        _folders = new ArchiveFolders(_pool.Layout, new Complaints<ArchiveFolders>(_log));
        _journal = IndexJournal.Open(_pool.Layout, NullLogger.Instance);
        _ledger = new GapLedger(_time);
        _kept = KeptFootage.Open(_pool.Layout, NullLogger.Instance);
        _kept.Apply(new KeptRanges { Generation = 1 });
        _sweep = Sweep(_policies, new RecorderOptions { MinFreeBytes = 0, HeadroomHours = 0 });
    }

    public void Dispose()
    {
        foreach (string folder in Directory.GetDirectories(_pool.Layout.Root, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(folder, Unprivileged.All);
        }

        _sweep.Dispose();
        _told.Dispose();
        _ledger.Dispose();
        _journal.Dispose();
        _folders.Dispose();
        _pool.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_passed_over_told_once_and_looked_at_again()
    {
        string hidden = Record("cam1", days: 2);
        Record("cam2", days: 2);
        File.SetUnixFileMode(Path.GetDirectoryName(hidden)!, Unprivileged.None);

        Unprivileged.Run(_sweep.Sweep);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Single(_log.Lines);
        Assert.Empty(Files("cam2"));
        Assert.Equal([hidden], Files("cam1"));     // the camera's other day went

        File.SetUnixFileMode(Path.GetDirectoryName(hidden)!, Unprivileged.All);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Empty(Files("cam1"));
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void A_folder_that_could_not_be_read_and_is_gone_is_unreadable_no_more()
    {
        string hidden = Path.GetDirectoryName(Record("cam1", days: 2))!;
        File.SetUnixFileMode(hidden, Unprivileged.None);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Equal(1, _folders.UnreadableIn(_pool.Layout.Root));
        Directory.Delete(hidden, recursive: true);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Equal(0, _folders.UnreadableIn(_pool.Layout.Root));

        Record("cam2", days: 1);
        File.SetUnixFileMode(_pool.Layout.Main.FolderOf("cam2"), Unprivileged.None);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Equal(1, _folders.UnreadableIn(_pool.Layout.Root));
        Directory.Delete(_pool.Layout.Main.FolderOf("cam2"), recursive: true);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Equal(0, _folders.UnreadableIn(_pool.Layout.Root));
    }

    [Fact]
    public void A_camera_whose_folder_cannot_be_read_stops_no_other()
    {
        Record("cam1", days: 1);
        Record("cam2", days: 1);
        File.SetUnixFileMode(_pool.Layout.Main.FolderOf("cam1"), Unprivileged.None);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Single(_log.Lines);
        Assert.Empty(Files("cam2"));
        Assert.Single(Files("cam1"));
    }

    [Fact]
    public void A_file_that_cannot_be_deleted_stops_no_other_and_is_tried_again_after_a_while()
    {
        string kept = Record("cam1", days: 2);
        File.SetUnixFileMode(Path.GetDirectoryName(kept)!, Unprivileged.ReadOnly);

        Unprivileged.Run(_sweep.Sweep);
        Assert.Equal([kept], Files("cam1"));
        Assert.Single(_log.Lines);
        Assert.Equal(1, _journal.Count);       // what stays is not on the books as deleted: it can be played

        // Now it could be deleted, but a sweep every 15 s does not try each time.
        File.SetUnixFileMode(Path.GetDirectoryName(kept)!, Unprivileged.All);
        Unprivileged.Run(_sweep.Sweep);
        Assert.Equal([kept], Files("cam1"));
        _time.Advance(TimeSpan.FromMinutes(11));
        Unprivileged.Run(_sweep.Sweep);
        Assert.Empty(Files("cam1"));
        Assert.Equal(2, _journal.Count);
    }

    [Fact]
    public void When_nothing_can_be_deleted_nothing_is_hidden_and_it_goes_on_as_soon_as_it_can()
    {
        Record("cam1", days: 20);
        foreach (string day in Directory.GetDirectories(_pool.Layout.Main.FolderOf("cam1", "main")))
        {
            File.SetUnixFileMode(day, Unprivileged.ReadOnly);
        }

        using var sweep = Sweep(new RetentionPolicies(), new RecorderOptions { MinFreeBytes = 0, HeadroomHours = 0 });
        bool room = true;
        for (int i = 0; i < 3; i++)
        {
            Unprivileged.Run(() => room = sweep.MakeRoom(_pool.Main, 500));
            Assert.False(room);
        }

        Assert.Equal(20, Files("cam1").Count);
        Assert.Equal(0, _journal.Count);
        Assert.Equal(3, _log.Lines.Count(l => l.Contains("Cannot delete", StringComparison.Ordinal)));
        foreach (string day in Directory.GetDirectories(_pool.Layout.Main.FolderOf("cam1", "main")))
        {
            File.SetUnixFileMode(day, Unprivileged.All);
        }

        // What failed a moment ago is left alone, for seconds only; the others go at once.
        Unprivileged.Run(() => room = sweep.MakeRoom(_pool.Main, 500));
        Assert.True(room);
        Assert.Equal(9, Files("cam1").Count);
        _time.Advance(TimeSpan.FromSeconds(16));
        Unprivileged.Run(() => room = sweep.MakeRoom(_pool.Main, 500));
        Assert.True(room);
        Assert.Empty(Files("cam1"));
    }

    [Fact]
    public void A_folder_full_of_files_that_cannot_be_deleted_does_not_hide_what_lies_behind_it()
    {
        string first = Record("cam1", days: 1);
        string day = Path.GetDirectoryName(first)!;
        for (int i = 1; i < 30; i++)
        {
            var row = Rows.Segment(_pool.Layout, "cam1", i, closed: true, version: 3);
            File.WriteAllBytes(row.Path, new byte[1000]);
            File.SetLastWriteTimeUtc(row.Path, row.To.UtcDateTime);
        }

        Record("cam1", days: 2);
        File.SetUnixFileMode(day, Unprivileged.ReadOnly);
        for (int i = 0; i < 12; i++)
        {
            Unprivileged.Run(_sweep.Sweep);
        }

        Assert.Equal(30, Files("cam1").Count);     // the next day's went
    }

    [Fact]
    public void Room_is_made_with_what_can_be_read_and_deleted()
    {
        string kept = Record("cam1", days: 1);
        string hidden = Record("cam2", days: 1);
        Record("cam3", days: 3);
        using var sweep = Sweep(new RetentionPolicies(), new RecorderOptions { MinFreeBytes = 0, HeadroomHours = 0, PoolBytes = 2500 });
        File.SetUnixFileMode(Path.GetDirectoryName(kept)!, Unprivileged.ReadOnly);
        File.SetUnixFileMode(Path.GetDirectoryName(hidden)!, Unprivileged.None);
        Unprivileged.Run(sweep.Sweep);
        Assert.Equal((1, 1, 1), (Files("cam1").Count, Files("cam2").Count, Files("cam3").Count));
    }

    [Fact]
    public void Newer_video_does_not_go_in_place_of_what_cannot_be_deleted()
    {
        string kept = Record("cam1", days: 3);
        File.SetUnixFileMode(Path.GetDirectoryName(kept)!, Unprivileged.ReadOnly);
        _policies.Set("cam1", "main", new RetentionPolicy(MinAge: default, TimeSpan.Zero, MaxBytes: 2000));
        for (int i = 0; i < 3; i++)
        {
            Unprivileged.Run(_sweep.Sweep);
        }

        Assert.Equal(3, Files("cam1").Count);
    }

    [Fact]
    public void An_archive_is_not_deleted_before_its_last_file_is()
    {
        string kept = Record("cam1", days: 2);
        File.SetUnixFileMode(Path.GetDirectoryName(kept)!, Unprivileged.ReadOnly);
        DeletedArchive done = default;
        Unprivileged.Run(() => done = _sweep.DeleteArchive("cam1", "somebody"));
        Assert.Equal(new DeletedArchive(1, 1000, 1, 0, 0), done);
        Unprivileged.Run(() => done = _sweep.DeleteArchive("cam1", "somebody"));
        Assert.Equal(new DeletedArchive(0, 0, 1, 0, 0), done);

        Record("cam2", days: 1);
        File.SetUnixFileMode(_pool.Layout.Main.FolderOf("cam2"), Unprivileged.None);
        Unprivileged.Run(() => done = _sweep.DeleteArchive("cam2", "somebody"));
        Assert.Equal(new DeletedArchive(0, 0, 1, 0, 0), done);
    }

    private RetentionSweep Sweep(RetentionPolicies policies, RecorderOptions options)
    {
        _pool.Dispose();
        _pool = StoragePools.Open(_pool.Main.Root, StorageSettings.None, options, _time);
        return new(
            _pool, _folders, _journal, new OpenSegments(), policies, _kept, new UnfinishedExports(), new RetentionForecast(_ledger, _time), _told.Events, options, _time, new Complaints<RetentionSweep>(_log));
    }

    /// <summary>A file of 1000 bytes a day, all of them older than the camera's limit.</summary>
    /// <returns>The oldest.</returns>
    private string Record(string cameraId, int days)
    {
        var paths = new List<string>();
        for (int day = 0; day < days; day++)
        {
            var row = Rows.Segment(_pool.Layout, cameraId, day * 8640, closed: true, version: 3);
            Directory.CreateDirectory(Path.GetDirectoryName(row.Path)!);
            File.WriteAllBytes(row.Path, new byte[1000]);
            File.SetLastWriteTimeUtc(row.Path, row.To.UtcDateTime);
            paths.Add(row.Path);
        }

        // Whatever user the tests run as, it is not the one that sweeps.
        foreach (string folder in Directory.GetDirectories(_pool.Layout.Root, "*", SearchOption.AllDirectories).Append(_pool.Layout.Root))
        {
            File.SetUnixFileMode(folder, Unprivileged.All);
        }

        _policies.Set(cameraId, "main", new RetentionPolicy(MinAge: default, TimeSpan.FromDays(7), MaxBytes: 0));
        return paths[0];
    }

    private List<string> Files(string cameraId) =>
        [.. Directory.GetFiles(_pool.Layout.Main.FolderOf(cameraId), "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
