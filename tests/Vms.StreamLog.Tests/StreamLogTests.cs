using Vms.Codecs;

namespace Vms.StreamLog.Tests;

public sealed class StreamLogTests : IDisposable
{
    private readonly LogFixture _log = new();

    [Fact]
    public void A_reader_gets_every_sample_as_it_was_appended()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 20));
        writer.SetTracks([TestSamples.Video, TestSamples.Audio]);
        using StreamLogReader reader = _log.OpenReader();

        for (int i = 1; i <= 5000; i++)
        {
            var header = new SampleHeader((byte)(i % 2), i % 50 == 1 ? SampleFlags.Keyframe | SampleFlags.Discontinuity : SampleFlags.None,
                i % 50 == 1 ? GapCause.MediaRestart : GapCause.None, 1, -i, i * 1_000_000L);
            byte[] payload = TestSamples.PayloadOf(i, i % 1000);
            Assert.Equal(AppendResult.Appended, writer.Append(header, payload));

            Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
            Assert.Equal(header, lease.Header);
            Assert.Equal(i, lease.Sequence);
            Assert.Equal(writer.Epoch, lease.Epoch);
            Assert.Equal(payload, lease.Payload.ToArray());
            Assert.Equal(Crc32C.Of(payload), lease.PayloadChecksum);
            Assert.True(lease.IsIntact());
            Assert.True(lease.Commit(verifyChecksum: true));
        }

        Assert.Equal(ReadOutcome.Empty, reader.TryRead(out _));
        Assert.Equal(writer.NextSequence, reader.NextSequence);
    }

    [Fact]
    public void A_sample_that_was_not_committed_is_given_again()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        using StreamLogReader reader = _log.OpenReader();
        TestSamples.AppendNext(writer);

        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out _));
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease again));
        Assert.Equal(1, again.Sequence);
        Assert.True(again.Commit());
        Assert.Equal(ReadOutcome.Empty, reader.TryRead(out _));
    }

    [Fact]
    public void A_lapped_reader_is_told_what_it_lost_and_stands_at_a_keyframe()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        while (writer.NextSequence <= 2000)
            TestSamples.AppendNext(writer);

        Assert.Equal(ReadOutcome.Overrun, reader.TryRead(out _));
        Assert.Equal(1, reader.LastOverrun.From);
        Assert.Equal(reader.NextSequence, reader.LastOverrun.To);
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.True(lease.Header.IsKeyframe);
        Assert.Equal(reader.LastOverrun.To, lease.Sequence);
    }

    [Fact]
    public void A_copy_made_while_the_writer_laps_the_reader_is_refused()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        TestSamples.AppendNext(writer);

        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        while (writer.NextSequence <= 1000)
            TestSamples.AppendNext(writer);

        Assert.False(lease.Commit());
        Assert.Equal(ReadOutcome.Overrun, reader.TryRead(out _));
    }

    [Fact]
    public void Tracks_keep_their_version_while_equal_and_older_versions_stay_readable()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        using StreamLogReader reader = _log.OpenReader();
        Assert.False(reader.TryGetTracks(0, out _));

        Assert.Equal(1u, writer.SetTracks([TestSamples.Video]));
        Assert.Equal(1u, writer.SetTracks([TestSamples.Video with { CodecParameters = new byte[] { 1, 0x64, 0, 0x1F } }]));
        Assert.Equal(2u, writer.SetTracks([TestSamples.Video, TestSamples.Audio]));

        Assert.Equal(2u, reader.LatestTracksVersion);
        Assert.True(reader.TryGetTracks(2, out IReadOnlyList<TrackInfo> tracks));
        Assert.Equal([TestSamples.Video, TestSamples.Audio], tracks);
        Assert.True(reader.TryGetTracks(1, out tracks));
        Assert.Equal([TestSamples.Video], tracks);
    }

    [Fact]
    public void A_writer_that_opens_again_continues_the_epoch_and_the_sequence()
    {
        ulong epoch;
        using (StreamLogWriter first = _log.OpenWriter(LogFixture.Fixed(1 << 16)))
        {
            epoch = first.Epoch;
            first.SetTracks([TestSamples.Video]);
            while (first.NextSequence <= 1500)
                TestSamples.AppendNext(first);
        }

        using StreamLogReader reader = _log.OpenReader();
        reader.SeekToEnd();
        Assert.Equal(1501, reader.NextSequence);

        using StreamLogWriter second = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        Assert.True(second.Reopened);
        Assert.Equal(epoch, second.Epoch);
        Assert.Equal(1501, second.NextSequence);
        Assert.Equal([TestSamples.Video], second.Tracks);
        TestSamples.AppendNext(second);
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.Equal(1501, lease.Sequence);
    }

    [Fact]
    public void A_second_writer_is_refused_while_the_first_lives()
    {
        using StreamLogWriter first = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        Assert.Throws<StreamLogLockedException>(() => _log.OpenWriter(LogFixture.Fixed(1 << 16)));
    }

    [Fact]
    public void Seeks_find_keyframes_sequences_and_times()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        writer.SetTracks([TestSamples.Video]);
        while (writer.NextSequence <= 95)
            TestSamples.AppendNext(writer);
        using StreamLogReader reader = _log.OpenReader();

        Assert.True(reader.SeekToLastKeyframe());
        Assert.Equal(91, reader.NextSequence);
        Assert.True(reader.SeekToOldestKeyframe());
        Assert.Equal(1, reader.NextSequence);
        Assert.True(reader.SeekToKeyframeAtOrBefore(57 * 40_000));
        Assert.Equal(51, reader.NextSequence);
        Assert.False(reader.SeekToKeyframeAtOrBefore(39_999));
        Assert.Equal(51, reader.NextSequence);
        Assert.True(reader.SeekTo(writer.Epoch, 77));
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.Equal(77, lease.Sequence);
        Assert.True(reader.SeekTo(writer.Epoch, 96));
        Assert.Equal(ReadOutcome.Empty, reader.TryRead(out _));
        Assert.False(reader.SeekTo(writer.Epoch, 97));
        Assert.False(reader.SeekTo(writer.Epoch + 2, 5));
    }

    [Fact]
    public void A_closed_log_is_read_to_its_end_and_then_gone()
    {
        StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        using StreamLogReader reader = _log.OpenReader();
        TestSamples.AppendNext(writer);
        Assert.Equal([LogFixture.Name], _log.Directory.Names());

        writer.Close();

        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.True(lease.Commit());
        Assert.Equal(ReadOutcome.Closed, reader.TryRead(out _));
        Assert.False(StreamLogReader.TryOpen(_log.Directory, LogFixture.Name, TimeProvider.System, out _));
        Assert.Empty(_log.Directory.Names());
    }

    public void Dispose() => _log.Dispose();
}
