using Npgsql;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Cameras;
using Vms.Onvif.Media;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Device;

/// <summary>Makes of what a device answered the row that is kept of it.</summary>
internal static class DeviceFacts
{
    private static readonly TimeSpan s_every = TimeSpan.FromHours(6);

    /// <summary>Devices tell whole seconds: on average half of one has passed since.</summary>
    private static readonly TimeSpan s_clockGrain = TimeSpan.FromMilliseconds(500);

    /// <param name="now">When it answered.</param>
    public static DeviceRow Of(CameraRow camera, DeviceTarget target, DeviceInspection device, DateTimeOffset now)
    {
        var picture = PictureOf(camera, device);
        var source = picture?.Choice.Main.VideoSource;
        var mover = device.Services.Has(OnvifService.Ptz) && picture is not null ? MoverOf(picture.Choice.Main, device.Profiles) : null;
        return new DeviceRow(camera.Id, device.Service, target.CameraHost, target.Key, IsOnvif: true, now, NextCheck(camera.Id, now))
        {
            Information = device.Information,
            Clock = device.ClockOffset is { } offset ? new ClockReading((long)(offset + s_clockGrain).TotalMilliseconds, now, device.IsClockFromNtp) : null,
            VideoSource = source,
            Profile = picture?.Choice.Main.Token,
            PtzProfile = mover?.Token,
            PtzNode = mover?.PtzNode,
            HasImaging = source is not null && device.Services.Has(OnvifService.Imaging),
            Relays = device.Relays.Count,
            HasInputs = device.Topics?.HasDigitalInput == true,
            HasEvents = device.Topics is not null,
        };
    }

    /// <summary>Keeps what a device said with whose answers a camera is added, or is given another device: in the same transaction.</summary>
    /// <param name="camera">As it is stored, with the credentials that the device took.</param>
    public static Task RememberAsync(NpgsqlConnection connection, CameraRow camera, DeviceInspection device, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = Of(camera, DeviceTarget.Of(camera, device.Service), device, now);
        // Whether a clock is off is told by the first check, which is due at once then.
        return (row.Clock?.IsOff() == true ? row with { Clock = null, NextCheckAt = now } : row).SaveAsync(connection, cancellationToken);
    }

    /// <summary>What is known of a camera's device is another's by now: it is asked at the next look, also by the next process.</summary>
    public static Task<int> IsDueAsync(NpgsqlConnection connection, string cameraId, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("update control.device set next_check_at = $2 where camera_id = $1", [cameraId, now], cancellationToken);

    /// <summary>Of a device that was not asked successfully: what it said before stays, if it is the same one.</summary>
    public static DeviceRow Of(CameraRow camera, DeviceTarget target, DeviceRow? known, DeviceFault fault, DateTimeOffset now)
    {
        var before = known?.CameraHost == target.CameraHost ? known : new DeviceRow(camera.Id, target.Service, target.CameraHost, target.Key, false, now, null);
        // Credentials that were refused, and whoever speaks something else, are not tried again by themselves.
        bool again = fault.Trouble == DeviceTrouble.Unreachable || (before.IsOnvif && fault.Trouble != DeviceTrouble.BadCredentials);
        return before with
        {
            Service = target.Service,
            CredentialsKey = target.Key,
            CheckedAt = now,
            NextCheckAt = again ? NextCheck(camera.Id, now) : null,
            Problem = fault.ToView(),
        };
    }

    /// <summary>Six hours later, or up to a tenth less or more: each camera has its own time.</summary>
    private static DateTimeOffset NextCheck(string cameraId, DateTimeOffset now) =>
        now + (s_every * (0.9 + (cameraId.Sum(letter => letter * 31) % 200 / 1000.0)));

    /// <summary>The one whose stream the camera is. Of several that are none of them, nobody knows which.</summary>
    private static InspectedCamera? PictureOf(CameraRow camera, DeviceInspection device)
    {
        string url = camera.Settings.MainUrl;
        return device.Cameras.FirstOrDefault(one => one.Main.OriginalString == url || one.Sub?.OriginalString == url) ?? (device.Cameras is [var only] ? only : null);
    }

    /// <summary>Some have the mechanics in another profile of the same sensor.</summary>
    private static MediaProfile? MoverOf(MediaProfile main, IReadOnlyList<MediaProfile> profiles) =>
        main.PtzNode is not null ? main : profiles.FirstOrDefault(profile => profile.VideoSource == main.VideoSource && profile.PtzNode is not null);
}
