using FsCheck;
using FsCheck.Fluent;
using Vms.StreamLog.Layout;
using Vms.Testing;

namespace Vms.StreamLog.Tests;

/// <summary>Random interleavings of one writer and one reader on rings so small that the reader is lapped all the time.</summary>
public sealed class InterleavingProperties
{
    public enum Step
    {
        Append,
        AppendMany,
        Read,
        ReadWhileOverwritten,
        LeaveUncommitted,
        SeekToLastKeyframe,
        SeekToOldestKeyframe,
        SeekToEnd,
        SeekToSequence,
        RestartWriter,
        AppendLarge,
        ChangeTracks,
    }

    private static readonly Gen<(Step Step, int Value)[]> s_steps =
        Gen.Zip(
            Gen.Frequency(
                (6, Gen.Constant(Step.Append)), (2, Gen.Constant(Step.AppendMany)), (8, Gen.Constant(Step.Read)),
                (2, Gen.Constant(Step.ReadWhileOverwritten)), (1, Gen.Elements(Enum.GetValues<Step>()))),
            Gen.Choose(0, 10_000))
        .Select(pair => (pair.Item1, pair.Item2)).ArrayOf();

    [Fact]
    public void Every_accepted_sample_is_the_appended_one_and_every_missing_one_was_reported() =>
        Prop.ForAll(s_steps.ToArbitrary(), Gen.Elements(4096, 8192, 20_480).ToArbitrary(), (steps, capacity) =>
        {
            using var world = new World(capacity);
            foreach ((Step step, int value) in steps)
                world.Do(step, value);
            world.DrainToTheEnd();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(200));

    [Fact]
    public void Whatever_bytes_are_damaged_no_damaged_sample_is_accepted_and_nobody_hangs() =>
        Prop.ForAll(Damage().ToArbitrary(), damage =>
        {
            using var log = new LogFixture();
            using (StreamLogWriter writer = log.OpenWriter(LogFixture.Fixed(4096)))
            {
                writer.SetTracks([TestSamples.Video]);
                for (int i = 0; i < 60; i++)
                    TestSamples.AppendNext(writer, length: TestSamples.SmallestHashed + i % 40);
            }

            using StreamLogReader attached = log.OpenReader();
            Assert.Equal(ReadOutcome.Sample, attached.TryRead(out _));
            using (FileStream file = new(log.LogPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            {
                foreach ((long offset, byte value) in damage)
                {
                    file.Position = offset;
                    file.WriteByte(value);
                }
            }

            ReadAllVerified(attached);
            if (StreamLogReader.TryOpen(log.Directory, LogFixture.Name, TimeProvider.System, out StreamLogReader? late))
            {
                using (late)
                {
                    ReadAllVerified(late);
                    late.SeekToLastKeyframe();
                    late.SeekTo(late.Epoch, 40);
                    late.SeekToEnd();
                    late.SeekToOldestKeyframe();
                    ReadAllVerified(late);
                }
            }

            using StreamLogWriter next = log.OpenWriter(LogFixture.Fixed(4096));
            for (int i = 0; i < 100; i++)
                Assert.Equal(AppendResult.Appended, TestSamples.AppendNext(next, length: TestSamples.SmallestHashed + i % 40));
            using StreamLogReader fresh = log.OpenReader();
            ReadAllVerified(fresh);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    /// <summary>A few bytes: anywhere in the records, and in the parts of the header that no checksum of its own covers.</summary>
    private static Gen<(long Offset, byte Value)[]> Damage()
    {
        int records = (int)RingFile.FileBytes(0);
        Gen<int> offset = Gen.Frequency(
            (2, Gen.Choose(0, 0x1FF)), (4, Gen.Choose(0x200, 0x390)), (2, Gen.Choose(4096, 4096 + 20 * KeyframeEntry.SlotBytes)), (8, Gen.Choose(records, records + 4095)));
        Gen<(long, byte)> one = Gen.Zip(offset, Gen.Choose(0, 255)).Select(pair => ((long)pair.Item1, (byte)pair.Item2));
        return one.NonEmptyListOf().Select(list => list.ToArray());
    }

    private static void ReadAllVerified(StreamLogReader reader)
    {
        for (int reads = 0; reads < 10_000; reads++)
        {
            ReadOutcome outcome = reader.TryRead(out SampleLease lease);
            if (outcome is ReadOutcome.Empty or ReadOutcome.Closed)
                return;
            if (outcome != ReadOutcome.Sample)
                continue;
            byte[] copy = lease.Payload.ToArray();
            long sequence = lease.Sequence;
            if (lease.Commit(verifyChecksum: true))
                Assert.True(TestSamples.IsIntact(copy, sequence));
        }

        Assert.Fail("The reader does not come to an end.");
    }

    /// <summary>Writer, reader, and what the reader must see: each sample once, in order, or reported as lost.</summary>
    private sealed class World : IDisposable
    {
        private readonly LogFixture _log = new();
        private readonly StreamLogOptions _options;
        private readonly Dictionary<long, int> _lengths = [];
        private readonly ManualTimeProvider _time = new();
        private StreamLogWriter _writer;
        private readonly StreamLogReader _reader;
        private int _tracks;

        internal World(int capacity)
        {
            _options = new StreamLogOptions { InitialCapacityBytes = capacity, MaxCapacityBytes = 4 << 20 };
            _writer = _log.OpenWriter(_options, _time);
            _writer.SetTracks([TestSamples.Video]);
            _reader = _log.OpenReader(_time);
        }

        internal void Do(Step step, int value)
        {
            switch (step)
            {
                case Step.Append:
                    Append(value % 300);
                    break;
                case Step.AppendMany:
                    for (int i = 0; i < value % 60; i++)
                        Append((value + i * 37) % 500);
                    break;
                case Step.Read:
                    Read(overwriteMeanwhile: 0);
                    break;
                case Step.ReadWhileOverwritten:
                    Read(overwriteMeanwhile: value % 80);
                    break;
                case Step.LeaveUncommitted:
                    _reader.TryRead(out _);
                    break;
                case Step.SeekToLastKeyframe:
                    AssertAtKeyframe(_reader.SeekToLastKeyframe());
                    break;
                case Step.SeekToOldestKeyframe:
                    AssertAtKeyframe(_reader.SeekToOldestKeyframe());
                    break;
                case Step.SeekToEnd:
                    _reader.SeekToEnd();
                    Assert.Equal(_writer.NextSequence, _reader.NextSequence);
                    break;
                case Step.SeekToSequence:
                    long sequence = _writer.NextSequence - value % 40;
                    if (_reader.SeekTo(_writer.Epoch, sequence))
                        Assert.Equal(sequence, _reader.NextSequence);
                    break;
                case Step.RestartWriter:
                    long next = _writer.NextSequence;
                    _writer.Dispose();
                    _writer = _log.OpenWriter(_options, _time);
                    Assert.Equal(next, _writer.NextSequence);
                    break;
                case Step.AppendLarge:
                    Append(_writer.CapacityBytes < 1 << 20 ? (int)_writer.CapacityBytes / 3 : 10);
                    break;
                case Step.ChangeTracks:
                    uint version = _writer.SetTracks([TestSamples.Video with { Width = ++_tracks }]);
                    Assert.True(_reader.LatestTracksVersion <= version);
                    break;
            }
        }

        private void Append(int length)
        {
            _time.Advance(TimeSpan.FromMilliseconds(2));   // the log is soon found too small, and grows at some moment of its own
            long sequence = _writer.NextSequence;
            _lengths[sequence] = length;
            Assert.Equal(AppendResult.Appended, _writer.Append(TestSamples.HeaderOf(sequence, gop: 5), TestSamples.PayloadOf(sequence, length)));
        }

        private ReadOutcome Read(int overwriteMeanwhile)
        {
            long expected = _reader.NextSequence;
            ReadOutcome outcome = _reader.TryRead(out SampleLease lease);
            if (outcome == ReadOutcome.Sample)
            {
                Assert.Equal(expected, lease.Sequence);
                Assert.Equal(TestSamples.HeaderOf(expected, gop: 5), lease.Header);
                byte[] early = lease.Payload.ToArray();
                for (int i = 0; i < overwriteMeanwhile; i++)
                    Append(100);
                byte[] late = lease.Payload.ToArray();
                if (lease.Commit(verifyChecksum: overwriteMeanwhile % 2 == 0))
                {
                    Assert.Equal(TestSamples.PayloadOf(expected, _lengths[expected]), early);
                    Assert.Equal(early, late);
                    Assert.Equal(expected + 1, _reader.NextSequence);
                }
            }
            else if (outcome == ReadOutcome.Overrun)
            {
                Assert.Equal(expected, _reader.LastOverrun.From);
                Assert.True(_reader.LastOverrun.Count > 0);
                Assert.Equal(_reader.NextSequence, _reader.LastOverrun.To);
                Assert.True(TestSamples.HeaderOf(_reader.NextSequence, gop: 5).IsKeyframe);
            }
            else if (outcome == ReadOutcome.Moved)
            {
                Assert.False(_reader.MovedToNewLineage);
            }
            else
            {
                Assert.Equal(ReadOutcome.Empty, outcome);
            }

            return outcome;
        }

        private void AssertAtKeyframe(bool found)
        {
            if (found)
                Assert.True(TestSamples.HeaderOf(_reader.NextSequence, gop: 5).IsKeyframe);
        }

        internal void DrainToTheEnd()
        {
            while (!TestSamples.HeaderOf(_writer.NextSequence, gop: 5).IsKeyframe)
                Append(10);
            Append(10);   // a keyframe, in case the reader waits for one
            while (Read(overwriteMeanwhile: 0) != ReadOutcome.Empty)
                continue;
            Assert.Equal(_writer.NextSequence, _reader.NextSequence);
        }

        public void Dispose()
        {
            _reader.Dispose();
            _writer.Dispose();
            _log.Dispose();
        }
    }
}
