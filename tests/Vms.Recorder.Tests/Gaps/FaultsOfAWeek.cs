using Npgsql;
using Vms.Codecs;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Recorder.Tests.Gaps;

/// <summary>
/// A recorder process, a camera and everything that goes wrong with them and around them in a week. Time between faults is a few seconds; what a fault takes of the
/// camera's time (hours without it, clocks that are set) is as long as it would be.
/// </summary>
internal sealed class FaultsOfAWeek : IAsyncDisposable
{
    private const string Camera = "cam1";
    private const int DiskBytes = 64 << 20;
    private const int SegmentSeconds = 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Fixed: a log that grows could not be overtaken on purpose. Holds some 400 frames.</summary>
    private static readonly StreamLogOptions s_log = new() { InitialCapacityBytes = 512 << 10, MaxCapacityBytes = 512 << 10 };

    private readonly TestDirectory _directory = new();
    private readonly Random _random;
    private readonly string _data;
    private readonly TestLogs _logs;
    private readonly PrivatePostgres _postgres;
    private readonly string _database;
    private readonly Footage[] _shapes;
    private readonly RecorderProcess _recorder;
    private CameraFeed _feed;
    private long _generation = 1;

    private FaultsOfAWeek(int seed, PrivatePostgres postgres, string database, Footage[] shapes)
    {
        _random = new Random(seed);
        _data = _directory.Create("data");
        _logs = new TestLogs(_data);
        _postgres = postgres;
        _database = database;
        _shapes = shapes;
        Begin = DateTimeOffset.UtcNow.AddDays(-8);
        _feed = new CameraFeed(_logs.Directory, Camera, shapes[0], Begin, s_log);
        _recorder = new RecorderProcess(_data, _directory.Create("run"), database, DiskBytes);
    }

    /// <summary>Camera time of the first frame.</summary>
    public DateTimeOffset Begin { get; }

    /// <summary>Camera time behind the last one.</summary>
    public DateTimeOffset End => _feed.Now;

    /// <summary>By how much the clock was set back, all together: so much is recorded twice.</summary>
    public TimeSpan SetBack { get; private set; }

    /// <summary>What happened, in order.</summary>
    public List<string> Story { get; } = [];

    public static async Task<FaultsOfAWeek> StartAsync(int seed)
    {
        var postgres = await PrivatePostgres.StartAsync(durable: true);
        var week = new FaultsOfAWeek(seed, postgres, await postgres.CreateDatabaseAsync(), [await Footage.LoadAsync(), await Footage.LoadAsync(width: 352)]);
        await week._recorder.StartAsync();
        await week.HoldEverythingAsync();
        week._feed.Append(week._shapes[0].GopFrames);       // it begins with the newest keyframe: with the first
        await week.RecordAsync("continuous");
        await week.WrittenAsync();
        await week.PlayAsync(5);
        return week;
    }

    /// <summary>Each kind of trouble once, in another order every day, and the camera away until the next day begins.</summary>
    public async Task DayAsync(int day)
    {
        Func<Task>[] faults =
        [
            CameraAwayAsync, CameraAwayAsync, CameraAwayForHoursAsync, PacketsLostAsync, PacketsLostAsync, ClockAheadAsync, ClockBackAsync, MediaRestartsAsync,
            OtherFormatAsync, RecorderKilledAsync, RecorderKilledAsync, RecorderDownForLongAsync, RecorderFrozenAsync, DatabaseAwayAsync, SwitchedOffAsync, DiskFullAsync,
        ];
        _random.Shuffle(faults);
        foreach (var fault in faults)
        {
            await fault();
            await PlayAsync(_random.Next(2, 7));
        }

        if (Begin.AddDays(day + 1) - End is { Ticks: > 0 } rest)
        {
            Away("camera away until the next day", rest, GapCause.CameraOffline, restartClock: true);
            await PlayAsync(2);
        }
    }

    /// <summary>Ends the recording in order, with all of it in the files and in the database.</summary>
    public async Task EndAsync()
    {
        await WrittenAsync();
        await _recorder.StopAsync();
    }

