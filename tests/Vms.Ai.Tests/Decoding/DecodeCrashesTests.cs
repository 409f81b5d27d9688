using Microsoft.Extensions.Logging.Abstractions;
using Vms.Ai.Crashes;
using Vms.Ai.Decoding;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Ai.Tests.Decoding;

public sealed class DecodeCrashesTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_stream_that_ends_the_process_three_times_in_a_row_is_left_out_for_a_while_and_longer_after_the_next_time()
    {
        for (int i = 0; i < 3; i++)
        {
            using DecodeCrashes crashes = Open();
            Assert.Null(crashes.LeftOutUntil("cam.main"));
            Crash(crashes, "cam.main");
        }

        using (DecodeCrashes crashes = Open())
        {
            Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(10), crashes.LeftOutUntil("cam.main"));
            Assert.Null(crashes.LeftOutUntil("other.main"));
            _time.Advance(TimeSpan.FromMinutes(11));
            Assert.Null(crashes.LeftOutUntil("cam.main"));
            Crash(crashes, "cam.main");
        }

        using DecodeCrashes after = Open();
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(20), after.LeftOutUntil("cam.main"));
        after.Forgive("cam.main");
        Assert.Null(after.LeftOutUntil("cam.main"));
    }

    [Fact]
    public void What_is_being_dealt_with_is_on_disk_before_it_is_dealt_with()
    {
        string notes = Path.Combine(Options.StateDirectory, "analysis-decoding.notes");
        using (DecodeCrashes crashes = Open())
        {
            _ = crashes.Begin("cam.main");
            crashes.Begin("through.main").End();
            // The file is this process's alone, which another one need not know.
            using var copy = System.Diagnostics.Process.Start("cp", [notes, notes + ".copy"]);
            copy.WaitForExit();
        }

        Assert.Empty(EndsOf(null));
        Assert.Equal("cam.main", Assert.Single(EndsOf(notes + ".copy")).Name);

        IReadOnlyList<CrashEnd> EndsOf(string? copy)
        {
            if (copy is not null)
                File.Move(copy, notes, overwrite: true);
            using DecodeCrashes next = Open();
            return next.Ends;
        }
    }

    [Fact]
    public void Who_is_forgiven_in_between_begins_anew_and_an_end_outside_of_decoding_counts_for_nobody()
    {
        for (int i = 0; i < 6; i++)
        {
            using DecodeCrashes crashes = Open();
            Assert.Null(crashes.LeftOutUntil("cam.main"));
            if (i % 2 == 1)
                crashes.Forgive("cam.main");
            Crash(crashes, "cam.main");
        }

        using (DecodeCrashes crashes = Open())
            crashes.Begin("quiet.main").End();

        using DecodeCrashes last = Open();
        Assert.Null(last.LeftOutUntil("quiet.main"));
    }

    [Fact]
    public void What_is_decoded_for_a_minute_is_forgiven()
    {
        using (DecodeCrashes crashes = Open())
            Crash(crashes, "cam.main");
        using (DecodeCrashes crashes = Open())
        {
            crashes.Begin("cam.main").End();
            _time.Advance(TimeSpan.FromSeconds(61));
            crashes.Begin("cam.main").End();
            Crash(crashes, "cam.main");
        }

        using DecodeCrashes after = Open();
        Assert.Equal(1, Assert.Single(after.Ends).Count);
    }

    /// <summary>Two threads were at work when the process ended: it is not known which of them it was.</summary>
    [Fact]
    public async Task Suspects_are_dealt_with_one_at_a_time_so_that_the_next_end_names_one()
    {
        using (DecodeCrashes crashes = Open())
        {
            Crash(crashes, "bad.main", "good.main");
        }

        using (DecodeCrashes crashes = Open())
        {
            using var begun = new SemaphoreSlim(0);
            using var ended = new SemaphoreSlim(0);
            Task good = Task.Factory.StartNew(
                () =>
                {
                    CrashBook.Dealing decoding = crashes.Begin("good.main");
                    begun.Release();
                    ended.Wait();
                    decoding.End();
                }, TaskCreationOptions.LongRunning);
            await begun.WaitAsync();
            Task bad = Task.Factory.StartNew(() => _ = crashes.Begin("bad.main"), TaskCreationOptions.LongRunning);
            await Assert.ThrowsAsync<TimeoutException>(() => bad.WaitAsync(TimeSpan.FromMilliseconds(100)));
            ended.Release();
            await Task.WhenAll(good, bad);
            Crash(crashes, "bad.main");
        }

        using DecodeCrashes after = Open();
        Assert.Equal(("bad.main", 2), (Assert.Single(after.Ends).Name, after.Ends[0].Count));
    }

    [Fact]
    public void Where_nothing_can_be_written_the_plane_goes_on()
    {
        string file = Path.Combine(Options.StateDirectory, "analysis-crashes.json");
        Directory.CreateDirectory(file);        // nothing takes its place
        using (DecodeCrashes crashes = Open())
            Crash(crashes, "cam.main");
        using DecodeCrashes after = Open();
        after.Forgive("cam.main");
        Assert.Null(after.LeftOutUntil("cam.main"));
        Assert.True(Directory.Exists(file));
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The process ends in the decoder: nobody takes the notes back.</summary>
    private void Crash(DecodeCrashes crashes, params ReadOnlySpan<string> streams)
    {
        crashes.Dispose();
        CrashedProcess.LeaveNotes(Options, "analysis-decoding.notes", streams);
    }

    private PlaneOptions Options => TestCatalogue.OptionsOf(_directory.Path);

    private DecodeCrashes Open() => new(Options, new Suspects(), _time, NullLogger<DecodeCrashes>.Instance);
}
