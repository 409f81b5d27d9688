using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Recordings;
using Vms.Recorder.Retention;
using Vms.StreamLog;
using Vms.Testing;

namespace Vms.Recorder.Tests.Support;

/// <summary>A whole recorder inside the test process, on a data directory of its own. May be stopped and started again.</summary>
internal sealed class RecorderRig : IAsyncDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly TestLogs _logs;
    private readonly string? _data;
    private readonly string[] _settings;
    private readonly string? _postgres;
    private WebApplication? _app;
    private long _generation;

    /// <param name="postgres">Connection string; null for none.</param>
    /// <param name="data">Data directory; null for one of its own.</param>
    public RecorderRig(string? postgres = null, string? data = null, params string[] settings)
    {
        _postgres = postgres;
        _data = data;
        _settings = settings;
        _logs = new TestLogs(Data);
        Layout = new ArchiveLayout(Path.Combine(Data, "recordings"));
    }

    public string Data => _data ?? _directory.Create("data");

    public string Run => _directory.Create("run");

    public StreamLogDirectory Logs => _logs.Directory;

    public ArchiveLayout Layout { get; }

    public ArchiveIndex Index => Get<ArchiveIndex>();

    public RecordingRegistry Recordings => Get<RecordingRegistry>();

    public RetentionSweep Retention => Get<RetentionSweep>();

    public GapLedger Ledgers => Get<GapLedger>();

    public T Get<T>()
        where T : notnull =>
        (_app ?? throw new InvalidOperationException("The recorder is stopped")).Services.GetRequiredService<T>();

    /// <param name="settings">For this start, besides those of the rig.</param>
    public async Task<RecorderRig> StartAsync(params string[] settings)
    {
        string[] arguments =
        [
            $"--VMS_DATA={Data}", $"--VMS_RUN_DIR={Run}", "--VMS_PLAYBACK_PORT=0", "--VMS_LOG_LEVEL=Error", "--VMS_RECORDER_MIN_FREE_BYTES=0",
            "--VMS_RECORDER_HEADROOM_HOURS=0", .. _postgres is null ? Array.Empty<string>() : [$"--VMS_POSTGRES={_postgres}"], .. _settings, .. settings,
        ];
        Directory.CreateDirectory(Path.Combine(Run, "planes"));
        _app = RecorderApp.Build(arguments);
        Get<IndexApplier>().Gather = TimeSpan.FromMilliseconds(50);
        Get<SegmentDamage>().ConfirmAfter = TimeSpan.FromMilliseconds(50);
        Get<IEnumerable<IHostedService>>().OfType<RecorderHost>().Single().RebuildAgain = TimeSpan.FromMilliseconds(50);
        Get<KeptFootage>().Apply(new KeptRanges { Generation = 1 });        // control has said once that nothing is to be kept
        await _app.StartAsync();
        return this;
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    /// <summary>Starts a recording and waits until it reads the stream log: frames written from now on are in it.</summary>
    public async Task RecordAsync(string cameraId, int segmentSeconds = 10, double maxAgeDays = 0, long maxBytes = 0, double minAgeDays = 0, Action<RecordingSpec>? adjust = null)
    {
        var spec = new RecordingSpec
        {
            CameraId = cameraId,
            Stream = "main",
            Mode = "continuous",
            Format = "fmp4",
            SegmentSeconds = segmentSeconds,
            MaxAgeDays = maxAgeDays,
            MaxBytes = maxBytes,
            MinAgeDays = minAgeDays,
            Generation = ++_generation,
            SiteId = "site1",
            CameraName = $"Camera {cameraId}",
        };
        adjust?.Invoke(spec);
        await Recordings.StartAsync(spec, CancellationToken.None);
        await Eventually.TrueAsync(() => StatusOf(cameraId) is { Reason: not "streamLogMissing" });
    }

    public RecordingStatus? StatusOf(string cameraId) => Recordings.Statuses().FirstOrDefault(s => s.CameraId == cameraId);

    public Task StopRecordingAsync(string cameraId) => Recordings.StopAsync(cameraId, "main", ++_generation, CancellationToken.None);

    /// <summary>Waits until everything up to this counter is in a file.</summary>
    public Task WrittenAsync(string cameraId, CameraFeed feed, TimeSpan? deadline = null) =>
        Eventually.TrueAsync(() => Ledgers.Of(cameraId, "main").Written.LastSequence >= feed.Log.NextSequence - 1, deadline);

    public IReadOnlyList<string> Files(string cameraId) => ArchiveJudge.FilesOf(Layout, cameraId, "main");

    /// <summary>Nothing in the camera's archive is other than it was recorded, and it is signed up to its end, as it is after a stop.</summary>
    public void AssertChainedAndSigned(string cameraId) => Assert.Equal(0, ArchiveJudge.AssertChained(Files(cameraId), Data));

    /// <summary>All counters of a camera's archive, in recording order.</summary>
    public List<long> Counters(string cameraId) => [.. Files(cameraId).SelectMany(f => Footage.CountersIn(ArchiveJudge.ReadShared(f)))];

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _logs.Dispose();
        _directory.Dispose();
    }
}
