using System.Threading.Channels;
using Vms.Hosting.Motion;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Motion;

/// <summary>
/// Puts what the analytics plane handed over beside the segments that are closed, a little later: the last grid of a segment ends with the next one's first
/// picture, which analysis has to see first. A search adds what is missing.
/// </summary>
/// <remarks><see cref="Offer"/> by any thread; it never waits.</remarks>
internal sealed partial class GridKeeping(HandedGrids handed, TimeProvider time, ILogger<GridKeeping> logger)
{
    /// <summary>Segments that wait: more than are closed in the time of a large installation.</summary>
    private const int MaxWaiting = 4096;

    /// <summary>Analysis that is farther behind leaves pictures out.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Pictures of another stream are not of the same moment: so much in front of a segment and behind it is looked at.</summary>
    private const long AroundUs = 2_000_000;

    private readonly Channel<Waiting> _closed = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private bool _toldFailed;

    /// <param name="Grids">That were there when it was closed.</param>
    private sealed record Waiting(string CameraId, string Path, long FromUs, long ToUs, IReadOnlyList<MotionGrid> Grids, long Since);

    /// <summary>A segment is complete.</summary>
    public void Offer(SegmentRow segment)
    {
        long fromUs = UnixTime.ToMicroseconds(segment.From), toUs = UnixTime.ToMicroseconds(segment.To) + AroundUs;
        // Full: the next search makes them.
        _closed.Writer.TryWrite(new Waiting(segment.CameraId, segment.Path, fromUs, toUs, handed.Between(segment.CameraId, fromUs, toUs), time.GetTimestamp()));
    }

    /// <summary>Works off what is offered until it is cancelled; then the rest at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var closed in _closed.Reader.ReadAllAsync(cancellationToken))
            {
                if (s_patience - time.GetElapsedTime(closed.Since) is { Ticks: > 0 } left)
                    await Task.Delay(left, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Store(closed);
            }
        }
        catch (OperationCanceledException)
        {
            while (_closed.Reader.TryRead(out var closed))
                Store(closed);
        }
    }

    private void Store(Waiting closed)
    {
        List<MotionGrid> grids = [.. closed.Grids, .. handed.Between(closed.CameraId, closed.FromUs, closed.ToUs)];
        // It may have been moved or deleted meanwhile.
        if (grids.Count == 0 || !File.Exists(closed.Path)) return;
        try
        {
            MotionFile.Add(closed.Path, grids);
            _toldFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_toldFailed) return;
            _toldFailed = true;
            Log.NotStored(logger, closed.Path, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3511, LogLevel.Warning, "The motion grids that were handed over for {Path} cannot be stored ({Reason}); the next search makes them")]
        public static partial void NotStored(ILogger logger, string path, string reason);
    }
}
