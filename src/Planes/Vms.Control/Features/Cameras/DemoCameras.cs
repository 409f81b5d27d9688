using Npgsql;
using Vms.Control.Data;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary><c>VMS_DEMO_CAMERAS</c> (<c>Name=rtsp://…;Name=rtsp://…</c>): adds each camera once, recording continuously. One that was
/// deleted or renamed since does not come back; one whose address changed (simulators take free ports) is pointed to the new one.</summary>
internal sealed partial class DemoCameras(
    NpgsqlDataSource database, IConfiguration configuration, NodeKey nodeKey, DesiredState desired, TimeProvider time, ILogger<DemoCameras> logger)
{
    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        if (PlaneOptions.Setting(configuration, "VMS_DEMO_CAMERAS") is not { } list)
            return;
        foreach (var entry in list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = entry.Split('=', 2, StringSplitOptions.TrimEntries);
            var settings = CameraRules.Check(
                new CameraRequest(Name: parts[0], MainUrl: parts.Length == 2 ? parts[1] : null), out var credentials, out var problems);
            if (problems.Count > 0)
                Log.Refused(logger, parts[0], string.Join(" ", problems.Select(p => p.Message + ".")));
            else
                await SeedAsync(settings, credentials, cancellationToken);
        }

        desired.Changed();
    }

    private async Task SeedAsync(CameraSettings settings, CameraCredentials? credentials, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isNew = await connection.ExecuteAsync(
            "insert into control.seeded (name, at) values ($1, $2) on conflict do nothing", ["camera:" + settings.Name, now], cancellationToken) == 1;
        if (isNew)
        {
            var row = new CameraRow(
                CameraId.New(), settings, string.IsNullOrEmpty(credentials?.Password) ? null : nodeKey.Protect(credentials.Password),
                CameraGenerations.First, now, now);
            await row.InsertAsync(connection, cancellationToken);
            Log.Added(logger, settings.Name);
        }
        else
        {
            await connection.ExecuteAsync("""
                update control.camera set main_url = $2, generation = generation + 1, main_generation = generation + 1, updated_at = $3
                where name = $1 and main_url <> $2 and deleted_at is null
                """, [settings.Name, settings.MainUrl, now], cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Information, "Added the demo camera {Name}")]
        public static partial void Added(ILogger logger, string name);

        [LoggerMessage(1021, LogLevel.Error, "VMS_DEMO_CAMERAS: camera {Name} is not added: {Reason}")]
        public static partial void Refused(ILogger logger, string name, string reason);
    }
}
