using System.Text.Json;
using Npgsql;
using Vms.Codecs;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Recordings;

/// <summary>A recording that was off and is switched on again: what the camera sent meanwhile is in the stream log, and is nobody's business.</summary>
public sealed class SwitchedOnTests : IAsyncLifetime
{
    private const int DiskBytes = 4 << 20;
    private const int Before = 100;     // frames that were recorded
    private const int Without = 100;    // and that were not to be

    private readonly TestDirectory _directory = new();
    private readonly string _data;
    private readonly string _second;
    private readonly TestLogs _logs;
    private string _database = "";
    private RecorderProcess _recorder = null!;
    private CameraFeed _feed = null!;

    public SwitchedOnTests()
    {
        _data = _directory.Create("data");
        _logs = new TestLogs(_data);
        _second = _directory["second"];     // not there yet
        File.WriteAllText(Path.Combine(_data, "storage.json"), JsonSerializer.Serialize(new { pools = new[] { new { name = "second", path = _second } } }));
    }

    public async ValueTask InitializeAsync()
    {
        _database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        _recorder = new RecorderProcess(_data, _directory.Create("run"), _database, DiskBytes);
        // Camera time is this computer's, as when it is switched on.
        _feed = new CameraFeed(_logs.Directory, "cam1", await Footage.LoadAsync(), DateTimeOffset.UtcNow.AddSeconds(-(Before + Without + 25) / Footage.FramesPerSecond));
        _feed.Append(25);
        await _recorder.StartAsync();
        await _recorder.RecordAsync("cam1", segmentSeconds: 600, generation: 1);
        await Eventually.TrueAsync(() => Frames().LastOrDefault() == 24);
        _feed.Append(Before - 25);
        await Eventually.TrueAsync(() => Frames().LastOrDefault() == Before - 1);
        await _recorder.RecordAsync("cam1", segmentSeconds: 600, "off", generation: 2);
        _feed.Append(Without);
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        _feed.Dispose();
        _logs.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Killed_before_anything_of_it_is_on_disk_it_begins_where_it_was_switched_on()
    {
        await _recorder.RecordAsync("cam1", segmentSeconds: 600, generation: 3);
        await _recorder.KillAsync();
        Go();
        await _recorder.StartAsync();
        await AssertBeganAtTheLastKeyframeAsync();
    }

    [Fact]
    public async Task Killed_twice_it_does_so_too()
    {
        await _recorder.RecordAsync("cam1", segmentSeconds: 600, generation: 3);
        await _recorder.KillAsync();
        await _recorder.StartAsync();
        await _recorder.KillAsync();
        Go();
        await _recorder.StartAsync();
        await AssertBeganAtTheLastKeyframeAsync();
    }

    [Fact]
    public async Task A_disk_that_does_not_take_the_first_of_it_has_nothing_of_the_time_before_once_it_does()
    {
        await HoldEverythingAsync();
        string other = Path.Combine(_recorder.Pool, "something-else");
        SmallDisk.FillUp(other);
        await _recorder.RecordAsync("cam1", segmentSeconds: 600, generation: 3);
        await Eventually.TrueAsync(async () => (await _recorder.ListAsync()).Recordings.Single().State == "failed", TimeSpan.FromSeconds(30));
        Go();
        File.Delete(other);
        await AssertBeganAtTheLastKeyframeAsync();
    }

    [Fact]
    public async Task Nor_has_another_pool_that_it_goes_on_in()
    {
        await HoldEverythingAsync();
        SmallDisk.FillUp(Path.Combine(_recorder.Pool, "something-else"));
        await _recorder.RecordAsync("cam1", segmentSeconds: 600, generation: 3);
        await Eventually.TrueAsync(async () => (await _recorder.ListAsync()).Recordings.Single().State == "failed", TimeSpan.FromSeconds(30));
        Go();
        Directory.CreateDirectory(_second);
        await AssertBeganAtTheLastKeyframeAsync();
    }

    /// <summary>The camera goes on, at the time that it is by now.</summary>
    private void Go()
    {
        _feed.Interrupt(DateTimeOffset.UtcNow.AddSeconds(1) - _feed.Now, GapCause.CameraOffline, restartClock: true);
        _feed.Append(50);
    }

    private async Task AssertBeganAtTheLastKeyframeAsync()
    {
        const int Begin = Before + Without - 25;
        await Eventually.TrueAsync(() => Frames().LastOrDefault() == _feed.Next - 1, TimeSpan.FromSeconds(30));
        await _recorder.StopAsync();
        var expected = Enumerable.Range(0, Before).Concat(Enumerable.Range(Begin, (int)_feed.Next - Begin)).Select(i => (long)i);
        Assert.Equal(expected, Frames());
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand("select cause, to_time - from_time from recorder.gap order by from_time");
        await using var reader = await command.ExecuteReaderAsync();
        var gaps = new List<(string Cause, double Seconds)>();
        while (await reader.ReadAsync())
        {
            gaps.Add((reader.GetString(0), Math.Round(reader.GetTimeSpan(1).TotalSeconds, 3)));
        }

        Assert.Equal(["Disabled", "CameraOffline"], gaps.Select(g => g.Cause));
        Assert.Equal((Begin - Before) / (double)Footage.FramesPerSecond, gaps[0].Seconds);
    }

    private List<long> Frames() =>
        [.. ArchiveJudge.FilesOf(new ArchiveLayout(_recorder.Pool, new PoolRoot("second", _second)), "cam1", "main").SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))];

    private Task HoldEverythingAsync()
    {
        var hold = new KeptRange
        {
            Id = "hold",
            CameraId = "cam1",
            Kind = "hold",
            FromUnixMs = DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeMilliseconds(),
            ToUnixMs = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds(),
        };
        return _recorder.KeepAsync(new KeptRanges { Generation = 2, Ranges = { hold } });
    }
}
