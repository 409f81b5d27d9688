using Microsoft.Extensions.Logging.Abstractions;
using Vms.Hosting;
using Vms.Media.Egress;
using Vms.Media.Egress.Cmaf;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>The packager and its window, run by hand on the test's own thread.</summary>
public sealed class CmafWindowTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly CmafCounters _counters = new();
    private readonly EgressThread _thread = new(0, TimeProvider.System, new ProgressMonitor(TimeProvider.System), NullLogger.Instance);
    private CameraFeed _camera = null!;
    private CmafStream _stream = null!;

    public async ValueTask InitializeAsync()
    {
        _camera = new CameraFeed(new StreamLogDirectory(_directory.Create("rings")), "1", await H264Footage.LoadAsync(FootageSpec.Small));
        _stream = new CmafStream(_camera.Stream, _thread, new CmafCounters(), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _stream.Close();
        _thread.Dispose();
        await _camera.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public void Six_segments_are_kept_and_the_rest_is_given_back()
    {
        using var window = Open(25 * 60);
        Assert.Equal(7, Listed(window).Count);      // six and the one that grows
        Assert.Equal(TimeSpan.FromSeconds(4), window.TargetDuration);
        // What is kept, the last GOP, init segment and description.
        Assert.InRange(_stream.OutstandingMessages, 6 * 100, 7 * 100 + 30);
        window.Dispose();
        Assert.Equal(25 + 2, _stream.OutstandingMessages);
        _stream.Close();
        Assert.Equal(0, _stream.OutstandingMessages);
    }

    [Fact]
    public async Task Groups_of_pictures_longer_than_a_segment_may_be_are_cut_and_counted()
    {
        await _camera.SwitchAsync(FootageSpec.Small with { Name = "endless", GopLength = 250 });
        _camera.Write(250 * 2);
        using var window = new CmafWindow(TimeProvider.System, _counters, TimeSpan.FromSeconds(2));
        Attach(window);
        _camera.Write(250);
        Run();
        Assert.InRange(_counters.SegmentsCut, 2, 8);
        var playlist = await LivePlayers.ValidateAsync(System.Text.Encoding.UTF8.GetString(window.Playlist(skip: false)!.Text));
        Assert.Equal(4, playlist.GetProperty("targetDuration").GetInt32());
    }

    [Fact]
    public void A_sample_allocates_nothing_and_a_part_little()
    {
        using var window = Open(25 * 60);
        var allocated = new List<long>();
        for (int i = 0; i < 250; i++)
        {
            _camera.Write(1);
            long before = GC.GetAllocatedBytesForCurrentThread();
            _thread.RunPostedAndTurns();
            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // Every fifth ends a part; a log that has grown is opened anew.
        Assert.InRange(allocated.Count(bytes => bytes > 0), 45, 55);
        Assert.InRange(allocated.Where(bytes => bytes > 0).Order().ElementAt(25), 1, 600);
    }

    [Fact]
    public void A_player_that_asks_for_the_end_of_a_segment_gets_the_next()
    {
        using var window = Open(25 * 9 + 12);
        long number = window.CurrentNumber;
        Assert.True(window.Has(number - 1, null));
        Assert.False(window.Has(number, null));
        Assert.True(window.Has(number, 1));
        Assert.False(window.Has(number, 7));
        Assert.True(window.Has(number - 1, 500));
        Assert.Equal(PartOutcome.SegmentEnded, window.TryTake(number - 1, 20, out _));
        Assert.Equal(PartOutcome.Coming, window.TryTake(number, 7, out _));
        Assert.Equal(PartOutcome.Absent, window.TryTake(number, 8, out _));
        Assert.Equal(PartOutcome.Coming, window.TryTake(number + 1, 0, out _));
        Assert.Equal(PartOutcome.Absent, window.TryTake(number + 2, 0, out _));
    }

    private CmafWindow Open(int samples)
    {
        int first = Math.Min(samples, 300);
        _camera.Write(first);
        var window = new CmafWindow(TimeProvider.System, _counters, CmafStream.GroupOfPictures(_camera.Stream));
        Attach(window);
        for (int i = first; i < samples; i += 25)
        {
            _camera.Write(Math.Min(25, samples - i));
            Run();
        }

        return window;
    }

    private void Attach(CmafWindow window)
    {
        _stream.BeginEarlier();
        _thread.Add(_stream);
        _stream.Open();
        _stream.Attach(window);
        Run();
    }

    private void Run()
    {
        for (int i = 0; i < 10; i++)
            _thread.RunPostedAndTurns();
    }

    private static IReadOnlyList<string> Listed(CmafWindow window) =>
        [.. System.Text.Encoding.UTF8.GetString(window.Playlist(skip: false)!.Text).Split('\n').Where(l => l.StartsWith("#EXT-X-PROGRAM-DATE-TIME", StringComparison.Ordinal))];
}
