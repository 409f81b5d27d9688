using System.Diagnostics;
using Vms.Testing;

namespace Vms.StreamLog.Tests.Processes;

/// <summary>Writers and readers in processes of their own, killed and stopped at random moments. <c>VMS_SOAK=1</c> runs the long versions.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly bool s_soak = Environment.GetEnvironmentVariable("VMS_SOAK") == "1";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly LogFixture _log = new();
    private readonly Random _random = new(20260101);

    [Fact]
    public async Task Readers_that_a_full_speed_writer_laps_never_accept_a_corrupt_sample()
    {
        const long capacity = 1 << 20;
        TimeSpan duration = s_soak ? TimeSpan.FromSeconds(60) : TimeSpan.FromSeconds(3);
        using ChildProcess writer = StartWriter(capacity, 48, 6000);
        await writer.ReadLineAsync("ready");
        ChildProcess[] readers = [.. Enumerable.Range(0, 4).Select(_ => StartReader(reportEvery: 0))];
        try
        {
            foreach (ChildProcess reader in readers)
                await reader.ReadLineAsync("ready");

            using StreamLogReader watch = _log.OpenReader();
            var elapsed = Stopwatch.StartNew();
            var counts = new ReadCounts();
            while (elapsed.Elapsed < duration)
                counts.ReadOne(watch);

            long[] written = Numbers(await writer.FinishAsync());
            Assert.True(written[0] > 10_000);
            Assert.Equal(0, counts.Corrupt);
            foreach (ChildProcess reader in readers)
            {
                if (Numbers(await reader.FinishAsync()) is not [long accepted, long lost, long overruns, _, long corrupt, _, long next])
                    throw new InvalidOperationException("The reader said something else.");
                Assert.Equal(0, corrupt);
                Assert.True(accepted > 0);
                Assert.True(overruns >= (s_soak ? 1000 : 1), $"{overruns} overruns, {accepted} accepted, {lost} lost");
                Assert.Equal(written[0], next);
            }
        }
        finally
        {
            foreach (ChildProcess reader in readers)
                reader.Dispose();
        }
    }

    [Fact]
    public async Task A_writer_killed_at_any_moment_leaves_a_log_that_the_next_one_continues()
    {
        int kills = s_soak ? 200 : 20;
        StreamLogReader? reader = null;
        var counts = new ReadCounts();
        string? epoch = null;
        for (int i = 0; i < kills; i++)
        {
            using ChildProcess writer = StartWriter(capacity: 1 << 20, 48, 3000);
            string[] ready = await writer.ReadLineAsync("ready");
            Assert.Equal(epoch ??= ready[0], ready[0]);
            Assert.Equal(i > 0, bool.Parse(ready[1]));
            reader ??= _log.OpenReader();
            ulong instance = reader.WriterInstance;

            long target = long.Parse(ready[2]) + _random.Next(20_000);
            ReadUntil(reader, counts, () => reader.NextSequence >= target);
            await writer.KillAsync();
            Assert.Equal(instance, reader.WriterInstance);
        }

        while (counts.ReadOne(reader!))
            continue;
        Assert.Equal(0, counts.Corrupt);
        using StreamLogWriter last = _log.OpenWriter(LogFixture.Fixed(1 << 20));
        Assert.True(last.Reopened);
        Assert.Equal(reader!.NextSequence, last.NextSequence);
        reader.Dispose();
    }

    [Fact]
    public async Task A_reader_killed_at_any_moment_disturbs_nobody_and_its_successor_continues_exactly()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(32 << 20));
        writer.SetTracks([TestSamples.Video]);
        ulong epoch = writer.Epoch;
        long resumeAt = 1;
        for (int i = 0; i < 5; i++)
        {
            using ChildProcess child = StartReader(reportEvery: 10);
            await child.ReadLineAsync("ready");
            for (int n = 0; n < 1000; n++)
                TestSamples.AppendNext(writer, length: 200 + _random.Next(2000));
            string[] at = [];
            for (int reports = _random.Next(1, 50); reports > 0; reports--)
                at = await child.ReadLineAsync("at");
            await child.KillAsync();

            Assert.Equal(epoch, ulong.Parse(at[0]));
            using StreamLogReader successor = _log.OpenReader();
            Assert.True(successor.SeekTo(epoch, resumeAt));
            resumeAt = long.Parse(at[1]);
            Assert.True(successor.SeekTo(epoch, resumeAt));
            var counts = new ReadCounts();
            while (counts.ReadOne(successor))
                continue;
            Assert.Equal(writer.NextSequence - resumeAt, counts.Accepted);
            Assert.Equal(0, counts.Corrupt + counts.Lost);
        }
    }

    [Fact]
    public async Task A_reader_stopped_for_less_than_the_budget_loses_nothing_and_for_longer_books_exactly_what_it_lost()
    {
        if (!OperatingSystem.IsLinux())
            return;   // nothing else has SIGSTOP
        const long capacity = 16 << 20;
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(capacity));
        writer.SetTracks([TestSamples.Video]);
        using ChildProcess reader = StartReader(reportEvery: 1);
        await reader.ReadLineAsync("ready");
        TestSamples.AppendNext(writer);
        await reader.ReadLineAsync("at");

        reader.Pause();
        await AppendWhileStopped(writer, capacity * 19 / 20);   // what the outage budget is for: 32 s in the soak
        reader.Resume();
        await ReadTo(reader, writer.NextSequence);

        reader.Pause();
        await AppendWhileStopped(writer, capacity * 5 / 2);
        reader.Resume();
        long[] done = Numbers(await reader.FinishAsync());

        Assert.Equal(writer.NextSequence - 1, done[0] + done[1]);   // accepted + lost = appended
        Assert.Equal(1, done[2]);
        Assert.InRange(done[1], 1, 2 * capacity / 1000);
        Assert.Equal(0, done[4]);
        Assert.Equal(writer.NextSequence, done[6]);
    }

    [Fact]
    public async Task A_log_that_grows_under_readers_in_other_processes_loses_nothing()
    {
        // Hardly any history is asked for: it grows when a record asks for it, never by measurement.
        using StreamLogWriter writer = _log.OpenWriter(
            new StreamLogOptions { InitialCapacityBytes = 8 << 20, OutageBudget = TimeSpan.FromSeconds(1) }, new ManualTimeProvider());
        writer.SetTracks([TestSamples.Video]);
        ChildProcess[] readers = [StartReader(reportEvery: 1), StartReader(reportEvery: 1)];
        try
        {
            foreach (ChildProcess reader in readers)
                await reader.ReadLineAsync("ready");
            foreach (int large in new[] { 2_500_000, 4_000_000, 8_000_000, 14_000_000 })
            {
                // Less than the log holds, then wait: what is tested is the move, not the speed of this machine.
                for (int i = 0; i < 400; i++)
                    TestSamples.AppendNext(writer, i == 200 ? large : TestSamples.LengthOf(i, 48, 10_000));
                foreach (ChildProcess reader in readers)
                    await ReadTo(reader, writer.NextSequence);
            }

            Assert.Equal(4, writer.Growths);
            foreach (ChildProcess reader in readers)
                Assert.Equal("1600 0 0 0 0 4 1601", string.Join(' ', await reader.FinishAsync()));
        }
        finally
        {
            foreach (ChildProcess reader in readers)
                reader.Dispose();
        }
    }

    private static async Task AppendWhileStopped(StreamLogWriter writer, long bytes)
    {
        // In the soak at 4 Mbit/s, as a camera does; else at full speed.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(s_soak ? 40 : 1));
        const int length = 20_000;
        long samples = bytes / length;
        for (long i = 0; i < samples; i++)
        {
            TestSamples.AppendNext(writer, length);
            if (s_soak || i % 100 == 0)
                await pace.WaitForNextTickAsync();
        }
    }

    private static async Task ReadTo(ChildProcess reader, long nextSequence)
    {
        string expected = nextSequence.ToString();
        while ((await reader.ReadLineAsync("at"))[1] != expected)
            continue;
    }

    private static void ReadUntil(StreamLogReader reader, ReadCounts counts, Func<bool> condition)
    {
        var elapsed = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(elapsed.Elapsed < s_deadline, $"the reader is at {reader.NextSequence}");
            counts.ReadOne(reader);
        }
    }

    private ChildProcess StartWriter(long capacity, int minLength, int maxLength) =>
        ChildProcess.Start("child-writer", _log.Directory.Path, LogFixture.Name, capacity, capacity, minLength, maxLength);

    private ChildProcess StartReader(int reportEvery) =>
        ChildProcess.Start("child-reader", _log.Directory.Path, LogFixture.Name, reportEvery);

    private static long[] Numbers(string[] words) => [.. words.Select(long.Parse)];

    public void Dispose() => _log.Dispose();
}
