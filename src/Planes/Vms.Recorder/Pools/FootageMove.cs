using System.Globalization;
using System.Runtime.CompilerServices;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>
/// Moves what somebody asked for from one pool to another, segment by segment as <see cref="SegmentMover"/> does. Keeps nothing of its own: what was
/// moved is not in the old pool any more, so that it goes on wherever it was ended.
/// </summary>
internal sealed class FootageMove(StoragePools pools, PoolContents contents, SegmentMover mover, RetentionSweep retention, TimeProvider time)
{
    /// <summary>That are named; all are counted.</summary>
    private const int MaxStuck = 100;

    /// <summary>What there is to move.</summary>
    /// <exception cref="MoveRefusedException">It may not be moved, or not now.</exception>
    public async Task<MoveMeasure> PlanAsync(MoveWish wish, CancellationToken cancellationToken)
    {
        CheckPools(wish);
        var measure = await contents.MeasureAsync(wish, cancellationToken);
        CheckRules(wish.To, measure);
        long room = RoomIn(wish.To);
        return measure.Bytes <= room
            ? measure
            : throw new MoveRefusedException(
                MoveRefusedException.PoolFull, $"Pool {wish.To.Name} has room for {Size(room)}, and {Size(measure.Bytes)} are to be moved. Choose a shorter time or another pool.");
    }

    /// <summary>Moves it, oldest first, and says after each segment how far it is.</summary>
    /// <exception cref="MoveRefusedException">It does not go on; what was moved stays moved.</exception>
    public async IAsyncEnumerable<MoveFootageProgress> RunAsync(MoveWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var measure = await PlanAsync(wish, cancellationToken);
        var told = new MoveFootageProgress { LeftSegments = measure.Segments, LeftBytes = measure.Bytes };
        yield return told.Clone();
        PlacedSegment? last = null;
        while (await contents.PageAsync(wish, last, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var segment in page)
            {
                await MoveAsync(wish, segment, told, cancellationToken);
                yield return told.Clone();
            }

            last = page[^1];
        }
    }

    private async Task MoveAsync(MoveWish wish, PlacedSegment segment, MoveFootageProgress told, CancellationToken cancellationToken)
    {
        CheckPools(wish);
        await mover.LetDiskCatchUpAsync(cancellationToken);
        // The index may not know yet that it went on or was deleted.
        if (File.Exists(segment.Path) && pools.Layout.TryParse(segment.Path, out var name))
        {
            var stored = new StoredSegment(name, segment.Path, segment.Bytes, segment.End);
            switch (await mover.MoveAsync(stored, wish.From, _ => RoomIn(wish.To) > segment.Bytes ? wish.To : null, cancellationToken))
            {
                case MoveResult.Moved:
                    told.Segments++;
                    told.Bytes += segment.Bytes;
                    break;
                case MoveResult.Gone:
                    break;
                case MoveResult.NoRoom:
                    throw new MoveRefusedException(MoveRefusedException.PoolFull, $"Pool {wish.To.Name} has become full; what is not moved yet stays in {wish.From.Name}.");
                case MoveResult.Waits:
                    throw new MoveRefusedException(MoveRefusedException.PoolAway, "A move that was interrupted has to be put right first; the recorder's log says what keeps it.");
                case var stuck:
                    CheckPools(wish);       // it is the pool then, not the file
                    Add(told, segment, stuck);
                    break;
            }
        }

        told.LeftSegments = Math.Max(0, told.LeftSegments - 1);
        told.LeftBytes = Math.Max(0, told.LeftBytes - segment.Bytes);
    }

    private static void Add(MoveFootageProgress told, PlacedSegment segment, MoveResult why)
    {
        told.StuckSegments++;
        if (told.Stuck.Count < MaxStuck)
        {
            told.Stuck.Add(new StuckSegment { CameraId = segment.CameraId, FromUnixMs = segment.Start.ToUnixTimeMilliseconds(), Reason = SegmentMover.WordOf(why) });
        }
    }

    private static void CheckPools(MoveWish wish)
    {
        if (!wish.From.IsThere)
        {
            throw new MoveRefusedException(MoveRefusedException.PoolAway, $"Pool {wish.From.Name} is away ({wish.From.State.Reason}); nothing can be moved out of it before it is back.");
        }

        switch (wish.To.State)
        {
            case (PoolState.Ready, _):
                break;
            case (PoolState.Full, var why):
                throw new MoveRefusedException(MoveRefusedException.PoolFull, $"Pool {wish.To.Name} is full ({why}); nothing can be moved into it.");
            case var (state, why):
                throw new MoveRefusedException(
                    MoveRefusedException.PoolAway, $"Pool {wish.To.Name} {(state == PoolState.Away ? "is away" : "has failed")} ({why}); nothing can be moved into it before it is back.");
        }
    }

    /// <summary>What the other pool would delete or move on at once is not moved there.</summary>
    private void CheckRules(StoragePool to, MoveMeasure measure)
    {
        var age = time.GetUtcNow() - (measure.OldestEnd ?? DateTimeOffset.MaxValue);
        if (to.Spec.MaxAge > TimeSpan.Zero && age > to.Spec.MaxAge)
        {
            throw new MoveRefusedException(
                MoveRefusedException.TooOld, $"Pool {to.Name} keeps recordings for {Number(to.Spec.MaxAge.TotalDays)} days, and some of these are older: they would be deleted there.");
        }

        if (to.Spec.MoveAfter is { } after && age > after && pools.All.Any(p => p != to && p.Spec.Role == PoolRole.Archive))
        {
            throw new MoveRefusedException(
                MoveRefusedException.MovesOn,
                $"From pool {to.Name} recordings are moved to an archive pool after {Number(after.TotalHours)} hours, and some of these are older: they would not stay there.");
        }
    }

    /// <summary>Without anything being deleted for it.</summary>
    private long RoomIn(StoragePool pool)
    {
        long headroom = retention.HeadroomBytes(pool);      // measures what is used, too
        return Math.Max(0, SegmentMover.RoomOf(pool) - headroom);
    }

    private static string Size(long bytes) =>
        bytes >= 1_000_000_000 ? $"{Number(bytes / 1e9)} GB" : $"{Number(bytes / 1e6)} MB";

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
