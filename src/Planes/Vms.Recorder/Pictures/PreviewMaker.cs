using System.Threading.Channels;
using Vms.Containers;
using Vms.Hosting.Decoding;
using Vms.Recorder.Archive;
using Vms.Recorder.AtRest;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Pictures;

/// <summary>
/// Stores the previews of segments that are closed: one picture at a time, by a child with less right to the processor than everything
/// else, never for more than a quarter of the time, and not while the disk is behind with recording. What does not fit into the queue
/// is skipped and counted; when somebody looks at it, it is made after all.
/// </summary>
/// <remarks><see cref="Offer"/> by any thread; it never waits.</remarks>
internal sealed partial class PreviewMaker
{
    /// <summary>Segments that wait: some hours of a hundred cameras.</summary>
    private const int MaxQueued = 1024;

    /// <summary>So many pictures in a row that cannot be decoded, and the segment's others are not tried.</summary>
    private const int MaxFailures = 3;

    /// <summary>A picture is followed by a rest of so many times as long as it took.</summary>
    private const int Rest = 3;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly KeyframeDecoding _decoding;
    private readonly PreviewOptions _options;
    private readonly PreviewMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly PoolEncryptions? _encryptions;
    private readonly ILogger _logger;
    private readonly Channel<SegmentRow> _queue = Channel.CreateUnbounded<SegmentRow>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _queued = [];
    private bool _toldFailed;

    public PreviewMaker(
        KeyframeDecoding decoding, PreviewOptions options, PreviewMetrics metrics, TimeProvider time, ILogger<PreviewMaker> logger, PoolEncryptions? encryptions = null)
    {
        _decoding = decoding;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _encryptions = encryptions;
    }

    /// <summary>Recording waits for the disk: this reads nothing from it meanwhile. Set once, before <see cref="RunAsync"/>.</summary>
    public Func<bool> IsDiskBehind { get; set; } = static () => false;

    /// <summary>Segments that wait for their previews, and the one that gets them.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _queued.Count;
        }
    }

    /// <summary>A segment has no previews yet.</summary>
    /// <param name="segment">Closed, with its fragment table.</param>
    public void Offer(SegmentRow segment)
    {
        if (!_options.AreStored) return;
        lock (_gate)
        {
            if (_queued.Contains(segment.Id)) return;
            if (_queued.Count >= MaxQueued)
            {
                _metrics.Skipped("behind");
                return;
            }

            _queued.Add(segment.Id);
            _queue.Writer.TryWrite(segment);
        }
    }

    /// <summary>Works off what is offered until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var segment in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                await TryMakeAsync(segment, cancellationToken);
                lock (_gate)
                    _queued.Remove(segment.Id);
            }
        }
        catch (OperationCanceledException)
        {
            // What is left over is made when somebody looks at it.
        }
    }

    private async Task TryMakeAsync(SegmentRow segment, CancellationToken cancellationToken)
    {
        if (!File.Exists(segment.Path))
        {
            _metrics.Skipped("gone");
            return;
        }

        try
        {
            if (!await PreviewFile.IsWholeAsync(segment.Path, cancellationToken) && GopTable.TryDecode(segment.Gops.Span, out var table))
                await MakeAsync(segment, table, cancellationToken);
            _toldFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _metrics.Skipped("writeError");
            if (_toldFailed) return;
            _toldFailed = true;
            Log.NotWritten(_logger, segment.Path, e.Message);
        }
    }

    private async Task MakeAsync(SegmentRow segment, FragmentEntry[] table, CancellationToken cancellationToken)
    {
        using var writer = new PreviewFile.Writer(segment.Path, _encryptions?.PictureKeyAt(segment.Path));
        int failures = 0;
        foreach (var fragment in PreviewGrid.Of(table, _options.Interval))
        {
            while (IsDiskBehind())
                await Task.Delay(s_look, _time, cancellationToken);
            long began = _time.GetTimestamp();
            try
            {
                var keyframe = new RecordedKeyframe(segment, fragment, PlaybackPlan.EndUs(fragment));
                var picture = await _decoding.ToJpegAsync(keyframe, PreviewOptions.Width, PreviewOptions.Quality, readOnce: true, cancellationToken);
                writer.Add(fragment.CaptureTimeUs, picture.Bytes);
                failures = 0;
            }
            catch (RecordingUnreadableException e) when (e.Reason == UnreadableReason.Gone)
            {
                _metrics.Skipped("gone");       // retention was faster
                return;
            }
            catch (PictureException e) when (!e.IsRejected)
            {
                _metrics.Skipped("decoder");       // busy, or lost: offered again when somebody looks
                return;
            }
            catch (Exception e) when (e is RecordingUnreadableException or PictureException)
            {
                if (++failures == MaxFailures)
                {
                    _metrics.Skipped("undecodable");
                    Log.Undecodable(_logger, segment.Path, e.Message);
                    return;
                }
            }

            await Task.Delay(_time.GetElapsedTime(began) * Rest, _time, cancellationToken);
        }

        writer.Finish();
        _metrics.Made(writer.Count);
        // Retention removes a segment first and its previews then: one of the two sees what the other has done.
        if (!File.Exists(segment.Path)) SegmentSidecars.Delete(segment.Path);
    }

    private static partial class Log
    {
        [LoggerMessage(3500, LogLevel.Warning, "The previews of {Path} cannot be stored ({Reason}); its pictures are made when somebody looks at them")]
        public static partial void NotWritten(ILogger logger, string path, string reason);

        [LoggerMessage(3501, LogLevel.Information, "{Path} gets no previews: {Reason}")]
        public static partial void Undecodable(ILogger logger, string path, string reason);
    }
}
