using System.Threading.Channels;
using Vms.Containers;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Motion;

/// <summary>What is searched for.</summary>
/// <param name="Least">Share of a cell that must have changed, 1..255.</param>
internal sealed record MotionQuery(PlaybackRequest Footage, MotionRegion Region, byte Least);

/// <summary>
/// One search: from the newest footage of a range to the oldest. Hits and what was skipped go to a channel, which holds the search up when
/// the client is slow; how far it has come may be read at any time.
/// </summary>
internal sealed class MotionSearch(PlaybackSegments recorded, SegmentMotion motion, MotionOptions options, MotionQuery query, ChannelWriter<MotionMessage> output)
{
    private readonly long _fromUs = UnixTime.ToMicroseconds(query.Footage.From);
    private readonly long _toUs = UnixTime.ToMicroseconds(query.Footage.To);
    private readonly JoinedHits _hits = new(options);
    private readonly JoinedSkips _skips = new();
    private long _searchedToUs = UnixTime.ToMicroseconds(query.Footage.To);
    private long _searchedUs;
    private long _computed;
    private long _standInFromUs = long.MaxValue;
    private RecordedKeyframe? _newer;

    private bool IsFull => _hits.Count >= options.MaxHits;

    /// <summary>Any thread.</summary>
    public MotionProgress Progress
    {
        get
        {
            long searchedTo = Interlocked.Read(ref _searchedToUs);
            double share = (double)(_toUs - searchedTo) / (_toUs - _fromUs);
            return new MotionProgress(TimeOf(searchedTo), Math.Round(share, 4), Interlocked.Read(ref _computed));
        }
    }

    /// <exception cref="IndexUnavailableException">The index went away.</exception>
    /// <exception cref="OperationCanceledException">The client hung up.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // What follows the range without a hole is compared with its last picture.
        long behindUs = KeyframeSearch.ToleranceUs;
        var seen = new HashSet<Guid>();
        for (long endUs = _toUs; endUs > _fromUs && !IsFull;)
        {
            long beginUs = Math.Max(_fromUs, endUs - (long)options.Window.TotalMicroseconds);
            var window = query.Footage with { From = UnixTime.FromMicroseconds(beginUs), To = UnixTime.FromMicroseconds(endUs + behindUs) };
            var visited = new HashSet<Guid>();
            foreach (var (segment, from, to) in (await recorded.FindAsync(window, cancellationToken)).Reverse())
            {
                if (PlaybackSegments.StandsIn(segment, query.Footage))
                {
                    // Only where the better stream has a hole; what of it reaches into the newer window was searched with that.
                    await SearchAsync(segment, UnixTime.ToMicroseconds(from), Math.Min(UnixTime.ToMicroseconds(to), _standInFromUs), cancellationToken);
                    _standInFromUs = Math.Max(UnixTime.ToMicroseconds(from), UnixTime.ToMicroseconds(segment.From));
                }
                else
                {
                    visited.Add(segment.Id);
                    // One that reaches into the newer window was searched with it.
                    if (!seen.Contains(segment.Id)) await SearchAsync(segment, _fromUs, _toUs, cancellationToken);
                }

                if (IsFull) break;
            }

            seen = visited;
            endUs = beginUs;
            behindUs = 0;
            if (!IsFull) CameTo(beginUs);
        }

        if (!IsFull) await TellAsync(_hits.End(), cancellationToken);
        await TellAsync(_skips.End(), cancellationToken);
        var progress = Progress;
        await output.WriteAsync(
            new MotionEnd(_hits.Count, Math.Round(_searchedUs / 1e6, 3), progress.GridsComputed, _searchedToUs <= _fromUs, progress.SearchedTo), cancellationToken);
    }

    private async Task SearchAsync(SegmentRow segment, long fromUs, long toUs, CancellationToken cancellationToken)
    {
        if (!GopTable.TryDecode(segment.Gops.Span, out var table) || table.Length == 0) return;
        await foreach (var (pair, grid, reason, isComputed) in motion.NewestFirstAsync(segment, table, _newer is { } newer && newer.Segment.Stream == segment.Stream ? newer : null, fromUs, toUs, cancellationToken))
        {
            var (beforeUs, afterUs) = (Math.Max(fromUs, pair.BeforeUs), Math.Min(toUs, pair.AfterUs));
            if (isComputed) Interlocked.Increment(ref _computed);
            if (grid is null)
            {
                await TellAsync(_skips.Add(beforeUs, afterUs, reason!), cancellationToken);
            }
            else
            {
                _searchedUs += afterUs - beforeUs;
                if (query.Region.In(grid, query.Least) is { } found) await TellAsync(_hits.Add(beforeUs, afterUs, found), cancellationToken);
                else await TellAsync(_hits.Quiet(beforeUs), cancellationToken);
            }

            // What began one hit too many was not told, so it counts as not searched.
            if (IsFull) return;
            CameTo(beforeUs);
        }

        _newer = KeyframePairs.FirstOf(segment, table);
    }

    /// <summary>Never back: after the clock was set back, footage of one time lies in two places.</summary>
    private void CameTo(long atUs) => Interlocked.Exchange(ref _searchedToUs, Math.Clamp(atUs, _fromUs, _searchedToUs));

    private ValueTask TellAsync(MotionMessage? message, CancellationToken cancellationToken) =>
        message is null ? ValueTask.CompletedTask : output.WriteAsync(message, cancellationToken);

    internal static GetTimeline.Time TimeOf(long us) => new(UnixTime.FromMicroseconds(us));
}
