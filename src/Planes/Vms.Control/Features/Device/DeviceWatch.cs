using System.Collections.Concurrent;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Device;

/// <summary>
/// Asks every device about six hours after it was asked last, and that of a camera which was added by the address of its streams, or has got other
/// credentials, once its stream is there: credentials that the stream has proven wrong are not tried at the device. Of one that was replaced, at once.
/// </summary>
internal sealed partial class DeviceWatch(
    DesiredState desired, CameraStates cameras, DeviceStates devices, CameraDevices checks, NodeKey nodeKey, TimeProvider time, ILogger<DeviceWatch> logger)
    : BackgroundService
{
    private const int AtATime = 4;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(10);

    /// <summary>Cameras whose device is another one now.</summary>
    private readonly ConcurrentQueue<string> _replaced = new();

    private readonly ChangeSignal _changed = new();

    /// <summary>Has the device of a camera asked now, not when it is due: another one stands there, and its stream was seen with these credentials.</summary>
    public void AskNow(string cameraId)
    {
        _replaced.Enqueue(cameraId);
        _changed.Set();
    }

    /// <summary>Asks those that are due, a few at a time.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await devices.ReadAsync(cancellationToken);
        var replaced = new List<string>();
        while (_replaced.TryDequeue(out var cameraId))
            replaced.Add(cameraId);
        await Parallel.ForEachAsync(replaced.Union(Due()), new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken }, CheckAsync);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = _changed.Next;
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseOutage.Is(e))
            {
                Log.Later(logger, e.Message);
            }

            await changed.WaitAsync(s_look, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Several cameras may be pictures of one device: it is asked for one of them at a time, and a password that it refused for one is not sent for another.</summary>
    private List<string> Due()
    {
        var now = time.GetUtcNow();
        var rows = (desired.Cameras?.Values ?? []).Select(wanted => wanted.Row).ToList();
        var due = rows.Where(row => row.Settings.Enabled && IsDue(row, now)).ToList();
        if (due.Count == 0)
            return [];
        var refused = rows.Where(IsRefused).Select(LoginOf).ToHashSet();
        var asked = new HashSet<(string?, string?)>();
        return
        [
            .. due.OrderBy(row => devices.Of(row.Id)?.CheckedAt)
                .Where(row => LoginOf(row) is var login && !refused.Contains(login) && asked.Add((login.Authority, login.Username))).Select(row => row.Id),
        ];
    }

    private bool IsRefused(CameraRow row) =>
        devices.Of(row.Id) is { } known && DeviceChecks.IsRefused(row, known);

    private (string? Authority, string? Username, string? Password) LoginOf(CameraRow row)
    {
        var target = DeviceTarget.Of(row, devices.Of(row.Id), port: null, nodeKey);
        return (target?.Service.Authority, target?.Credentials?.Username, target?.Credentials?.Password);
    }

    private bool IsDue(CameraRow row, DateTimeOffset now)
    {
        // Each channel of a recorder would be a login at the same device, which may want another user for ONVIF: enough of them lock the account.
        if (row.NvrId is not null)
            return false;
        string state = cameras.Of(row).State;
        var known = devices.Of(row.Id);
        return known is not null && known.CredentialsKey == DeviceTarget.KeyOf(row, known)
            ? known.NextCheckAt <= now && state != "unauthorized"
            : row.Settings.MainUrl != CameraUrl.Push && state == "online";
    }

    private async ValueTask CheckAsync(string cameraId, CancellationToken cancellationToken)
    {
        try
        {
            await checks.CheckAsync(cameraId, port: null, by: null, cancellationToken);
        }
        catch (Exception e) when (!DatabaseOutage.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            Log.Failed(logger, e, cameraId);        // one device's trouble, not the others'
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1414, LogLevel.Debug, "Devices are asked later: {Reason}")]
        public static partial void Later(ILogger logger, string reason);

        [LoggerMessage(1415, LogLevel.Error, "Camera {CameraId}: its device could not be asked; the others are")]
        public static partial void Failed(ILogger logger, Exception exception, string cameraId);
    }
}
