using Vms.Codecs;
using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Gaps;

public sealed class CoverageTests
{
    private static readonly DateTimeOffset s_end = Rows.Start.AddSeconds(600);

    [Fact]
    public void What_is_in_a_file_or_on_the_books_is_not_missing()
    {
        var segments = new[] { Segment(0, (0, 1), (1, 1), (2, 1)), Segment(1, (10, 1), (11, 1)) };
        Assert.Empty(Coverage.Missing(segments, [Gap(3, 10)], Rows.Start, s_end, out var reached));
        Assert.Equal(Rows.Start.AddSeconds(12), reached);
    }

    [Fact]
    public void A_hole_that_nobody_booked_is_found_between_segments_and_inside_one()
    {
        var segments = new[] { Segment(0, (0, 1), (1, 1), (8, 1)), Segment(1, (15, 1)) };
        Assert.Equal([(2d, 8d), (9d, 15d)], Missing(segments, []));
    }

    [Fact]
    public void A_pause_as_short_as_those_that_are_recorded_as_a_picture_that_stands_still_is_none()
    {
        Assert.Empty(Missing([Segment(0, (0, 1), (2.9, 1))], []));
        // A camera of one picture in five seconds, which took fifteen once.
        Assert.Empty(Missing([Segment(0, samples: 1, (0, 5), (5, 5), (25, 5))], []));
        // Each of its pictures is a fragment that does not know how long it lasts.
        Assert.Empty(Missing([Segment(0, samples: 1, (0, 0.04), (5, 0.04), (10, 0.04), (15.2, 0.04))], []));
        Assert.Equal([(10.04, 70d)], Missing([Segment(0, samples: 1, (0, 0.04), (5, 0.04), (10, 0.04), (70, 0.04))], []));
    }

    [Fact]
    public void What_a_clock_that_was_set_back_recorded_twice_is_not_missing()
    {
        var segments = new[] { Segment(0, [.. Enumerable.Range(0, 60).Select(i => ((double)i, 1d))]), Segment(1, (20, 1), (21, 1)) };
        Assert.Empty(Missing(segments, []));
    }

    [Fact]
    public void Whatever_is_taken_away_is_found_and_nothing_else()
    {
        var random = new Random(20261130);
        for (int round = 0; round < 300; round++)
        {
            // Seconds of a ten-minute range: 'r' in a fragment, 'g' on the books, '-' neither.
            char[] seconds = Enumerable.Repeat('r', 600).ToArray();
            for (int i = random.Next(6); i > 0; i--)
            {
                seconds.AsSpan(random.Next(500), random.Next(1, 90)).Fill(random.Next(2) == 0 ? 'g' : '-');
            }

            seconds[0] = seconds[^1] = 'r';
            var segments = Runs(seconds, 'r').SelectMany(Cut).Select((run, i) => Segment(i, [.. Enumerable.Range(run.From, run.To - run.From).Select(s => ((double)s, 1d))])).ToList();
            var gaps = Runs(seconds, 'g').Select(run => Gap(run.From, run.To)).ToList();
            var expected = Runs(seconds, '-').Where(run => run.To - run.From > 2).Select(run => ((double)run.From, (double)run.To));
            Assert.Equal(expected, Missing(segments.OrderBy(_ => random.Next()), gaps.OrderBy(_ => random.Next())));
        }

        IEnumerable<(int From, int To)> Cut((int From, int To) run)
        {
            for (int from = run.From; from < run.To;)
            {
                int to = Math.Min(run.To, from + random.Next(1, 60));
                yield return (from, to);
                from = to;
            }
        }
    }

    [Fact]
    public async Task An_hour_that_is_missing_without_a_word_becomes_a_gap_and_an_event_once()
    {
        var postgres = await PrivatePostgres.SharedAsync();
        await using var rig = await new RecorderRig(await postgres.CreateDatabaseAsync()).StartAsync();
        await Eventually.TrueAsync(() => rig.Get<IndexApplier>().Available);
        var audit = rig.Get<CoverageAudit>();
        await audit.StopAsync(CancellationToken.None);
        using var feed = new CameraFeed(rig.Logs, "cam1", await Footage.LoadAsync(), Rows.Start);
        await rig.RecordAsync("cam1", segmentSeconds: 10);
        feed.Append(20 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);
        await audit.AuditAsync("cam1", "main", CancellationToken.None);

        // A fault of the recorder's own, as nobody foresaw it: the books are moved on, and no gap says so.
        await rig.StopRecordingAsync("cam1");
        var ledger = rig.Ledgers.Of("cam1", "main");
        var (lost, back) = (feed.Now, feed.Now.AddHours(1));
        feed.Interrupt(TimeSpan.FromHours(1), GapCause.None, restartClock: true);
        ledger.Restore(ledger.Written with { EndUs = UnixTime.ToMicroseconds(back) }, default);
        await rig.RecordAsync("cam1", segmentSeconds: 10, adjust: s => s.Generation = 9);
        feed.Append(30 * Footage.FramesPerSecond);
        await rig.WrittenAsync("cam1", feed);

        var forgotten = (await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None)).Where(g => g.To - g.From > TimeSpan.FromMinutes(1));
        Assert.Empty(forgotten);
        await audit.AuditAsync("cam1", "main", CancellationToken.None);
        await audit.AuditAsync("cam1", "main", CancellationToken.None);

        var gap = Assert.Single(await rig.Index.GapsAsync("cam1", "main", Rows.Start, feed.Now, CancellationToken.None), g => g.Cause == GapCause.Unaccounted);
        Assert.Equal(lost, gap.From, TimeSpan.FromSeconds(1));
        Assert.Equal(back, gap.To, TimeSpan.FromSeconds(1));
        Assert.Equal((gap.To - gap.From).TotalSeconds, ledger.LostSeconds(GapCause.Unaccounted), 0.001);
    }

    private static List<(double From, double To)> Missing(IEnumerable<SegmentRow> segments, IEnumerable<GapRow> gaps) =>
    [
        .. Coverage.Missing(segments, gaps, Rows.Start, s_end, out _).Select(m => (SecondsOf(m.FromUs), SecondsOf(m.ToUs))),
    ];

    private static double SecondsOf(long us) => (us - UnixTime.ToMicroseconds(Rows.Start)) / 1e6;

    private static SegmentRow Segment(int number, params (double At, double Seconds)[] fragments) => Segment(number, samples: 25, fragments);

    private static SegmentRow Segment(int number, int samples, params (double At, double Seconds)[] fragments)
    {
        var row = Rows.Segment(new ArchiveLayout("/nowhere"), "cam1", number, closed: true, version: 1);
        var table = fragments.Select((f, i) => new FragmentEntry(
            1000 + (i * 100), 100, i * 90_000, (int)(f.Seconds * 90_000), samples, true, UnixTime.ToMicroseconds(Rows.Start) + (long)(f.At * 1e6))).ToArray();
        return row with { Gops = GopTable.Encode(table) };
    }

    private static GapRow Gap(double from, double to) => Rows.Gap("cam1", (int)from, 1) with { From = Rows.Start.AddSeconds(from), To = Rows.Start.AddSeconds(to) };

    private static IEnumerable<(int From, int To)> Runs(char[] seconds, char kind)
    {
        for (int from = 0; from < seconds.Length;)
        {
            int to = from;
            while (to < seconds.Length && seconds[to] == seconds[from]) to++;
            if (seconds[from] == kind) yield return (from, to);
            from = to;
        }
    }
}
