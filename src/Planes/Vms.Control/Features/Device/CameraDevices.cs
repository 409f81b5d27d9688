using System.Collections.Concurrent;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>
/// Lets callers in to the devices of cameras: of one camera one at a time, of all together a bounded number; who finds no room in time is told so. Any thread.
/// </summary>
internal sealed class CameraDevices(NpgsqlDataSource database, DesiredState desired, NodeKey nodeKey, DeviceClients clients, DeviceChecks checks, TimeProvider time) : IDisposable
{
    /// <summary>Devices that are asked on somebody's behalf at a time.</summary>
    private const int MaxAtATime = 16;

    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _all = new(MaxAtATime, MaxAtATime);

    /// <summary>Connects to the device of a camera, which is asked what it is first if nobody has.</summary>
    /// <returns>Either.</returns>
    public async Task<(DeviceLink? Link, DeviceFault? Fault)> OpenAsync(string cameraId, CancellationToken cancellationToken)
    {
        if (await EnterAsync(cameraId, cancellationToken) is not { } leave)
            return (null, Busy());
        DeviceLink? link = null;
        try
        {
            (link, var fault) = await ConnectAsync(cameraId, null, leave, cancellationToken);
            return (link, fault);
        }
        finally
        {
            if (link is null)
                leave();
        }
    }

    /// <summary>The same for one who stays: nobody waits for it, and the device has to answer soon.</summary>
    public Task<(DeviceLink? Link, DeviceFault? Fault)> OpenToStayAsync(string cameraId, TimeSpan atMost, CancellationToken cancellationToken) =>
        ConnectAsync(cameraId, atMost, null, cancellationToken);

    /// <summary>The camera is still asked there, and with these credentials.</summary>
    public bool IsCurrent(DeviceLink link) =>
        desired.Cameras?.GetValueOrDefault(link.Camera.Id)?.Row is not { } row || row.Generations.Camera <= link.Camera.Generations.Camera
        || DeviceTarget.KeyOf(row, link.Row) == link.Row.CredentialsKey;

    /// <summary>Asks what the device is, whatever is known.</summary>
    /// <returns>Null with no fault: the camera has no address.</returns>
    public async Task<(DeviceRow? Row, DeviceFault? Fault)> CheckAsync(string cameraId, int? port, Actor? by, CancellationToken cancellationToken)
    {
        if (await EnterAsync(cameraId, cancellationToken) is not { } leave)
            return (null, Busy());
        try
        {
            return await CameraRow.FindAsync(database, cameraId, cancellationToken) is { } camera
                ? (await checks.CheckAsync(camera, port, by, cancellationToken), null)
                : (null, DeviceFault.NoSuchCamera);
        }
        finally
        {
            leave();
        }
    }

    public void Dispose()
    {
        _all.Dispose();
        foreach (var turn in _turns.Values)
            turn.Dispose();
    }

    private async Task<(DeviceLink? Link, DeviceFault? Fault)> ConnectAsync(string cameraId, TimeSpan? atMost, Action? leave, CancellationToken cancellationToken)
    {
        if (await CameraRow.FindAsync(database, cameraId, cancellationToken) is not { } camera)
            return (null, DeviceFault.NoSuchCamera);
        var row = await DeviceRow.FindAsync(database, cameraId, cancellationToken);
        var target = DeviceTarget.Of(camera, row, port: null, nodeKey);
        if (target is not null && (row is null || row.CredentialsKey != target.Key || row is { IsOnvif: false, Problem.Code: "deviceUnreachable" }))
        {
            var entered = leave is null ? await EnterAsync(cameraId, cancellationToken) : () => { };
            if (entered is null)
                return (null, Busy());
            try
            {
                row = await checks.CheckAsync(camera, port: null, by: null, cancellationToken);
            }
            finally
            {
                entered();
            }

            target = DeviceTarget.Of(camera, row, port: null, nodeKey);
        }

        if (target is null || row is null)
            return (null, new DeviceFault(DeviceTrouble.NotSupported, "The camera sends to us, and has no address to be asked at"));
        if (DeviceChecks.IsRefused(row, target))
            return (null, new DeviceFault(DeviceTrouble.BadCredentials, row.Problem!.Detail));
        if (!row.IsOnvif)
        {
            return (null, row.Problem?.Code == "deviceUnreachable"
                ? new DeviceFault(DeviceTrouble.Unreachable, row.Problem.Detail)
                : new DeviceFault(DeviceTrouble.NotSupported, $"Nothing that speaks ONVIF answers at {row.Service.Authority}"));
        }

        var client = clients.New(target, atMost);
        bool isOpen = false;
        try
        {
            var link = new DeviceLink(camera, target, row, client, checks, leave);
            var connected = await client.ConnectAsync(cancellationToken);
            isOpen = connected.IsSuccess;
            return isOpen ? (link, null) : (null, DeviceFault.Of((await link.NoteAsync(connected.Failure, cancellationToken))!));
        }
        finally
        {
            if (!isOpen)
                client.Dispose();
        }
    }

    /// <returns>What to call at the end; null: there was no room in time.</returns>
    private async Task<Action?> EnterAsync(string cameraId, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(cameraId, _ => new SemaphoreSlim(1, 1));
        using var deadline = new CancellationTokenSource(s_turn, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await turn.WaitAsync(either.Token);
            try
            {
                await _all.WaitAsync(either.Token);
            }
            catch
            {
                turn.Release();
                throw;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return () =>
        {
            _all.Release();
            turn.Release();
        };
    }

    private static DeviceFault Busy() => new(DeviceTrouble.Busy, "Others ask it; try again in a few seconds.");
}