    /// <summary>Counters of all recorded frames, in recording order.</summary>
    public List<long> Recorded() => [.. Files().SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))];

    /// <summary>Which frames each file holds, for whoever looks for one that is missing.</summary>
    public IEnumerable<string> Runs()
    {
        foreach (string file in Files())
        {
            var counters = Footage.CountersIn(ArchiveJudge.ReadShared(file));
            var runs = new List<string>();
            for (int i = 0, from = 0; i < counters.Count; i++)
            {
                if (i + 1 == counters.Count || counters[i + 1] != counters[i] + 1)
                {
                    runs.Add($"{counters[from]}-{counters[i]}");
                    from = i + 1;
                }
            }

            yield return $"{Path.GetFileName(file)}: {string.Join(' ', runs)}";
        }
    }

    public IReadOnlyList<string> Files() => ArchiveJudge.FilesOf(new ArchiveLayout(_recorder.Pool), Camera, "main");

    public void AssertChained() => Assert.Equal(0, ArchiveJudge.AssertChained(Files(), _data));

    /// <summary>The books as they are in the database.</summary>
    public async Task<IReadOnlyList<(string Cause, DateTime From, TimeSpan Length)>> GapsAsync()
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand("select cause, from_time, to_time - from_time from recorder.gap where camera_id = $1 order by from_time");
        command.Parameters.AddWithValue(Camera);
        await using var reader = await command.ExecuteReaderAsync();
        var gaps = new List<(string, DateTime, TimeSpan)>();
        while (await reader.ReadAsync())
        {
            gaps.Add((reader.GetString(0), reader.GetDateTime(1), reader.GetTimeSpan(2)));
        }

        return gaps;
    }

    public async ValueTask DisposeAsync()
    {
        _feed.Dispose();
        await _recorder.DisposeAsync();
        _logs.Dispose();
        await _postgres.DisposeAsync();
        _directory.Dispose();
    }

    private Task CameraAwayAsync()
    {
        Away("camera away", TimeSpan.FromSeconds(_random.Next(3, 90)), GapCause.CameraOffline, restartClock: _random.Next(2) == 0);
        return Task.CompletedTask;
    }

    private Task CameraAwayForHoursAsync()
    {
        Away("camera away for hours", TimeSpan.FromMinutes(_random.Next(60, 300)), GapCause.CameraOffline, restartClock: true);
        return Task.CompletedTask;
    }

    private Task PacketsLostAsync()
    {
        Away("packets lost", TimeSpan.FromMilliseconds(_random.Next(100, 3000)), GapCause.PacketLoss, restartClock: false);
        return Task.CompletedTask;
    }

    private Task ClockAheadAsync()
    {
        Tell("clock ahead");
        _feed.StepClock(TimeSpan.FromMinutes(_random.Next(1, 90)));
        return Task.CompletedTask;
    }

    private Task ClockBackAsync()
    {
        Tell("clock back");
        var step = TimeSpan.FromMinutes(_random.Next(1, 90));
        SetBack += step;
        _feed.StepClock(-step);
        return Task.CompletedTask;
    }

    /// <summary>A new log of another lineage; the frames on their way to the camera's old one are gone with it.</summary>
    private async Task MediaRestartsAsync()
    {
        Tell("media restarts");
        await WrittenAsync();
        var from = _feed.Now.AddSeconds(_random.Next(1, 8));
        _feed.Log.Close();
        _feed.Dispose();
        _feed = new CameraFeed(_logs.Directory, Camera, _shapes[0], from, s_log);
    }

    private async Task OtherFormatAsync()
    {
        Tell("another format");
        await PlayAsync(1);
        _feed.Append((int)((_shapes[0].GopFrames - (_feed.Next % _shapes[0].GopFrames)) % _shapes[0].GopFrames));
        _feed.Show(_shapes[_random.Next(_shapes.Length)]);
    }

    /// <summary>In the middle of writing; what comes meanwhile is in the log when it is back.</summary>
    private async Task RecorderKilledAsync()
    {
        Tell("recorder killed");
        _feed.Append(_random.Next(10, 100));
        await _recorder.KillAsync();
        _feed.Append(_random.Next(10, 100));
        await _recorder.StartAsync();
    }

    private async Task RecorderDownForLongAsync()
    {
        Tell("recorder down for long");
        await _recorder.StopAsync();
        _feed.Append(_random.Next(1500, 3000));
        await _recorder.StartAsync();
    }

    private async Task RecorderFrozenAsync()
    {
        Tell("recorder frozen");
        await WrittenAsync();
        _recorder.Freeze(true);
        _feed.Append(_random.Next(1500, 3000));
        _recorder.Freeze(false);
        await PlayAsync(2);
    }

    private async Task DatabaseAwayAsync()
    {
        Tell("database away");
        await _postgres.KillAsync();
        await PlayAsync(SegmentSeconds + 5);
        await _postgres.RestartAsync();
    }

    private async Task SwitchedOffAsync()
    {
        Tell("switched off");
        await RecordAsync("off");
        _feed.Append(_random.Next(100, 1000));
        Away("", TimeSpan.FromMinutes(_random.Next(1, 30)), GapCause.CameraOffline, restartClock: true);
        await RecordAsync("continuous");
    }

    /// <summary>Everything is held: nothing may make room.</summary>
    private async Task DiskFullAsync()
    {
        Tell("disk full");
        string other = Path.Combine(_recorder.Pool, "something-else");
        SmallDisk.FillUp(other);
        for (bool failed = false; !failed;)
        {
            _feed.Append(50);
            await Eventually.TrueAsync(
                async () =>
                {
                    failed = (await _recorder.ListAsync()).Recordings.Single().State == "failed";
                    return failed || LastFrame() >= _feed.Next - 50;
                },
                s_patience);
        }

        _feed.Append(_random.Next(1500, 3000));
        File.Delete(other);
    }

    private void Away(string what, TimeSpan away, GapCause cause, bool restartClock)
    {
        if (what.Length > 0)
        {
            Tell(what);
        }

        _feed.Interrupt(away, cause, restartClock);
    }

    /// <summary>The camera sends for so long, and all of it that can be is in files.</summary>
    private async Task PlayAsync(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _feed.Append(Footage.FramesPerSecond);
            await Eventually.TrueAsync(() => LastFrame() >= _feed.Next - (3 * Footage.FramesPerSecond), s_patience);
        }

        await WrittenAsync();
    }

    private Task WrittenAsync() => Eventually.TrueAsync(() => LastFrame() == _feed.Next - 1, s_patience);

    private long LastFrame() => Files() is { Count: > 0 } files ? Footage.CountersIn(ArchiveJudge.ReadShared(files[^1])).LastOrDefault(-1) : -1;

    private async Task RecordAsync(string mode) => await _recorder.RecordAsync(Camera, SegmentSeconds, mode, ++_generation);

    private Task HoldEverythingAsync()
    {
        var hold = new KeptRange
        {
            Id = "hold",
            CameraId = Camera,
            Kind = "hold",
            FromUnixMs = Begin.AddDays(-1).ToUnixTimeMilliseconds(),
            ToUnixMs = Begin.AddDays(30).ToUnixTimeMilliseconds(),
        };
        return _recorder.KeepAsync(new KeptRanges { Generation = 2, Ranges = { hold } });
    }

    private void Tell(string what) => Story.Add($"{_feed.Now:MM-dd HH:mm:ss.fff} {what}, frame {_feed.Next}");
}
