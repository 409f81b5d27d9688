using System.Globalization;
using System.Net;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Recorder.Tests.Playback;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;
using CodedFootage = Vms.Recorder.Tests.Support.Footage;

namespace Vms.Recorder.Tests.Pictures;

/// <summary>Small pictures for looking through the past: stored beside their segment, made when somebody looks until then.</summary>
public sealed class PreviewTests
{
    private static readonly FootageSpec s_footage = FootageSpec.Small;      // a keyframe a second

    [Fact]
    public async Task One_picture_for_each_interval_is_stored_and_shown_until_the_next()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 25 * 25);
        await StoreAsync(rig);
        Assert.True(File.Exists(PreviewFile.PathOf(file.Path)));
        Assert.Equal([0, 0, 10, 20, 20], await ShownAsync(rig, 0, 9.5, 10, 20.04, 24.9));
        using var directory = new TestDirectory();
        await File.WriteAllBytesAsync(directory["preview.jpg"], await rig.Http.GetByteArrayAsync(Url(rig, 3)));
        var picture = await FfProbe.InspectAsync(directory["preview.jpg"]);
        Assert.Equal((320, 180), (picture.Width, picture.Height));
    }

    [Fact]
    public async Task A_picture_made_when_somebody_looks_is_the_one_that_is_stored_then()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 25 * 15);
        byte[] made = await rig.Http.GetByteArrayAsync(Url(rig, 13));
        Assert.False(File.Exists(PreviewFile.PathOf(file.Path)));
        Assert.Equal(1, rig.Previews.Waiting);      // and it is stored from now on
        await StoreAsync(rig);
        Assert.True(File.Exists(PreviewFile.PathOf(file.Path)));
        Assert.Equal(made, await rig.Http.GetByteArrayAsync(Url(rig, 13)));
    }

    [Fact]
    public async Task A_segment_that_is_being_written_shows_the_pictures_that_it_will_keep()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var recording = rig.Begin(await CodedFootage.LoadAsync(), 0);
        recording.Append(25 * 12);
        Assert.Equal([0, 10], await ShownAsync(rig, 9.5, 11.5));
        recording.Append(25 * 3);
        Assert.Equal([0, 10], await ShownAsync(rig, 9.5, 14.5));
        Assert.Equal(0, rig.Previews.Waiting);
    }

    [Fact]
    public async Task In_a_hole_there_is_none_unless_the_first_one_behind_it_is_asked_for()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var footage = await VideoFootage.LoadAsync(s_footage);
        await rig.RecordAsync(footage, 0, 25 * 12);
        await rig.RecordAsync(footage, 25 * 33, 25 * 12);
        await StoreAsync(rig);
        Assert.Equal([10, null, null, 33, 33, 43], await ShownAsync(rig, 11, 15, 32, 33, 42.9, 44));
        Assert.Null(await ShownAtAsync(rig, 15, within: 17));
        Assert.Equal(33, await ShownAtAsync(rig, 15, within: 19));
    }

    [Fact]
    public async Task The_first_picture_behind_a_hole_inside_a_segment_is_its_own()
    {
        await using var rig = await PlaybackRig.StartAsync();
        await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 250);
        var table = Table((await rig.SegmentsAsync())[0]);
        // Three seconds are missing, well within the interval.
        Vms.Containers.FragmentEntry[] holed = [.. table[..2], .. table[5..]];
        Assert.Equal([0, 5], PreviewGrid.Of(holed, TimeSpan.FromSeconds(10)).Select(f => (int)Math.Round((f.CaptureTimeUs - table[0].CaptureTimeUs) / 1e6)));
    }

    [Fact]
    public async Task A_file_that_is_not_whole_counts_as_none_and_is_made_again()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 25 * 15);
        await StoreAsync(rig);
        string path = PreviewFile.PathOf(file.Path);
        byte[] whole = await File.ReadAllBytesAsync(path);
        byte[] flipped = [.. whole];
        flipped[^30] ^= 1;      // in the table
        foreach (byte[] bad in (byte[][])[[], whole[..^1], whole[..100], flipped])
        {
            await File.WriteAllBytesAsync(path, bad);
            Assert.Equal([10], await ShownAsync(rig, 12));
            await StoreAsync(rig);
            Assert.Equal(whole, await File.ReadAllBytesAsync(path));
        }
    }

    [Fact]
    public async Task A_stored_picture_that_is_damaged_is_not_shown()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var file = await rig.RecordAsync(await VideoFootage.LoadAsync(s_footage), 0, 25 * 5);
        await StoreAsync(rig);
        byte[] stored = await rig.Http.GetByteArrayAsync(Url(rig, 2));
        byte[] bytes = await File.ReadAllBytesAsync(PreviewFile.PathOf(file.Path));
        bytes[2000] ^= 1;       // in the first picture
        await File.WriteAllBytesAsync(PreviewFile.PathOf(file.Path), bytes);

        Assert.Null(await PreviewFile.ReadAsync(file.Path, UnixTime.ToMicroseconds(PlaybackRig.Start.AddSeconds(2)), keyOf: null, CancellationToken.None));
        Assert.Equal(stored, await rig.Http.GetByteArrayAsync(Url(rig, 2)));
    }

    [Fact]
    public async Task What_is_begun_and_not_finished_leaves_nothing()
    {
        using var directory = new TestDirectory();
        using (var writer = new PreviewFile.Writer(directory["a.mp4"]))
        {
            writer.Add(1, new byte[10]);
        }

        Assert.Empty(Directory.GetFiles(directory.Path));
        Assert.False(await PreviewFile.IsWholeAsync(directory["a.mp4"], CancellationToken.None));
    }

    [Fact]
    public async Task Recorded_segments_get_previews_that_go_with_their_segment()
    {
        await using var rig = await new RecorderRig(settings: ["--VMS_PREVIEW_SECONDS=2"]).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await CodedFootage.LoadAsync(), DateTimeOffset.UtcNow.AddDays(-1));
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(25 * 25);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        var files = rig.Files("cam1");
        await Eventually.TrueAsync(() => files.All(f => File.Exists(PreviewFile.PathOf(f))));
        await Eventually.TrueAsync(() => rig.Get<PreviewMaker>().Waiting == 0);

        var archive = rig.Retention.DeleteArchive("cam1", "anna");
        Assert.Equal(files.Count, archive.Segments);
        Assert.All(files, f => Assert.False(Directory.Exists(Path.GetDirectoryName(f))));
    }

    [Fact]
    public async Task Previews_that_were_left_behind_do_not_keep_their_folder()
    {
        await using var rig = await new RecorderRig(settings: ["--VMS_PREVIEW_SECONDS=0"]).StartAsync();
        using var feed = new CameraFeed(rig.Logs, "cam1", await CodedFootage.LoadAsync(), DateTimeOffset.UtcNow.AddDays(-1));
        await rig.RecordAsync("cam1");
        feed.Append(25 * 5);
        await rig.WrittenAsync("cam1", feed);
        await rig.StopRecordingAsync("cam1");
        string day = Path.GetDirectoryName(Assert.Single(rig.Files("cam1")))!;
        Assert.Single(Directory.GetFiles(day));     // none are stored
        await File.WriteAllBytesAsync(Path.Combine(day, "000000-0.previews"), [1]);
        await File.WriteAllBytesAsync(Path.Combine(day, "000001-0.previews.tmp"), [1]);
        rig.Retention.DeleteArchive("cam1", "anna");
        Assert.False(Directory.Exists(day));
    }

    private static async Task StoreAsync(PlaybackRig rig)
    {
        foreach (var segment in await rig.SegmentsAsync())
            rig.Previews.Offer(segment);
        using var enough = new CancellationTokenSource();
        var making = rig.Previews.RunAsync(enough.Token);
        await Eventually.TrueAsync(() => rig.Previews.Waiting == 0, TimeSpan.FromMinutes(2));
        await enough.CancelAsync();
        await making;
    }

    private static Vms.Containers.FragmentEntry[] Table(SegmentRow segment)
    {
        Assert.True(Vms.Containers.GopTable.TryDecode(segment.Gops.Span, out var table));
        return table;
    }

    private static string Url(PlaybackRig rig, double seconds, int within = 0) =>
        $"preview.jpg?at={PlaybackRig.Time(seconds)}&within={within}&ticket={rig.Ticket}";

    private static async Task<int?[]> ShownAsync(PlaybackRig rig, params double[] seconds)
    {
        var shown = new List<int?>();
        foreach (double at in seconds)
            shown.Add(await ShownAtAsync(rig, at));
        return [.. shown];
    }

    /// <summary>Second of the picture that is shown; null when there is none.</summary>
    private static async Task<int?> ShownAtAsync(PlaybackRig rig, double seconds, int within = 0)
    {
        using var answer = await rig.Http.GetAsync(Url(rig, seconds, within));
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var at = DateTimeOffset.Parse(Assert.Single(answer.Headers.GetValues("X-Vms-Captured-At")), CultureInfo.InvariantCulture);
        return (int)Math.Round((at - PlaybackRig.Start).TotalSeconds);
    }
}
