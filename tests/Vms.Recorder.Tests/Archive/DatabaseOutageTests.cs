using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Archive;

public sealed class DatabaseOutageTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Recording_goes_on_while_PostgreSQL_is_dead_and_the_index_is_complete_once_it_is_back()
    {
        await using var postgres = await PrivatePostgres.StartAsync(durable: true);
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(30 * 25);
        await rig.WrittenAsync("cam1", feed);
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        var outageBegan = feed.Now;

        await postgres.KillAsync();
        feed.Append(30 * 25);
        await rig.WrittenAsync("cam1", feed);
        var known = await rig.Index.FindAsync("cam1", "main", outageBegan.AddSeconds(10), feed.Now, CancellationToken.None);
        Assert.Equal(feed.Now, known[^1].To);
        Assert.All(known, s => Assert.False(s.Gops.IsEmpty));
        await Assert.ThrowsAsync<IndexUnavailableException>(
            () => rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None).AsTask());

        // The recorder, too, may die and start while the database is away.
        await rig.StopAsync();
        await rig.StartAsync();
        feed.Append(10 * 25);
        await rig.WrittenAsync("cam1", feed);

        await postgres.RestartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0, TimeSpan.FromSeconds(30));
        var rows = await rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        Assert.Equal(rig.Files("cam1"), rows.Select(r => r.Path));
        long sequence = 1;
        foreach (var row in rows)
        {
            Assert.Equal(sequence, row.FirstSequence);
            sequence = row.LastSequence + 1;
        }

        Assert.Equal(feed.Log.NextSequence, sequence);
        Assert.Empty(await rig.Index.GapsAsync("cam1", "main", s_start, feed.Now, CancellationToken.None));
    }

    [Fact]
    public async Task The_index_is_rebuilt_from_the_files_alone()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        using var data = new TestDirectory();
        IReadOnlyList<SegmentRow> before;
        DateTimeOffset end;
        await using (var rig = await new RecorderRig(await postgres.CreateDatabaseAsync(), data.Path).StartAsync())
        {
            using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
            await rig.RecordAsync("cam1", segmentSeconds: 10);
            feed.Append(45 * 25);
            await rig.WrittenAsync("cam1", feed);
            await rig.StopRecordingAsync("cam1");
            end = feed.Now;
            before = await rig.Index.FindAsync("cam1", "main", s_start, end, CancellationToken.None);
        }

        // Another, empty database; a row without a file; a file of somebody else.
        File.WriteAllText(Path.Combine(data.Path, "recordings", "cam1", "main", "2026-03-01", "notes.txt"), "not ours");
        await using (var rig = await new RecorderRig(await postgres.CreateDatabaseAsync(), data.Path).StartAsync())
        {
            await Eventually.TrueAsync(async () =>
                rig.Get<IndexApplier>().Available
                && (await rig.Index.FindAsync("cam1", "main", s_start, end, CancellationToken.None)).Count == before.Count);
            var after = await rig.Index.FindAsync("cam1", "main", s_start, end, CancellationToken.None);
            foreach (var (was, now) in before.Zip(after))
            {
                Assert.Equal(was with { Gops = default, Tracks = [] }, now with { Gops = default, Tracks = [] });
                Assert.Equal(was.Gops.ToArray(), now.Gops.ToArray());
                Assert.Equal(was.Tracks, now.Tracks);
            }

            File.Delete(after[1].Path);
            await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None);
            await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
            var rest = await rig.Index.FindAsync("cam1", "main", s_start, end, CancellationToken.None);
            Assert.Equal(before.Count - 1, rest.Count);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_file_that_was_missing_and_comes_back_is_kept_and_in_the_index_again(bool applied)
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), s_start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(45 * 25);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available && rig.Get<IndexJournal>().Count == 0);
        var before = await rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        string away = Path.Combine(rig.Data, "away.mp4");

        File.Move(before[1].Path, away);
        await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None);
        if (applied)
        {
            await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
            Assert.Equal(before.Count - 1, (await rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None)).Count);
        }

        File.Move(away, before[1].Path);
        await rig.Get<IndexRebuild>().RunAsync(everyFile: false, CancellationToken.None);
        Assert.True(File.Exists(before[1].Path));
        await Eventually.TrueAsync(() => rig.Get<IndexJournal>().Count == 0);
        var after = await rig.Index.FindAsync("cam1", "main", s_start, feed.Now, CancellationToken.None);
        Assert.Equal(before.Select(s => (s.Id, s.Version)), after.Select(s => (s.Id, s.Version)));
        Assert.All(after, s => Assert.False(s.Gops.IsEmpty));
    }
}
