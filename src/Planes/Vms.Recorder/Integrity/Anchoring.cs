using System.Diagnostics.Metrics;
using Vms.Containers.Integrity;
using Vms.Recorder.Gaps;

namespace Vms.Recorder.Integrity;

/// <summary>Puts the newest heads of all recordings down once a period, and sees to it that they get out of this machine.</summary>
internal sealed partial class Anchoring : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);
    /// <summary>Recordings that go on have a signed head by then.</summary>
    private static readonly TimeSpan s_start = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(20);

    private readonly AnchorStore _store;
    private readonly GapLedger _ledgers;
    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Anchoring> _logger;
    private readonly Meter _meter = new("Vms.Recorder.Integrity");
    private readonly long _startedAt;
    private volatile bool _undelivered;

    public Anchoring(AnchorStore store, GapLedger ledgers, RecorderOptions options, TimeProvider time, ILogger<Anchoring> logger)
    {
        _store = store;
        _ledgers = ledgers;
        _options = options;
        _time = time;
        _logger = logger;
        _startedAt = time.GetTimestamp();
        _meter.CreateObservableGauge("vms_anchor_undelivered", () => _undelivered ? 1 : 0, null, "1 while anchor records do not get out of this machine.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool waiting = true;        // an earlier run may have left some
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                waiting |= await AnchorAsync(stoppingToken);
                if (waiting)
                    await _store.DeliverAsync(stoppingToken);
                waiting = false;
                if (_undelivered)
                    Log.Delivered(_logger);
                _undelivered = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or AggregateException && !stoppingToken.IsCancellationRequested)
            {
                if (!_undelivered)
                    Log.NotDelivered(_logger, e.Message);
                _undelivered = true;
            }

            await Task.Delay(_undelivered || _store.Has(Period(_time.GetUtcNow())) ? s_retry : s_look, _time, stoppingToken);
        }
    }

    private DateTimeOffset Period(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % _options.AnchorInterval.Ticks), TimeSpan.Zero);

    /// <summary>One record a period, from the first time in it that there is something to put down.</summary>
    /// <returns>True when one was made.</returns>
    private async Task<bool> AnchorAsync(CancellationToken cancellationToken)
    {
        var period = Period(_time.GetUtcNow());
        if (_store.Has(period) || _ledgers.Heads() is not { Count: > 0 } heads)
            return false;
        if (heads.Count < _ledgers.Count && _time.GetElapsedTime(_startedAt) < s_start)
            return false;       // the others are about to write their first
        // What it vouches for is to be on the disk: a power cut in between would look like a cut.
        await Task.Delay(3 * _options.CommitInterval, _time, cancellationToken);
        _store.Add(period, new AnchorRecord(_time.GetUtcNow(), RecorderApp.Software, heads));
        Log.Anchored(_logger, heads.Count);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(3220, LogLevel.Information, "The heads of {Count} recordings are put down in an anchor record")]
        public static partial void Anchored(ILogger logger, int count);

        [LoggerMessage(3221, LogLevel.Error, "Anchor records do not get out of this machine ({Reason}); it is tried again until they do")]
        public static partial void NotDelivered(ILogger logger, string reason);

        [LoggerMessage(3222, LogLevel.Information, "Anchor records get out again")]
        public static partial void Delivered(ILogger logger);
    }
}
