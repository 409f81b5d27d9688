using System.Text.Json;
using Npgsql;
using Vms.Containers;
using Vms.Native.Processes;
using Vms.Recorder.Archive;
using Vms.Recorder.Retention;
using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>How one segment is moved, whoever wants it: one at a time, and so that a crash anywhere leaves one file that the index names.</summary>
internal sealed partial class SegmentMover
{
    /// <summary>A row changes only to a higher version. The next one that stands for a closed segment.</summary>
    private const int NextVersion = 2;

    /// <summary>Finishes or undoes what a crash interrupted. Before anything else looks at the files.</summary>
    /// <returns>False when that is not possible yet: a pool is away, or a disk fails.</returns>
    public bool Recover()
    {
        try
        {
            if (_note.Read() is not { } move)
            {
                _note.Clear();
                return true;
            }

            if (!move.From.IsThere || !_pools.Of(move.NewPath).IsThere)
            {
                if (!_toldWaits)
                {
                    _toldWaits = true;
                    Log.WaitsForPool(_logger, move.OldPath, move.NewPath);
                }

                return false;
            }

            _toldWaits = false;

            if (File.Exists(move.NewPath))
            {
                // It was verified before it got this name.
                _retention.SwitchTo(move, Reached);
                Log.Completed(_logger, move.Row.CameraId, move.Row.Stream, move.OldPath, move.NewPath);
            }

            else
            {
                SegmentSidecars.Delete(move.NewPath);
            }

            if (File.Exists(move.UnfinishedPath))       // else not even its folder may be there
            {
                File.Delete(move.UnfinishedPath);
            }

            _note.Clear();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotRecovered(_logger, e.Message);
            return false;
        }
    }

    /// <summary>Returns when recording does not wait for the disk.</summary>
    public async Task LetDiskCatchUpAsync(CancellationToken cancellationToken)
    {
        while (IsDiskBehind())
        {
            await Task.Delay(s_giveWay, _time, cancellationToken);
        }
    }

