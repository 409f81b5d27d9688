using Vms.Codecs;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Gaps;

public sealed class StreamLedgerTests
{
    private static readonly WrittenPosition s_behind = new(Epoch: 7, LastSequence: 100, EndUs: 1_000_000);

    private readonly ManualTimeProvider _time = new(Rows.Start);

    [Fact]
    public void Silence_is_an_open_gap_that_grows_until_samples_come()
    {
        var ledger = Begun();
        Record(ledger, seconds: 4);
        ledger.SampleSeen(0);
        Assert.Null(ledger.CurrentOutage());
        _time.Advance(TimeSpan.FromSeconds(10));
        var outage = ledger.CurrentOutage();
        Assert.NotNull(outage);
        Assert.True(outage.Open);
        Assert.Equal(GapCause.CameraOffline, outage.Cause);
        Assert.Equal(Rows.Start.AddSeconds(4), outage.From);
        Assert.Equal(_time.GetUtcNow(), outage.To);

        _time.Advance(TimeSpan.FromSeconds(5));
        ledger.OutageIs(GapCause.DiskFull);
        Assert.Equal(GapCause.DiskFull, ledger.CurrentOutage()!.Cause);
        Assert.Equal(outage.Id, ledger.CurrentOutage()!.Id);
        ledger.SampleSeen(0);
        Assert.Null(ledger.CurrentOutage());
    }

    [Fact]
    public void A_recording_that_was_ended_has_no_outage()
    {
        var ledger = Begun();
        ledger.End();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(ledger.CurrentOutage());
    }

    [Fact]
    public void The_books_balance_whatever_capture_times_jitter()
    {
        var ledger = Begun();
        var random = new Random(3);
        long at = UnixTime.ToMicroseconds(Rows.Start);
        long began = at;
        for (int i = 0; i < 1000; i++)
        {
            if (random.Next(20) == 0)
            {
                long lost = random.Next(1_000_000, 9_000_000);
                ledger.Lost(ledger.GapRowOf(ledger.Written, ledger.Written.EndUs, ledger.Written.EndUs + lost, GapCause.PacketLoss, open: false));
                at = ledger.Written.EndUs;
            }

            ledger.Recorded(Fragment(at + random.Next(-3000, 3000), i), chain: default);
            at += 1_000_000;
        }

        double wall = (ledger.Written.EndUs - began) / 1e6;
        Assert.Equal(wall, ledger.RecordedSeconds + ledger.LostSeconds(GapCause.PacketLoss), 0.001);
    }

    [Fact]
    public void The_same_gap_booked_twice_has_the_same_id_and_another_has_not()
    {
        var ledger = Begun();
        var gap = ledger.GapRowOf(s_behind, 1_000_000, 5_000_000, GapCause.MediaRestart, open: false);
        Assert.Equal(gap.Id, ledger.GapRowOf(s_behind, 1_000_000, 9_000_000, GapCause.MediaRestart, open: false).Id);
        Assert.NotEqual(gap.Id, ledger.GapRowOf(s_behind, 1_000_001, 5_000_000, GapCause.MediaRestart, open: false).Id);
        Assert.NotEqual(gap.Id, ledger.GapRowOf(s_behind with { LastSequence = 200 }, 1_000_000, 5_000_000, GapCause.MediaRestart, open: false).Id);
        Assert.NotEqual(gap.Id, new StreamLedger("cam2", "main", _time).GapRowOf(s_behind, 1_000_000, 5_000_000, GapCause.MediaRestart, open: false).Id);
    }

    private StreamLedger Begun()
    {
        var ledger = new StreamLedger("cam1", "main", _time);
        ledger.Begin(UnixTime.ToMicroseconds(Rows.Start));
        return ledger;
    }

    private static void Record(StreamLedger ledger, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            ledger.Recorded(Fragment(UnixTime.ToMicroseconds(Rows.Start.AddSeconds(i)), i), chain: default);
        }
    }

    private static FragmentHeader Fragment(long captureUs, int number) => new(
        1, 42, (number * 25) + 1, (number + 1) * 25, captureUs, captureUs + 960_000, number * 90_000L, 90_000, 25, true, (uint)number + 1, 1000);
}
