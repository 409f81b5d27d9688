namespace Vms.StreamLog.Tests;

public sealed class AllocationTests : IDisposable
{
    private readonly LogFixture _log = new();

    [Fact]
    public void Appending_reading_and_committing_a_sample_allocates_nothing()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 20));
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        byte[] payload = TestSamples.PayloadOf(1, 5000), copy = new byte[5000];

        Turn(writer, reader, payload, copy, samples: 2000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int read = Turn(writer, reader, payload, copy, samples: 20_000);
        long after = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(20_000, read);
        Assert.Equal(0, after - before);
    }

    [Fact]
    public void Being_lapped_allocates_nothing()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(64 << 10));
        writer.SetTracks([TestSamples.Video]);
        using StreamLogReader reader = _log.OpenReader();
        byte[] payload = TestSamples.PayloadOf(1, 500);

        Assert.Equal(100, Overruns(100));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int overruns = Overruns(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100, overruns);

        int Overruns(int times)
        {
            int seen = 0;
            for (int i = 0; i < times; i++)
            {
                for (int n = 0; n < 300; n++)
                    writer.Append(TestSamples.HeaderOf(writer.NextSequence), payload);
                while (reader.TryRead(out SampleLease lease) is not ReadOutcome.Empty and var outcome)
                    seen += outcome == ReadOutcome.Overrun ? 1 : lease.Commit() ? 0 : 1000;
            }

            return seen;
        }
    }

    private static int Turn(StreamLogWriter writer, StreamLogReader reader, byte[] payload, byte[] copy, int samples)
    {
        int read = 0;
        for (int i = 0; i < samples; i++)
        {
            writer.Append(TestSamples.HeaderOf(writer.NextSequence), payload);
            if (reader.TryRead(out SampleLease lease) != ReadOutcome.Sample)
                continue;
            lease.Payload.CopyTo(copy);
            if (lease.Commit(verifyChecksum: i % 2 == 0))
                read++;
        }

        return read;
    }

    public void Dispose() => _log.Dispose();
}
