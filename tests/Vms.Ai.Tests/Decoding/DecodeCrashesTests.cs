using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
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
        {
            crashes.Notes.Begin(3, "quiet.main");
            crashes.Notes.End(3);
        }

        using DecodeCrashes last = Open();
        Assert.Null(last.LeftOutUntil("quiet.main"));
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

    /// <summary>The process ends in the decoder: nobody takes the note back.</summary>
    private static void Crash(DecodeCrashes crashes, string stream) => crashes.Notes.Begin(0, stream);

    private PlaneOptions Options => PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["VMS_DATA"] = _directory.Path }).Build());

    private DecodeCrashes Open() => new(Options, _time, NullLogger<DecodeCrashes>.Instance);
}
