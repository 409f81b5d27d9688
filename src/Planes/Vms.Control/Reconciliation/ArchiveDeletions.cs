using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Reconciliation;

/// <summary>Asks the recorder to remove the archives of cameras that were deleted with their recordings; the wish stays in the database
/// until the recorder has done it.</summary>
internal sealed partial class ArchiveDeletions(
    NpgsqlDataSource database, DesiredState desired, ObservedState observed, PlaneOptions options, TimeProvider time, ILogger<ArchiveDeletions> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_intervalWhileStopping = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromMinutes(5);

    /// <summary>A hold lasts; asking looks at every file of the camera.</summary>
    private static readonly TimeSpan s_askHeldAgain = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, long> _held = new(StringComparer.Ordinal);
    private readonly RpcChannel _channel = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = desired.Replaced.Next;
            var interval = s_interval;
            try
            {
                if (observed.IsConnected("recorder") && !await PassAsync(stoppingToken))
                    interval = s_intervalWhileStopping;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is RpcException)
            {
                Log.Later(logger, e.Message);
            }

            await changed.WaitAsync(interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        _channel.Dispose();
        base.Dispose();
    }

    /// <returns>False when an archive is still being written to.</returns>
    private async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command("select camera_id, requested_by from control.archive_deletion order by requested_at");
        var wishes = await command.RowsAsync(r => (CameraId: r.GetString(0), By: r.GetString(1)), cancellationToken);
        if (wishes.Count == 0)
            return true;

        // The reconciler stops the recording first; a recorder that still writes would refuse. Asked of the recorder itself: a report
        // that has not come yet does not mean that it is not recording.
        var list = await _channel.UnaryAsync(
            "vms.recorder.v1.RecorderPlane/ListRecordings", new ListRecordingsRequest(), RecordingList.Parser, s_callDeadline, cancellationToken);
        var recording = list.Recordings.Where(r => r.Runs).Select(r => r.CameraId).ToHashSet(StringComparer.Ordinal);
        foreach (var (cameraId, by) in wishes.Where(w => !recording.Contains(w.CameraId) && !IsHeld(w.CameraId)))
        {
            var reply = await _channel.UnaryAsync(
                "vms.recorder.v1.RecorderPlane/DeleteArchive", await RequestAsync(cameraId, by, cancellationToken), DeleteArchiveReply.Parser,
                s_callDeadline, cancellationToken);
            if (reply.FilesLeft > 0)
            {
                Log.Left(logger, cameraId, reply.FilesLeft);
                continue;
            }

            if (reply.HeldSegments > 0)
            {
                if (!_held.ContainsKey(cameraId))
                    Log.Held(logger, cameraId, reply.HeldSegments, reply.HeldBytes);
                _held[cameraId] = time.GetTimestamp();
                continue;
            }

            _held.Remove(cameraId);
            await database.ExecuteAsync("delete from control.archive_deletion where camera_id = $1", [cameraId], cancellationToken);
            Log.Deleted(logger, cameraId, reply.Segments, reply.Bytes);
        }

        return !wishes.Exists(w => recording.Contains(w.CameraId));
    }

    /// <summary>Names the list of what is to be kept: every hold that was confirmed up to now. The recorder refuses while it has another.</summary>
    private async Task<DeleteArchiveRequest> RequestAsync(string cameraId, string by, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select generation, list_id from control.kept_generation");
        var (generation, listId) = (await command.RowsAsync(r => (r.GetInt64(0), r.GetString(1)), cancellationToken))[0];
        return new DeleteArchiveRequest { CameraId = cameraId, RequestedBy = by, KeptGeneration = generation, KeptListId = listId };
    }

    private bool IsHeld(string cameraId) => _held.TryGetValue(cameraId, out var since) && time.GetElapsedTime(since) < s_askHeldAgain;

    private static partial class Log
    {
        [LoggerMessage(1045, LogLevel.Information, "Archive of the deleted camera {CameraId} removed: {Segments} segments, {Bytes} bytes")]
        public static partial void Deleted(ILogger logger, string cameraId, long segments, long bytes);

        [LoggerMessage(1049, LogLevel.Debug, "Archive of the deleted camera {CameraId}: {Files} files could not be deleted, they are tried again")]
        public static partial void Left(ILogger logger, string cameraId, long files);

        [LoggerMessage(1052, LogLevel.Information, "Archive of the deleted camera {CameraId}: holds and clips keep {Segments} segments, {Bytes} bytes; they go when those are gone")]
        public static partial void Held(ILogger logger, string cameraId, long segments, long bytes);

        [LoggerMessage(1046, LogLevel.Debug, "Archives of deleted cameras are removed later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);
    }
}
