using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Hosting;

namespace Vms.Control.Features.Ptz;

/// <summary>Who moves which camera: one at a time. When control stops, so does what it moves. Any thread.</summary>
internal sealed class PtzControl(CameraDevices devices, DeviceStates states, NpgsqlDataSource database, PtzPositions positions, TimeProvider time, ILogger<PtzControl> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, PtzSession> _sessions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="cameraId">Of a camera that the caller knows.</param>
    public PtzSession Of(string cameraId) => _sessions.GetOrAdd(cameraId, id => new PtzSession(id, devices, time, logger, _stopping.Token));

    /// <summary>Lets the caller move the camera, and notes it when it is somebody else's until now.</summary>
    /// <returns>Either.</returns>
    public async Task<(PtzSession? Session, ProblemHttpResult? Problem)> TakeAsync(string cameraId, HttpContext context, CancellationToken cancellationToken)
    {
        if ((states.Of(cameraId) ?? await DeviceRow.FindAsync(database, cameraId, cancellationToken)) is { IsOnvif: true, PtzProfile: null })
            return (null, new DeviceFault(DeviceTrouble.NotSupported, "Its device tells of nothing that moves this picture").ToProblem(DeviceFeature.Ptz));

        var (session, caller) = (Of(cameraId), Caller.Of(context));
        var account = caller.Principal!.Id;
        var (other, seized) = session.TryTake(account, caller.Name);
        if (other is not null)
        {
            return (null, Problems.Of(
                StatusCodes.Status409Conflict, "ptzInUse", "Somebody else moves the camera", $"{other.Name} moves it; it is free {PtzHolder.Grace.TotalSeconds:0} s after their last command."));
        }

        if (!seized)
            return (session, null);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await AuditLog.AddAsync(connection, time.GetUtcNow(), Actor.Of(context), "ptz.seized", cameraId, new { }, cancellationToken);
        }
        catch
        {
            session.LetGo(account);
            throw;
        }

        return (session, null);
    }

    /// <summary>Has an order of the caller's carried out.</summary>
    /// <param name="preset">Where the camera stands then; null: at none that is known.</param>
    public async Task<Results<NoContent, ProblemHttpResult>> OrderAsync(
        string cameraId, HttpContext context, Func<PtzSession, Task<DeviceFault?>> order, CancellationToken cancellationToken, string? preset = null)
    {
        var (session, problem) = await TakeAsync(cameraId, context, cancellationToken);
        if (session is null)
            return problem!;
        if (await order(session) is { } fault)
            return fault.ToProblem(DeviceFeature.Ptz);
        positions.Moved(cameraId, preset);
        return TypedResults.NoContent();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_sessions.Values.Select(session => session.CloseAsync()))
            .WaitAsync(s_farewell, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync();
    }

    public void Dispose() => _stopping.Dispose();
}
