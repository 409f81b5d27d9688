using Vms.Codecs;
using Vms.Testing;

namespace Vms.StreamLog.Tests;

public sealed class GrowthTests : IDisposable
{
    private readonly LogFixture _log = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_record_above_a_quarter_of_the_log_makes_it_grow_and_nothing_is_lost()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 64 << 10 }, _time);
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        ulong firstEpoch = writer.Epoch;
        for (int i = 0; i < 50; i++)
            TestSamples.AppendNext(writer);

        Assert.Equal(AppendResult.Appended, TestSamples.AppendNext(writer, length: 300_000));

        Assert.Equal(1, writer.Growths);
        Assert.NotEqual(firstEpoch, writer.Epoch);
        Assert.True(writer.CapacityBytes >= 4 * 300_000);
        Assert.Equal(52, writer.NextSequence);
        Assert.Equal((51L, 0L, 1), Drain(reader));
        Assert.Equal(writer.Epoch, reader.Epoch);
        Assert.False(reader.MovedToNewLineage);
    }

    [Fact]
    public void A_reader_far_behind_moves_through_several_growths_without_loss()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 1 << 20 }, _time);
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        foreach (int length in new[] { 1000, 300_000, 1000, 2_000_000, 1000, 10_000_000, 1000 })
        {
            for (int i = 0; i < 20; i++)
                TestSamples.AppendNext(writer, i == 0 ? length : 1000);
        }

        Assert.Equal(3, writer.Growths);
        (long read, long lost, int _) = Drain(reader);
        Assert.Equal(140, read);
        Assert.Equal(0, lost);
    }

    [Fact]
    public void Keyframes_tracks_and_old_references_stay_valid_in_the_grown_log()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 64 << 10 }, _time);
        writer.SetTracks([TestSamples.Audio, TestSamples.Video with { Id = 2 }]);
        writer.SetTracks([TestSamples.Video]);
        ulong firstEpoch = writer.Epoch;
        for (int i = 0; i < 35; i++)
            TestSamples.AppendNext(writer);
        TestSamples.AppendNext(writer, length: 100_000);    // 36
        ulong secondEpoch = writer.Epoch;
        TestSamples.AppendNext(writer, length: 1_000_000);  // 37
        Assert.Equal(2, writer.Growths);

        using StreamLogReader reader = _log.OpenReader();
        Assert.True(reader.SeekToLastKeyframe());
        Assert.Equal(31, reader.NextSequence);
        Assert.True(reader.SeekTo(firstEpoch, 12));
        Assert.Equal(12, reader.NextSequence);
        Assert.True(reader.SeekTo(secondEpoch, 37));
        Assert.Equal(37, reader.NextSequence);
        Assert.False(reader.SeekTo(firstEpoch, 37));   // the first epoch never reached that number
        Assert.Equal(2u, reader.LatestTracksVersion);
        Assert.True(reader.TryGetTracks(1, out IReadOnlyList<TrackInfo> tracks));
        Assert.Equal(2, tracks.Count);
    }

    [Fact]
    public void A_reader_still_in_the_old_file_finds_a_reference_into_the_new_one()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 64 << 10 }, _time);
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        TestSamples.AppendNext(writer, length: 100_000);
        TestSamples.AppendNext(writer);

        Assert.NotEqual(writer.Epoch, reader.Epoch);
        Assert.True(reader.SeekTo(writer.Epoch, 2));
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.Equal(2, lease.Sequence);
    }

    [Fact]
    public void The_log_grows_to_what_bitrate_and_keyframe_distance_ask_for()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 1 << 20, OutageBudget = TimeSpan.FromSeconds(30) }, _time);
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader(_time);
        long read = 0, lost = 0;

        // 25 samples of 10 000 bytes per second, a keyframe every 2 s: (30 + 2 × 2 + 5) s × 250 kB/s × 1.25 = 12.2 MB.
        WaitForGrowth(writer, () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(40));
            TestSamples.AppendNext(writer, length: 10_000, gop: 50);
            (long readNow, long lostNow, int _) = Drain(reader);
            read += readNow;
            lost += lostNow;
        }, () => writer.CapacityBytes >= 12_000_000);

        Assert.InRange(writer.CapacityBytes, 12_000_000, 20_000_000);
        Assert.Equal(writer.NextSequence - 1, read);
        Assert.Equal(0, lost);
    }

    [Fact]
    public void Samples_that_arrive_late_and_all_at_once_do_not_make_the_log_larger_than_their_bitrate_asks_for()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 4 << 20, OutageBudget = TimeSpan.FromSeconds(30) }, _time);
        writer.SetTracks([TestSamples.Video]);

        // 250 kB a second as before, but every 5 s: 125 samples without a moment between them.
        int sent = 0;
        WaitForGrowth(writer, () =>
        {
            if (sent++ % 125 == 0)
                _time.Advance(TimeSpan.FromSeconds(5));
            TestSamples.AppendNext(writer, length: 10_000, gop: 50);
        }, () => sent > 125 * 30 && writer.CapacityBytes > 4 << 20);

        Assert.InRange(writer.CapacityBytes, 12_000_000, 14_000_000);
        Assert.Equal(1, writer.Growths);        // once, when the bitrate was known
    }

    [Fact]
    public void A_log_that_finds_no_room_to_grow_stays_as_it_is_and_says_so()
    {
        const long beyondAnyMachine = 1L << 50;
        using StreamLogWriter writer = _log.OpenWriter(
            new StreamLogOptions { InitialCapacityBytes = 1 << 20, MaxCapacityBytes = beyondAnyMachine, PreRoll = TimeSpan.FromDays(365_000) }, _time);
        writer.SetTracks([TestSamples.Video]);

        WaitForGrowth(writer, () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(40));
            TestSamples.AppendNext(writer, length: 10_000);
        }, () => writer.GrowthRefusal is not null);

        Assert.Contains("are available", writer.GrowthRefusal);
        Assert.Equal(1 << 20, writer.CapacityBytes);
        Assert.Equal(AppendResult.Appended, TestSamples.AppendNext(writer));
        Assert.Single(Directory.GetFiles(_log.Directory.Path, "*.ring"));
        Assert.Empty(Directory.GetFiles(_log.Directory.Path, "*.new"));
    }

    [Fact]
    public void A_log_that_finds_no_room_at_all_is_refused_with_the_numbers()
    {
        StreamLogSpaceException refused = Assert.Throws<StreamLogSpaceException>(() => _log.OpenWriter(LogFixture.Fixed(1L << 50)));

        Assert.True(refused.NeededBytes > 1L << 50);
        Assert.InRange(refused.AvailableBytes, 0, 1L << 50);
        Assert.Contains("VMS_RING_DIR", refused.Message);
        Assert.Empty(_log.Directory.Names());
        using StreamLogWriter afterwards = _log.OpenWriter(LogFixture.Fixed(1 << 16));   // the lock was let go
    }

    [Fact]
    public void Samples_the_log_cannot_hold_are_refused_and_counted()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(64 << 10));
        Assert.Equal(AppendResult.TooLarge, TestSamples.AppendNext(writer, length: 40_000));
        Assert.Equal(AppendResult.Appended, TestSamples.AppendNext(writer, length: 30_000));
        Assert.Equal(AppendResult.TooLarge, writer.Append(TestSamples.HeaderOf(2), new byte[StreamLogWriter.MaxPayloadBytes + 1]));
        Assert.Equal(2, writer.RefusedSamples);
        Assert.Equal(2, writer.NextSequence);
    }

    [Fact]
    public void The_largest_sample_fits_a_log_that_may_grow()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 1 << 20 }, _time);
        using StreamLogReader reader = _log.OpenReader();
        byte[] payload = TestSamples.PayloadOf(1, StreamLogWriter.MaxPayloadBytes);
        Assert.Equal(AppendResult.Appended, writer.Append(TestSamples.HeaderOf(1), payload));
        Assert.Equal(ReadOutcome.Moved, reader.TryRead(out _));
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.True(lease.Payload.SequenceEqual(payload));
    }

    [Fact]
    public void A_reader_whose_writer_died_between_naming_and_superseding_finds_the_new_file_after_a_second()
    {
        using StreamLogWriter writer = _log.OpenWriter(new StreamLogOptions { InitialCapacityBytes = 64 << 10 }, _time);
        writer.SetTracks([TestSamples.Video]);
        TestSamples.AppendNext(writer);
        string firstFile = _log.LogPath + ".first";
        File.Copy(_log.LogPath, firstFile);              // as it was before it was superseded
        TestSamples.AppendNext(writer, length: 100_000);
        File.Move(_log.LogPath, _log.LogPath + ".second");
        File.Move(firstFile, _log.LogPath);
        using StreamLogReader reader = _log.OpenReader(_time);
        File.Move(_log.LogPath + ".second", _log.LogPath, overwrite: true);

        Assert.Equal((1L, 0L, 0), Drain(reader));
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(ReadOutcome.Empty, reader.TryRead(out _));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal((1L, 0L, 1), Drain(reader));
        Assert.Equal(writer.Epoch, reader.Epoch);
    }

    private static void WaitForGrowth(StreamLogWriter writer, Action appendOne, Func<bool> done)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!done())
        {
            Assert.True(Environment.TickCount64 < deadline, $"capacity is still {writer.CapacityBytes}, {writer.GrowthRefusal}");
            appendOne();
        }
    }

    private static (long Read, long Lost, int Moves) Drain(StreamLogReader reader)
    {
        (long read, long lost, int moves) = (0, 0, 0);
        while (true)
        {
            switch (reader.TryRead(out SampleLease lease))
            {
                case ReadOutcome.Sample:
                    Assert.True(TestSamples.IsIntact(lease.Payload, lease.Sequence));
                    Assert.True(lease.Commit(verifyChecksum: true));
                    read++;
                    break;
                case ReadOutcome.Overrun:
                    lost += reader.LastOverrun.Count;
                    break;
                case ReadOutcome.Moved:
                    moves++;
                    break;
                default:
                    return (read, lost, moves);
            }
        }
    }

    public void Dispose() => _log.Dispose();
}
