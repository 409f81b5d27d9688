using System.Runtime.CompilerServices;
using Vms.Containers;
using Vms.Hosting.Decoding;
using Vms.Hosting.Motion;
using Vms.Native.Ffmpeg;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Motion;

/// <summary>A pair of keyframes and what changed between them.</summary>
/// <param name="Grid">Null when it could not be looked at; then <paramref name="Reason"/> says why.</param>
internal readonly record struct PairMotion(KeyframePair Pair, MotionGrid? Grid, string? Reason, bool IsComputed);

/// <summary>
/// Gives one search the motion grids of one segment after the other: the stored ones, those that were handed over and are not stored yet, and those that
/// it makes and stores. One caller at a time; it keeps the last picture that was decoded, which the next older pair needs, too.
/// </summary>
internal sealed partial class SegmentMotion(
    KeyframeDecoding decoding, HandedGrids handed, SegmentDamage damage, MotionMetrics metrics, Func<bool> isDiskBehind, TimeProvider time, ILogger logger)
{
    /// <summary>So many pictures in a row that cannot be decoded, and the segment's others are not tried.</summary>
    private const int MaxFailures = 3;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private (Guid SegmentId, long Offset, LumaPicture Picture)? _held;
    private int _failures;
    private string _failure = "";

    /// <summary>The pairs of a segment that overlap a range, newest first.</summary>
    /// <param name="next">The first keyframe of the recording behind it, where there is one.</param>
    /// <remarks>What was computed is stored when the caller ends, too.</remarks>
    public async IAsyncEnumerable<PairMotion> NewestFirstAsync(
        SegmentRow segment, FragmentEntry[] table, RecordedKeyframe? next, long fromUs, long toUs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pairs = KeyframePairs.Of(segment, table, next).FindAll(p => p.BeforeUs < toUs && p.AfterUs > fromUs);
        if (pairs.Count == 0) yield break;
        var stored = segment.Closed ? await MotionFile.ReadAsync(segment.Path, cancellationToken) : [];
        var known = new KnownGrids([.. stored, .. handed.Between(segment.CameraId, pairs[0].BeforeUs, pairs[^1].AfterUs)]);
        var computed = new List<MotionGrid>();
        _failures = 0;
        try
        {
            for (int i = pairs.Count - 1; i >= 0; i--)
            {
                var pair = pairs[i];
                if (known.Between(pair.BeforeUs, pair.AfterUs) is { } grid)
                {
                    metrics.Read();
                    yield return new PairMotion(pair, grid, null, IsComputed: false);
                    continue;
                }

                if (_failures < MaxFailures && await ComputeAsync(pair, cancellationToken) is { } made)
                {
                    computed.Add(made);
                    metrics.Computed();
                    yield return new PairMotion(pair, made, null, IsComputed: true);
                }
                else
                {
                    yield return new PairMotion(pair, null, _failure, IsComputed: false);
                }
            }
        }
        finally
        {
            if (computed.Count > 0 && segment.Closed) Store(segment.Path, computed);
        }
    }

    private async Task<MotionGrid?> ComputeAsync(KeyframePair pair, CancellationToken cancellationToken)
    {
        while (isDiskBehind())
            await Task.Delay(s_look, time, cancellationToken);
        try
        {
            var after = await PictureAsync(pair.After, cancellationToken);
            var before = await PictureAsync(pair.Before, cancellationToken);
            _failures = 0;
            return PictureComparison.Compare(before, pair.BeforeUs, after, pair.AfterUs);
        }
        catch (RecordingUnreadableException e) when (e.Reason == UnreadableReason.KeyMissing)
        {
            return Failed("keyMissing", MaxFailures);       // of a whole file, and nothing is damaged
        }
        catch (RecordingUnreadableException e)
        {
            damage.Report(e.Path);
            // What is gone is so as a whole.
            return Failed(e.Reason switch { UnreadableReason.Gone => "deleted", UnreadableReason.Damaged => "damaged", _ => "readError" },
                e.Reason == UnreadableReason.Gone ? MaxFailures : 1);
        }
        catch (PictureException e)
        {
            return Failed(e.IsRejected ? "undecodable" : "noDecoder", 1);
        }
    }

    private MotionGrid? Failed(string reason, int weight)
    {
        _failures += weight;
        _failure = reason;
        return null;
    }

    private async ValueTask<LumaPicture> PictureAsync(RecordedKeyframe keyframe, CancellationToken cancellationToken)
    {
        var (id, offset) = (keyframe.Segment.Id, keyframe.Fragment.Offset);
        if (_held is { } held && held.SegmentId == id && held.Offset == offset) return held.Picture;
        var picture = await decoding.ToLumaAsync(keyframe, PictureComparison.PictureWidth, cancellationToken);
        _held = (id, offset, picture);
        return picture;
    }

    private void Store(string path, List<MotionGrid> grids)
    {
        try
        {
            MotionFile.Add(path, grids);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotStored(logger, path, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3510, LogLevel.Warning, "The motion grids of {Path} cannot be stored ({Reason}); the next search makes them again")]
        public static partial void NotStored(ILogger logger, string path, string reason);
    }
}
