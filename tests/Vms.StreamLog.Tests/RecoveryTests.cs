using Vms.StreamLog.Layout;
using Vms.Testing;

namespace Vms.StreamLog.Tests;

/// <summary>What a new writer and old readers make of files that something else than a writer has changed.</summary>
public sealed class RecoveryTests : IDisposable
{
    private const long Capacity = 16 << 10;
    private static readonly long s_recordsAt = RingFile.FileBytes(0);

    private readonly LogFixture _log = new();

    [Theory]
    [InlineData("magic", 0x000)]
    [InlineData("layout version", 0x008)]
    [InlineData("capacity", 0x010)]
    [InlineData("epoch", 0x018)]
    [InlineData("run of the system", 0x020)]
    [InlineData("lineage", 0x090)]
    [InlineData("checksum", 0x1F8)]
    [InlineData("state", 0x200)]
    [InlineData("write position", 0x283)]
    [InlineData("oldest position", 0x303)]
    public void A_damaged_header_starts_a_new_epoch(string field, int offset)
    {
        ulong epoch = WriteSamples(100);
        Patch(offset, b => (byte)(b ^ 0x5A));

        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        Assert.False(writer.Reopened, field);
        Assert.NotEqual(epoch, writer.Epoch);
        Assert.Equal(1, writer.NextSequence);
        TestSamples.AppendNext(writer);
        using StreamLogReader reader = _log.OpenReader();
        Assert.False(reader.SeekTo(epoch, 50));
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out _));
    }

    [Fact]
    public void A_file_that_is_too_short_or_empty_starts_a_new_epoch_and_is_nothing_to_readers()
    {
        WriteSamples(100);
        foreach (long length in new[] { 0, 100, 4096, s_recordsAt + Capacity - 1 })
        {
            using (FileStream file = File.OpenWrite(_log.LogPath))
                file.SetLength(length);
            Assert.False(StreamLogReader.TryOpen(_log.Directory, LogFixture.Name, TimeProvider.System, out _));
        }

        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        Assert.False(writer.Reopened);
    }

    [Fact]
    public void A_layout_version_of_the_future_is_left_alone_by_readers_and_replaced_by_the_writer()
    {
        WriteSamples(100);
        Patch(0x008, _ => 99);
        Assert.False(StreamLogReader.TryOpen(_log.Directory, LogFixture.Name, TimeProvider.System, out _));
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        Assert.False(writer.Reopened);
    }

    [Fact]
    public void A_damaged_last_record_is_dropped_and_its_number_is_not_used_again()
    {
        ulong epoch = WriteSamples(40);
        using StreamLogReader reader = _log.OpenReader();
        Patch((int)s_recordsAt + 39 * 152 + RecordHeader.Bytes + 5, b => (byte)~b);   // 48 + 100 bytes of payload, aligned

        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        Assert.True(writer.Reopened);
        Assert.Equal(epoch, writer.Epoch);
        Assert.Equal(41, writer.NextSequence);
        TestSamples.AppendNext(writer);

        for (int i = 1; i <= 39; i++)
        {
            Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
            Assert.True(lease.Commit(verifyChecksum: true));
        }

        Assert.Equal(ReadOutcome.Overrun, reader.TryRead(out _));
        Assert.Equal(new SequenceRange(40, 41), reader.LastOverrun);   // 41 is a keyframe
    }

    [Fact]
    public void A_record_that_was_never_published_is_forgotten_with_its_keyframe()
    {
        WriteSamples(40);   // the next one, 41, is a keyframe
        using (StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity)))
            TestSamples.AppendNext(writer);
        PatchLong(0x280, 40 * 152);   // the store the killed writer did not come to

        using StreamLogWriter next = _log.OpenWriter(LogFixture.Fixed(Capacity));
        Assert.True(next.Reopened);
        Assert.Equal(41, next.NextSequence);
        Assert.Equal(AppendResult.Appended, next.Append(TestSamples.HeaderOf(42), TestSamples.PayloadOf(41, 100)));   // no keyframe this time
        using StreamLogReader reader = _log.OpenReader();
        Assert.True(reader.SeekToLastKeyframe());
        Assert.Equal(31, reader.NextSequence);
    }

    [Fact]
    public void A_corrupted_record_is_refused_when_the_checksum_is_asked_for_and_booked_as_lost()
    {
        WriteSamples(40);
        Patch((int)s_recordsAt + 4 * 152 + RecordHeader.Bytes + 50, b => (byte)~b);   // in sample 5
        using StreamLogReader reader = _log.OpenReader();
        for (int i = 1; i <= 4; i++)
        {
            Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
            Assert.True(lease.Commit(verifyChecksum: true));
        }

        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease damaged));
        Assert.False(damaged.Commit(verifyChecksum: true));
        Assert.Equal(ReadOutcome.Overrun, reader.TryRead(out _));
        Assert.Equal(new SequenceRange(5, 11), reader.LastOverrun);
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease keyframe));
        Assert.True(keyframe.Commit(verifyChecksum: true));
    }

    [Fact]
    public void A_torn_track_table_is_no_table_and_the_one_before_still_is()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        writer.SetTracks([TestSamples.Video]);
        writer.SetTracks([TestSamples.Video, TestSamples.Audio]);
        const int slot2 = 4096 + KeyframeEntry.Slots * KeyframeEntry.SlotBytes + 2 * RingFile.TrackSlotBytes;
        Patch(slot2 + 30, b => (byte)~b);

        using StreamLogReader reader = _log.OpenReader();
        Assert.False(reader.TryGetTracks(2, out _));
        Assert.True(reader.TryGetTracks(1, out _));
        Assert.False(reader.TryGetTracks(77, out _));
    }

    [Fact]
    public void A_reader_follows_a_log_that_could_not_be_continued_and_says_that_numbers_begin_anew()
    {
        var time = new ManualTimeProvider();
        ulong epoch = WriteSamples(40);
        using StreamLogReader reader = _log.OpenReader(time);
        reader.SeekToEnd();
        Assert.Equal(ReadOutcome.Empty, reader.TryRead(out _));
        File.Delete(_log.LogPath);
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        writer.SetTracks([TestSamples.Video]);
        TestSamples.AppendNext(writer);

        time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(ReadOutcome.Moved, reader.TryRead(out _));
        Assert.True(reader.MovedToNewLineage);
        Assert.NotEqual(epoch, reader.Epoch);
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.Equal(1, lease.Sequence);
    }

    [Fact]
    public void A_reader_whose_file_lost_its_name_is_told_that_the_log_is_gone()
    {
        var time = new ManualTimeProvider();
        WriteSamples(1);
        using StreamLogReader reader = _log.OpenReader(time);
        File.Delete(_log.LogPath);
        Assert.Equal(ReadOutcome.Sample, reader.TryRead(out SampleLease lease));
        Assert.True(lease.Commit());
        Assert.Equal(ReadOutcome.Empty, reader.TryRead(out _));
        for (int second = 0; second < 2; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1.1));
            Assert.Equal(second == 0 ? ReadOutcome.Empty : ReadOutcome.Closed, reader.TryRead(out _));
        }
    }

    [Fact]
    public void A_reader_sees_the_writers_heartbeat_and_its_successor()
    {
        var time = new ManualTimeProvider();
        StreamLogWriter first = _log.OpenWriter(LogFixture.Fixed(Capacity), time);
        using StreamLogReader reader = _log.OpenReader(time);
        ulong instance = reader.WriterInstance;
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(7, reader.WriterSilence.TotalSeconds, tolerance: 0.001);
        first.Heartbeat();
        Assert.Equal(TimeSpan.Zero, reader.WriterSilence);
        first.Dispose();
        using StreamLogWriter second = _log.OpenWriter(LogFixture.Fixed(Capacity), time);
        Assert.NotEqual(instance, reader.WriterInstance);
    }

    /// <summary>Samples of 100 bytes from 1 on: records of 152.</summary>
    private ulong WriteSamples(int count)
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(Capacity));
        writer.SetTracks([TestSamples.Video]);
        for (int i = 0; i < count; i++)
            TestSamples.AppendNext(writer);
        return writer.Epoch;
    }

    private void Patch(int offset, Func<byte, byte> change)
    {
        using FileStream file = new(_log.LogPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        byte old = (byte)file.ReadByte();
        file.Position = offset;
        file.WriteByte(change(old));
    }

    private void PatchLong(int offset, long value)
    {
        using FileStream file = new(_log.LogPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        file.Write(BitConverter.GetBytes(value));
    }

    public void Dispose() => _log.Dispose();
}
