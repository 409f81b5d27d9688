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
        Assert.Equal(ViewingLog.MaxRefusals, told.Items.Concat(log.Take(new(told.Epoch, told.Items[^1].Sequence)).Items).Count(r => r.Kind == WatchKind.Refused));
        Assert.Equal(0, told.Lost);
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

    private ViewingLog Open()
    {
        var options = new PlaneOptions
        {
            DataDirectory = _directory.Path,
            RunDirectory = _directory["run"],
            BindAddress = "127.0.0.1",
            HttpPort = 0,
            MediaPort = 0,
            PlaybackPort = 0,
            WebRtcPort = 0,
        };
        var log = new ViewingLog(options, NodeKey.LoadOrCreate(options), _time, NullLogger<ViewingLog>.Instance);
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