    /// <summary>Moves one closed segment, when it is its turn.</summary>
    /// <param name="pool">Where it stands.</param>
    /// <param name="targetFor">Where it goes; null when nothing has room.</param>
    /// <exception cref="NpgsqlException">The database is away.</exception>
    /// <exception cref="OperationCanceledException">What was begun is undone.</exception>
    public async Task<MoveResult> MoveAsync(
        StoredSegment segment, StoragePool pool, Func<StoredSegment, StoragePool?> targetFor, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var result = Recover() ? await MoveInTurnAsync(segment, pool, targetFor, cancellationToken) : MoveResult.Waits;
            if (result is not (MoveResult.Moved or MoveResult.Gone or MoveResult.Waits))
            {
                _failures.Add(1, new KeyValuePair<string, object?>("reason", WordOf(result)));
            }

            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>As metrics and control name it.</summary>
    public static string WordOf(MoveResult result) => JsonNamingPolicy.CamelCase.ConvertName(result.ToString());

    /// <summary>Room above what always stays free, and below the pool's own ceiling.</summary>
    public static long RoomOf(StoragePool pool)
    {
        long free = pool.FreeBytes - pool.Spec.MinFreeBytes;
        return pool.Spec.MaxBytes > 0 ? Math.Min(free, pool.Spec.MaxBytes - pool.UsedBytes) : free;
    }

    private async Task<bool> RecoverInTurnAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return Recover();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<MoveResult> MoveInTurnAsync(
        StoredSegment segment, StoragePool pool, Func<StoredSegment, StoragePool?> targetFor, CancellationToken cancellationToken)
    {
        var row = await RowOfAsync(segment, cancellationToken);
        if (row is not { Closed: true } || row.Path != segment.Path || !GopTable.TryDecode(row.Gops.Span, out var table) || table.Length == 0)
        {
            return MoveResult.NotIndexed;       // a comparison of index and files brings it in
        }

        if (targetFor(segment) is not { } target)
        {
            return MoveResult.NoRoom;
        }

        _toldNoRoom = false;
        if (File.Exists(target.Home.PathOf(segment.Name)))
        {
            return MoveResult.Exists;       // which of the two is good is found out when index and files are compared
        }

        var move = SegmentMove.Of(row with { Path = target.Home.PathOf(segment.Name), Version = row.Version + NextVersion }, pool.Home, _pools.Layout);
        try
        {
            return await MoveAsync(move, table, target, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Recover();
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Failed(_logger, segment.Name.CameraId, segment.Name.Stream, segment.Path, target.Root, e.Message);
            Recover();
            return MoveResult.IoError;
        }
    }

    private async Task<MoveResult> MoveAsync(SegmentMove move, FragmentEntry[] table, StoragePool target, CancellationToken cancellationToken)
    {
        _note.Write(move);
        Reached(MoveStep.Noted);
        var result = await IdleThread.RunAsync(
            () => SegmentCopy.Make(move.OldPath, move.UnfinishedPath, table, () => GiveWay(cancellationToken), cancellationToken));
        if (result != CopyResult.Good)
        {
            File.Delete(move.UnfinishedPath);
            _note.Clear();
            Log.NotGood(_logger, move.Row.CameraId, move.Row.Stream, move.OldPath, target.Root, result);
            if (result == CopyResult.SourceDamaged)
            {
                _damage.Report(move.OldPath);
            }

            return result == CopyResult.SourceDamaged ? MoveResult.Damaged : MoveResult.CopyDamaged;
        }

        Reached(MoveStep.Copied);
        SegmentSidecars.Copy(move.OldPath, move.NewPath);
        long bytes = new FileInfo(move.UnfinishedPath).Length;
        // A recording that began anew may have gone on in it meanwhile.
        bool switched = !_open.Contains(move.Row.Id) && _retention.SwitchTo(move, Reached);
        if (switched)
        {
            target.UsedBytes += bytes;
            _bytes.Add(bytes, new KeyValuePair<string, object?>("pool", target.Name));
            Log.Moved(_logger, move.Row.CameraId, move.Row.Stream, move.OldPath, move.NewPath, bytes);
        }
        else
        {
            File.Delete(move.UnfinishedPath);       // retention was faster
            SegmentSidecars.Delete(move.NewPath);
        }

        _note.Clear();
        return switched ? MoveResult.Moved : MoveResult.Gone;
    }

    private async Task<SegmentRow?> RowOfAsync(StoredSegment segment, CancellationToken cancellationToken)
    {
        var waiting = _journal.PendingOf(segment.Name.CameraId, segment.Name.Stream, e => e.Id == segment.Name.Id);
        return waiting.Count > 0
            ? (waiting[^1] as SegmentPut)?.Segment
            : await _tables.FindAsync(segment.Name.Id, segment.Name.CameraId, segment.Name.Stream, cancellationToken);
    }

    private void GiveWay(CancellationToken cancellationToken)
    {
        while (IsDiskBehind() && !cancellationToken.WaitHandle.WaitOne(s_giveWay))
        {
        }
    }
}

/// <summary>What became of a segment that was to be moved. What did not move stays where it is, whole.</summary>
internal enum MoveResult
{
    Moved,

    /// <summary>It was deleted, or gone on with, meanwhile.</summary>
    Gone,

    /// <summary>A move that was interrupted cannot be put right yet.</summary>
    Waits,

    /// <summary>No pool has room for it.</summary>
    NoRoom,

    /// <summary>The index does not have it as it is, yet.</summary>
    NotIndexed,

    /// <summary>There is a file of its name in the other pool.</summary>
    Exists,

    /// <summary>It is not what was recorded any more.</summary>
    Damaged,

    /// <summary>The other pool's disk gives back something else than was written to it.</summary>
    CopyDamaged,

    /// <summary>A disk did not take it, or did not give it.</summary>
    IoError,
}
