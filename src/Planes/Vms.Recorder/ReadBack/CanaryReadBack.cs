using System.Diagnostics.Metrics;
using Vms.Native.Processes;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Events;
using Vms.Recorder.Gaps;
using Vms.Recorder.Recordings;
using Vms.Recorder.Writing;

namespace Vms.Recorder.ReadBack;

/// <summary>
/// Once a minute reads the newest settled fragment of one recording back from the disk, compares it with what was written and has its keyframe
/// decoded; all recordings in turn. Writing says that the disk took something: only this says that it is there, and that it plays.
/// </summary>
internal sealed partial class CanaryReadBack : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Recordings that are asked for something fresh in one turn: those that wait for motion may have nothing.</summary>
    private const int MaxAsked = 8;

    /// <summary>How far back a closed segment is looked for.</summary>
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);

    private readonly RecordingRegistry _recordings;
    private readonly OpenSegments _open;
    private readonly ArchiveIndex _index;
    private readonly GapLedger _ledgers;
    private readonly ReadBackBook _book;
    private readonly SegmentDamage _damage;
    private readonly RecorderEvents _events;
    private readonly ArchiveLayout _layout;
    private readonly KeyframeDecoder _decoder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DiskReader _disk;
    private readonly Dictionary<Guid, string> _suspects = [];       // files that are still being written, by segment
    private readonly Meter _meter = new("Vms.Recorder.ReadBack");
    private readonly Counter<long> _reads;
    private (string CameraId, string Stream) _last = ("", "");

    public CanaryReadBack(
        RecordingRegistry recordings,
        OpenSegments open,
        ArchiveIndex index,
        GapLedger ledgers,
        ReadBackBook book,
        SegmentDamage damage,
        RecorderEvents events,
        ArchiveLayout layout,
        KeyframeDecoder decoder,
        TimeProvider time,
        ILogger<CanaryReadBack> logger,
        StorageKeys? keys = null)
    {
        _disk = new DiskReader(keys);
        _recordings = recordings;
        _open = open;
        _index = index;
        _ledgers = ledgers;
        _book = book;
        _damage = damage;
        _events = events;
        _layout = layout;
        _decoder = decoder;
        _time = time;
        _logger = logger;
        _reads = _meter.CreateCounter<long>("vms_recording_canary_reads_total", null, "Fragments read back from the disk, by result.");
        _meter.CreateObservableGauge(
            "vms_recording_canary_failing", () => _book.Failing, null, "Recordings whose last fragment that was read back was not what was recorded.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryReadNextAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The recorder stops.
        }
    }

    private async Task TryReadNextAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ReadNextAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.Failed(_logger, e);     // one turn's trouble, not the end of looking
        }
    }

    /// <summary>The recording whose turn it is. One caller at a time.</summary>
    internal async Task ReadNextAsync(CancellationToken cancellationToken)
    {
        ReportClosed();
        var streams = _recordings.Statuses().Where(s => s.State != RecordingState.Stopped).Select(s => (s.CameraId, s.Stream)).Order().ToList();
        _book.KeepOnly(streams);
        int after = streams.FindIndex(s => s.CompareTo(_last) > 0);
        for (int asked = 0; asked < Math.Min(streams.Count, MaxAsked); asked++)
        {
            var (cameraId, stream) = _last = streams[(Math.Max(after, 0) + asked) % streams.Count];
            if (await FreshAsync(cameraId, stream, cancellationToken) is { } fragment && !fragment.IsSameAs(_book.Of(cameraId, stream)?.Fragment))
            {
                await ReadAsync(cameraId, stream, fragment, cancellationToken);
                return;
            }
        }
    }

    private async Task ReadAsync(string cameraId, string stream, FreshFragment fragment, CancellationToken cancellationToken)
    {
        var verdict = await IdleThread.RunAsync(() => _disk.Read(fragment));
        if (verdict.Result == ReadBackResult.Gone && !await IsWantedAsync(fragment, cancellationToken))
        {
            return;
        }

        if (!verdict.IsFailure)
        {
            verdict = await _decoder.DecodeAsync(fragment, _disk.Fragment, cancellationToken);
        }

        _reads.Add(1, new KeyValuePair<string, object?>("result", ReadBackVerdict.NameOf(verdict.Result)));
        var before = _book.Of(cameraId, stream);
        _book.Set(cameraId, stream, new LastReadBack(_time.GetUtcNow(), fragment, verdict));
        if (verdict.IsFailure)
        {
            Tell(cameraId, stream, fragment, verdict, isNew: before?.Verdict.Result != verdict.Result);
        }
        else if (before is { Verdict.IsFailure: true })
        {
            Log.GoodAgain(_logger, cameraId, stream, fragment.From);
        }
    }

    /// <summary>An alarm when it begins or changes; while it stays so the status says it.</summary>
    private void Tell(string cameraId, string stream, FreshFragment fragment, ReadBackVerdict verdict, bool isNew)
    {
        if (isNew)
        {
            Log.NotGood(_logger, cameraId, stream, fragment.From, fragment.Segment.Path, ReadBackVerdict.NameOf(verdict.Result), verdict.Reason);
            _events.ReadBackFailed(
                cameraId, stream, fragment.Segment.Id, fragment.From, fragment.To, _layout.Relative(fragment.Segment.Path), ReadBackVerdict.NameOf(verdict.Result), verdict.Reason);
        }

        if (verdict.Result is ReadBackResult.Gone or ReadBackResult.Altered)
        {
            _suspects[fragment.Segment.Id] = fragment.Segment.Path;
            ReportClosed();
        }
    }

    /// <summary>What is left of a file is found out when nothing is added to it any more.</summary>
    private void ReportClosed()
    {
        foreach (var (id, path) in _suspects.Where(s => !_open.Contains(s.Key)).ToList())
        {
            // One that will not be looked into now is brought up again the next minute.
            if (_damage.Report(path))
            {
                _suspects.Remove(id);
            }
        }
    }

    /// <returns>Null when there is nothing that can be read back, or the index cannot say.</returns>
    private async ValueTask<FreshFragment?> FreshAsync(string cameraId, string stream, CancellationToken cancellationToken)
    {
        // Mostly the segment being written has one, and then nobody else is asked.
        foreach (var row in _open.Of(cameraId, stream, withGops: true).OrderByDescending(s => s.Id))
        {
            if (FreshFragment.In(row) is { } fragment)
            {
                return fragment;
            }
        }

        var last = UnixTime.FromMicroseconds(_ledgers.Of(cameraId, stream).LastCaptureTimeUs);
        try
        {
            var rows = last > DateTimeOffset.UnixEpoch + s_fresh ? await _index.FindAsync(cameraId, stream, last - s_fresh, last, cancellationToken) : [];
            return rows.Reverse().Select(FreshFragment.In).FirstOrDefault(f => f is not null);
        }
        catch (IndexUnavailableException)
        {
            return null;
        }
    }

    /// <summary>It may have been deleted, or moved, between the question and the reading.</summary>
    private async ValueTask<bool> IsWantedAsync(FreshFragment fragment, CancellationToken cancellationToken)
    {
        var row = fragment.Segment;
        if (_open.Contains(row.Id))
        {
            return true;
        }

        try
        {
            return (await _index.FindAsync(row.CameraId, row.Stream, row.From, row.To, cancellationToken)).Any(s => s.Id == row.Id && s.Path == row.Path);
        }
        catch (IndexUnavailableException)
        {
            return false;       // nobody can say; the next turn asks again
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            3060, LogLevel.Error,
            "Camera {CameraId} {Stream}: what was recorded at {From:O} does not read back from {Path}: {Result} ({Reason}). Look at the disk; recording goes on, the camera is read back "
            + "again when its turn comes, and what proves lost becomes a gap")]
        public static partial void NotGood(ILogger logger, string cameraId, string stream, DateTimeOffset from, string path, string result, string reason);

        [LoggerMessage(3061, LogLevel.Information, "Camera {CameraId} {Stream}: what was recorded at {From:O} reads back and decodes again")]
        public static partial void GoodAgain(ILogger logger, string cameraId, string stream, DateTimeOffset from);

        [LoggerMessage(3062, LogLevel.Error, "Nothing could be read back this minute; the next recording has its turn in a minute")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
