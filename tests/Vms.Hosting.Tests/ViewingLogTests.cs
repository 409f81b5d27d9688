using Microsoft.Extensions.Logging.Abstractions;
using Vms.Testing;

namespace Vms.Hosting.Tests;

/// <summary>The book of who watched, by a clock that the test moves.</summary>
public sealed class ViewingLogTests : IDisposable
{
    private static readonly DateTimeOffset s_past = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Viewer _anna = new("anna", null, Guid.NewGuid(), null, default, "default", "10.0.0.9");
    private readonly List<ViewingLog> _logs = [];

    public void Dispose()
    {
        foreach (var log in _logs)
            log.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Planes_of_one_installation_have_books_of_their_own()
    {
        var media = Open();
        media.Enter(_anna, WatchKind.Live, "1", "main", "mse", stays: true);
        Open("recorder").Dispose();
        media.Dispose();
        Assert.Empty(All(Open("recorder")));
        Assert.Single(All(Open()));
    }

    [Fact]
    public void A_viewer_who_comes_back_within_a_minute_goes_on_and_later_begins_anew()
    {
        var log = Open();
        for (int i = 0; i < 3; i++)
        {
            var watching = log.Enter(_anna, WatchKind.Live, "1", "main", "mse", stays: true);
            Pass(seconds: 100);
            log.Leave(watching);
            Pass(seconds: 50);
        }

        Assert.Empty(log.Take(new(null, 0)).Items);
        Pass(seconds: 15);
        var report = Assert.Single(log.Take(new(null, 0)).Items);
        Assert.Equal(("anna", "10.0.0.9", "1", "main", "mse", 400, 3), (report.User, report.Address, report.CameraId, report.Stream, report.Transport, report.Seconds, report.Count));
        Assert.Equal((false, false), (report.GoesOn, report.IsCutOff));

        log.Leave(log.Enter(_anna, WatchKind.Live, "1", "main", "mse", stays: true));
        Pass(seconds: 65);
        Assert.Equal(2, log.Take(new(null, 0)).Items.Count);
    }

    [Fact]
    public void Parts_and_previews_are_one_viewing_with_all_that_was_shown()
    {
        var log = Open();
        for (int i = 0; i < 100; i++)
        {
            var piece = log.Enter(_anna, WatchKind.Playback, "1", "main", "hls", stays: true)!;
            piece.Cover(s_past.AddSeconds(100 - i), s_past.AddSeconds(101 - i));
            log.Leave(piece);
            Pass(seconds: 1);
        }

        Pass(seconds: 65);
        var report = Assert.Single(log.Take(new(null, 0)).Items);
        Assert.Equal((s_past.AddSeconds(1), s_past.AddSeconds(101), 100, 99), (report.From, report.To, report.Count, report.Seconds));
    }

    [Fact]
    public void A_camera_a_transport_an_address_and_an_account_are_viewings_of_their_own()
    {
        var log = Open();
        log.Enter(_anna, WatchKind.Live, "1", "main", "hls", stays: false);
        log.Enter(_anna, WatchKind.Live, "2", "main", "hls", stays: false);
        log.Enter(_anna, WatchKind.Live, "1", "main", "dash", stays: false);
        log.Enter(_anna with { Address = "10.0.0.10" }, WatchKind.Live, "1", "main", "hls", stays: false);
        log.Enter(_anna with { AccountId = Guid.NewGuid() }, WatchKind.Live, "1", "main", "hls", stays: false);
        Pass(seconds: 65);
        Assert.Equal(5, log.Take(new(null, 0)).Items.Count);
    }

    [Fact]
    public void What_lasts_longer_than_ten_minutes_is_told_while_it_goes_on_and_once_more_at_its_end()
    {
        var log = Open();
        var watching = log.Enter(_anna, WatchKind.Live, "1", "main", "webrtc", stays: true);
        Pass(seconds: 3600);
        var first = Assert.Single(log.Take(new(null, 0)).Items);
        Assert.Equal((true, 600), (first.GoesOn, first.Seconds));
        log.Leave(watching);
        Pass(seconds: 65);
        var last = log.Take(new(null, 0)).Items[^1];
        Assert.Equal((false, 3600, first.Id), (last.GoesOn, last.Seconds, last.Id));
    }

    [Fact]
    public void What_control_has_written_down_is_forgotten_and_the_rest_told_again_also_after_a_restart()
    {
        var log = Open();
        foreach (string camera in (string[])["1", "2", "3"])
            log.Enter(_anna, WatchKind.Snapshot, camera, null, "snapshot", stays: false);
        Pass(seconds: 65);
        var told = log.Take(new(null, 0));
        Assert.Equal([1, 2, 3], told.Items.Select(i => i.Sequence));
        Assert.Equal([2, 3], log.Take(new(told.Epoch, 1)).Items.Select(i => i.Sequence));
        Assert.Equal(2, log.Take(new(Guid.NewGuid(), 3)).Items.Count);      // of another plane, or of this one before it lost its disk

        log.Dispose();
        var again = Open();
        Assert.Equal([3], again.Take(new(told.Epoch, 2)).Items.Select(i => i.Sequence));
    }

    [Fact]
    public void A_plane_that_is_killed_tells_what_was_open_as_far_as_it_knows()
    {
        var killed = Open();
        killed.Enter(_anna, WatchKind.Live, "1", "main", "rtsp", stays: true);
        Pass(seconds: 30);
        killed.Enter(_anna, WatchKind.Live, "2", "main", "rtsp", stays: true);
        Pass(seconds: 6);       // written down by now

        var reports = Open().Take(new(null, 0)).Items.OrderBy(r => r.CameraId).ToList();
        Assert.All(reports, r => Assert.Equal((true, false), (r.IsCutOff, r.GoesOn)));
        Assert.Equal(["1", "2"], reports.Select(r => r.CameraId));
        Assert.InRange(reports[0].Seconds, 30, 36);
    }

    [Fact]
    public void Whoever_guesses_fills_no_log()
    {
        var log = Open();
        for (int i = 0; i < 10_000; i++)
            log.Refuse(new Viewer("", null, Address: "10.0.0.66"), $"{i}", "invalidTicket");
        for (int i = 0; i < 1000; i++)
            log.Refuse(new Viewer("", null, Address: "10.0.0.66"), "1", "noTicket");
        Assert.NotNull(log.Enter(_anna, WatchKind.Live, "1", "main", "mse", stays: false));
        Pass(seconds: 65);
        var told = log.Take(new(null, 0));
        var refused = told.Items.Where(r => r.Kind == WatchKind.Refused).ToList();
        Assert.Equal(ViewingLog.MaxRefusalsOfAddress, refused.Count(r => r.CameraId.Length > 0));
        Assert.Equal(11_000, refused.Sum(r => r.Count));
        Assert.Equal(["invalidTicket", "noTicket"], refused.Where(r => r.CameraId.Length == 0).Select(r => r.Transport).Order(StringComparer.Ordinal));
        Assert.Equal(0, told.Lost);
    }

    [Fact]
    public void Tries_from_everywhere_for_as_long_as_control_is_away_push_no_viewing_out()
    {
        var log = Open();
        log.Enter(_anna, WatchKind.Live, "1", "main", "mse", stays: false);
        const int minutes = 11;
        for (int minute = 0; minute < minutes; minute++)
        {
            for (int i = 0; i < ViewingLog.MaxRefusals + 100; i++)
                log.Refuse(new Viewer("", null, Address: $"10.0.{i / 250}.{i % 250}"), "1", "invalidTicket");
            Pass(seconds: 65);
        }

        var told = All(log);
        Assert.Single(told, r => r.User == "anna");
        Assert.Equal(ViewingLog.MaxWaitingRefusals, told.Count(r => r.Kind == WatchKind.Refused));
        Assert.Equal((minutes * ViewingLog.MaxRefusals) - ViewingLog.MaxWaitingRefusals, log.Take(new(null, 0)).Lost);
    }

    [Fact]
    public void Tries_that_never_stop_are_told_every_minute()
    {
        var log = Open();
        for (int i = 0; i < 12; i++)
        {
            log.Refuse(new Viewer("", null, Address: "10.0.0.66"), "1", "invalidTicket");
            Pass(seconds: 50);
        }

        var told = All(log);
        Assert.InRange(told.Count, 5, 12);
        Assert.Equal(12, told.Sum(r => r.Count));
        Assert.All(told, r => Assert.InRange(r.Seconds, 0, 65));
    }

    [Fact]
    public void How_long_somebody_has_watched_is_known_to_the_minute_after_a_kill()
    {
        var killed = Open();
        killed.Enter(_anna, WatchKind.Live, "1", "main", "rtsp", stays: true);
        Pass(seconds: 300);
        Assert.InRange(Assert.Single(Open().Take(new(null, 0)).Items).Seconds, 240, 300);
    }

    [Fact]
    public void No_number_is_given_twice_also_when_the_last_ones_were_not_kept()
    {
        string state = Path.Combine(Options.StateDirectory, "media-viewings.state");
        var log = Open();
        log.Enter(_anna, WatchKind.Snapshot, "1", null, "snapshot", stays: false);
        Pass(seconds: 65);
        byte[] kept = File.ReadAllBytes(state);
        log.Enter(_anna, WatchKind.Snapshot, "2", null, "snapshot", stays: false);
        Pass(seconds: 65);
        var told = log.Take(new(null, 0));
        Assert.Equal([1, 2], told.Items.Select(i => i.Sequence));
        log.Dispose();

        File.WriteAllBytes(state, kept);
        var again = Open();
        again.Enter(_anna, WatchKind.Snapshot, "3", null, "snapshot", stays: false);
        Pass(seconds: 65);
        var report = Assert.Single(again.Take(new(told.Epoch, 2)).Items);
        Assert.Equal("3", report.CameraId);

        // And of a disk so old that control is far ahead of it.
        long ahead = report.Sequence + 1000;
        Assert.Equal(ahead + 1, Assert.Single(again.Take(new(told.Epoch, ahead)).Items).Sequence);
    }

    [Fact]
    public void Nothing_is_made_for_one_more_sign_of_a_viewer()
    {
        var log = Open();
        var watching = log.Enter(_anna, WatchKind.Live, "1", "main", "hls", stays: false)!;
        watching.Use(log.Now);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            watching.Use(log.Now);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private PlaneOptions Options => new()
    {
        DataDirectory = _directory.Path,
        RunDirectory = _directory["run"],
        BindAddress = "127.0.0.1",
        HttpPort = 0,
        MediaPort = 0,
        PlaybackPort = 0,
        WebRtcPort = 0,
    };

    /// <summary>What waits, page by page.</summary>
    private static List<ViewingReport> All(ViewingLog log)
    {
        var all = new List<ViewingReport>();
        var page = log.Take(new(null, 0));
        for (; page.Items.Count > 0; page = log.Take(new(page.Epoch, page.Items[^1].Sequence)))
            all.AddRange(page.Items);
        return all;
    }

    private ViewingLog Open(string plane = "media")
    {
        var log = new ViewingLog(Options, NodeKey.LoadOrCreate(Options), _time, NullLogger<ViewingLog>.Instance, plane);
        _logs.Add(log);
        return log;
    }

    /// <summary>In steps, as the log looks around.</summary>
    private void Pass(int seconds)
    {
        for (int passed = 0; passed < seconds; passed += 5)
            _time.Advance(TimeSpan.FromSeconds(Math.Min(5, seconds - passed)));
    }
}
