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
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromMinutes(5);

    private readonly RpcChannel _channel = new(new Uri("unix://" + options.SocketOf("recorder", "rpc")), time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = desired.Replaced.Next;
            try
            {
                if (observed.IsConnected("recorder"))
                    await PassAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is RpcException)
            {
                Log.Later(logger, e.Message);
            }

            await changed.WaitAsync(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        _channel.Dispose();
        base.Dispose();
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Command("select camera_id from control.archive_deletion order by requested_at");
        foreach (var cameraId in await command.RowsAsync(r => r.GetString(0), cancellationToken))
        {
            // The reconciler stops the recording first; a recorder that still writes would refuse.
            if (IsRecording(cameraId, "main") || IsRecording(cameraId, "sub"))
                continue;
            var reply = await _channel.UnaryAsync(
                "vms.recorder.v1.RecorderPlane/DeleteArchive", new DeleteArchiveRequest { CameraId = cameraId }, DeleteArchiveReply.Parser,
                s_callDeadline, cancellationToken);
            await database.ExecuteAsync("delete from control.archive_deletion where camera_id = $1", [cameraId], cancellationToken);
            Log.Deleted(logger, cameraId, reply.Segments, reply.Bytes);
        }
    }

    private bool IsRecording(string cameraId, string stream) => observed.Recording(new StreamKey(cameraId, stream)) is { Mode: not "off" };

    private static partial class Log
    {
        [LoggerMessage(1045, LogLevel.Information, "Archive of the deleted camera {CameraId} removed: {Segments} segments, {Bytes} bytes")]
        public static partial void Deleted(ILogger logger, string cameraId, long segments, long bytes);

        [LoggerMessage(1046, LogLevel.Debug, "Archives of deleted cameras are removed later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);
    }
}
