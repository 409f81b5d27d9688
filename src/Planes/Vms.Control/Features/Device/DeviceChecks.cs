using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>Asks the devices of cameras what they are, keeps what they say, and tells what is otherwise than before. Credentials that a device refused are not
/// sent again until they are others, or somebody asks for it, at most every five minutes. Any thread; of one camera one at a time (<see cref="CameraDevices"/>).</summary>
internal sealed partial class DeviceChecks(
    NpgsqlDataSource database, NodeKey nodeKey, DeviceClients clients, DeviceStates states, DeviceEvents events, TimeProvider time, ILogger<DeviceChecks> logger)
{
    /// <summary>By camera, of the last minutes: credentials that were refused at a port which somebody named, where the device is known to be elsewhere.</summary>
    private readonly ConcurrentDictionary<string, (string Key, DateTimeOffset At, DeviceProblem Problem)> _triedElsewhere = new(StringComparer.Ordinal);

    private static readonly TimeSpan s_betweenTries = TimeSpan.FromMinutes(5);

    /// <summary>All questions together.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);

    /// <param name="port">Of its web server, as somebody says; null: as known.</param>
    /// <param name="by">Who asks; null: nobody, it is due.</param>
    /// <returns>What is known now; null for a camera without an address.</returns>
    public async Task<DeviceRow?> CheckAsync(CameraRow camera, int? port, Actor? by, CancellationToken cancellationToken)
    {
        var known = await DeviceRow.FindAsync(database, camera.Id, cancellationToken);
        if (DeviceTarget.Of(camera, known, port, nodeKey) is not { } target)
            return null;
        var now = time.GetUtcNow();
        // At whatever port: the same password at the same host.
        if (known is not null && (IsRefused(known, target) || (known.CameraHost == target.CameraHost && IsRefused(camera, known))) && !(by is not null && now - known.CheckedAt >= s_betweenTries))
            return known;
        if (port is not null && known is not null && _triedElsewhere.TryGetValue(camera.Id, out var tried) && tried.Key == DeviceTarget.KeyOf(camera) && now - tried.At < s_betweenTries)
            return known with { Problem = tried.Problem };

        var read = await ReadAsync(target, cancellationToken);
        now = time.GetUtcNow();
        if (!read.IsSuccess)
        {
            var fault = DeviceFault.Of(read.Failure);
            if (fault.Trouble == DeviceTrouble.NotSupported)
                fault = fault with { Trouble = DeviceTrouble.Refused };
            var failed = DeviceFacts.Of(camera, target, known, read.Failure.Kind == OnvifFailureKind.NotOnvif ? fault with { Trouble = DeviceTrouble.NotSupported } : fault, now);
            // A port that somebody tries takes nothing away from a device that is known to be elsewhere.
            if (port is null || known is not { IsOnvif: true } || known.CameraHost != target.CameraHost)
                return await SaveAsync(known, failed, by, cancellationToken);
            if (fault.Trouble == DeviceTrouble.BadCredentials)
                RememberTry(camera, failed.Problem!, now);
            if (by is not null)
                await NoteAsync(failed, by, cancellationToken);
            return known with { Problem = failed.Problem };
        }

        return await SaveAsync(known, DeviceFacts.Of(camera, target, read.Value, now), by, cancellationToken);
    }

    /// <summary>The device refused something to the camera's credentials. Ones that it has taken before are asked about with a question that every user may ask;
    /// if they are wrong, nobody sends them again.</summary>
    /// <returns>False: the credentials are right, and their user may not do what was asked.</returns>
    public async Task<bool> RefusedAsync(CameraRow camera, DeviceTarget target, OnvifFailure failure, CancellationToken cancellationToken)
    {
        var known = await DeviceRow.FindAsync(database, camera.Id, cancellationToken);
        if (IsRefused(known, target))
            return true;
        if (failure.Kind == OnvifFailureKind.BadCredentials && target.Credentials is not null && known is { IsOnvif: true, Problem: null } && known.CredentialsKey == target.Key)
            return IsRefused(await CheckAsync(camera, port: null, by: null, cancellationToken), target);
        await SaveAsync(known, DeviceFacts.Of(camera, target, known, DeviceFault.Of(failure), time.GetUtcNow()), by: null, cancellationToken);
        return true;
    }

    /// <summary>The credentials that the camera has were refused by its device.</summary>
    public static bool IsRefused(CameraRow camera, DeviceRow known) => known.Problem?.Code == "badCredentials" && known.CredentialsKey == DeviceTarget.KeyOf(camera, known);

    /// <summary>These credentials were refused there before.</summary>
    public static bool IsRefused(DeviceRow? known, DeviceTarget target) => known is { Problem.Code: "badCredentials" } && known.CredentialsKey == target.Key;

    private async Task<OnvifResult<DeviceInspection>> ReadAsync(DeviceTarget target, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var client = clients.New(target);
        try
        {
            return await DeviceInspection.ReadAsync(client, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return OnvifResult<DeviceInspection>.Failed(OnvifFailureKind.TimedOut, "The device took too long to answer");
        }
    }

    private async Task<DeviceRow> SaveAsync(DeviceRow? known, DeviceRow row, Actor? by, CancellationToken cancellationToken)
    {
        bool isSame = known is { IsOnvif: true } && known.CameraHost == row.CameraHost && row.Problem is null;
        var changes = isSame ? DeviceChange.Between(known!.Information, row.Information, row.CheckedAt) : [];
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await row.SaveAsync(connection, cancellationToken);
            if (changes.Count > 0)
                await DeviceChange.AddAsync(connection, row.CameraId, changes, cancellationToken);
            if (by is not null)
                await NoteAsync(connection, row, by, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        states.Put(row, changes);
        Tell(known, row, changes);
        return row;
    }

    private async Task NoteAsync(DeviceRow row, Actor by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await NoteAsync(connection, row, by, cancellationToken);
    }

    private static Task NoteAsync(NpgsqlConnection connection, DeviceRow row, Actor by, CancellationToken cancellationToken) => AuditLog.AddAsync(
        connection, row.CheckedAt, by, "device.checked", row.CameraId, new { address = row.Service.Authority, problem = row.Problem?.Code }, cancellationToken);

    private void RememberTry(CameraRow camera, DeviceProblem problem, DateTimeOffset now)
    {
        foreach (var (id, tried) in _triedElsewhere)
        {
            if (now - tried.At >= s_betweenTries)
                _triedElsewhere.TryRemove(id, out _);
        }

        _triedElsewhere[camera.Id] = (DeviceTarget.KeyOf(camera), now, problem);
    }

    private void Tell(DeviceRow? known, DeviceRow row, IReadOnlyList<DeviceChange> changes)
    {
        foreach (var change in changes)
        {
            Log.Changed(logger, row.CameraId, change.What, change.Was, change.Now);
            events.Add(row.CameraId, "camera.device.changed", IdOf(row, change.What), row.CheckedAt, new { change.What, change.Was, change.Now });
        }

        if (row.Problem is not null || row.Clock is not { } clock || clock.IsOff() == (known?.CameraHost == row.CameraHost && known.Clock?.IsOff() == true))
            return;
        Log.Clock(logger, row.CameraId, clock.OffsetMs);
    }

    private static string IdOf(DeviceRow row, string what) => string.Create(CultureInfo.InvariantCulture, $"device/{row.CameraId}/{what}/{row.CheckedAt.UtcTicks}");

    private static partial class Log
    {
        [LoggerMessage(1410, LogLevel.Warning, "Camera {CameraId}: its device says {What} {Now}, and said {Was} before: it was updated, or replaced")]
        public static partial void Changed(ILogger logger, string cameraId, string what, string was, string now);

        [LoggerMessage(1411, LogLevel.Information, "Camera {CameraId}: its device's clock is now {OffsetMs} ms from this server's")]
        public static partial void Clock(ILogger logger, string cameraId, long offsetMs);
    }
}
