using System.Security.Cryptography;
using Vms.Contracts.Recorder;
using Vms.Control.Devices.Nvr;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Device;
using Vms.Control.Jobs;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Footage;

/// <summary>Whom a fetch asks, and for what.</summary>
internal sealed partial class FetchFootageJob
{
    /// <summary>32 Mbit/s: live video and recording of the same network come first.</summary>
    private const long MaxBytesPerSecond = 4 << 20;

    private static readonly TimeSpan s_longestOffset = TimeSpan.FromDays(365);

    private async Task<Wish> WishAsync(Args args, CameraRow camera, CancellationToken cancellationToken)
    {
        if (args is { ReplayUrl: null, RecordingToken: null } && await recorders.OfAsync(camera, cancellationToken) is { } recorder)
            return WishOf(camera, await recorders.FindAsync(recorder, camera.NvrChannel!, args.From, args.To, cancellationToken));

        var settings = camera.Settings;
        var host = HostOf(settings.MainUrl) ?? throw new JobFailedException("noReplay", "The camera sends to this server: there is no address to ask for its recordings.");
        var row = await DeviceRow.FindAsync(database, camera.Id, cancellationToken);
        if (row is not null && (args.OnvifPort is null || args.OnvifPort == row.Service.Port) && DeviceChecks.IsRefused(camera, row))
            throw new JobFailedException("badCredentials", "The device refused the camera's user name or password before; they are not sent again.");
        var password = PasswordOf(camera);
        var credentials = string.IsNullOrEmpty(settings.Username) ? null : new OnvifCredentials(settings.Username, password);
        // What is known of another device at another address is not known of this one.
        var known = row is not null && string.Equals(row.CameraHost, host, StringComparison.OrdinalIgnoreCase) ? row : null;
        var port = args.OnvifPort ?? settings.Recording.OnvifPort ?? (known is { IsOnvif: true } ? known.Service.Port : null);
        var replay = args.ReplayUrl is { } url
            ? new DeviceReplay(url, TimeSpan.FromMilliseconds(known?.Clock?.OffsetMs ?? 0))
            : await devices.FindAsync(host, port, credentials, settings.TlsCertificateSha256, settings.Name, args.RecordingToken, args.From, args.To, cancellationToken);
        var request = RequestOf(camera, replay.Url, host, replay.ClockOffset);
        (request.Username, request.Password) = (settings.Username ?? "", password);
        return new Wish(request, null);
    }

    private static Wish WishOf(CameraRow camera, RecorderReplay replay)
    {
        var request = RequestOf(camera, replay.Playback.Url, replay.Host, replay.ClockOffset);
        (request.Username, request.Password) = (replay.Username ?? "", replay.Password ?? "");
        request.UrlTimes = replay.Playback.Times;
        request.Has.AddRange(replay.Has);
        return new Wish(request, replay.Zone);
    }

    /// <exception cref="JobFailedException">The device's clock is so wrong that nobody knows what it means.</exception>
    private static ImportFootageRequest RequestOf(CameraRow camera, string url, string host, TimeSpan clockOffset)
    {
        if (clockOffset.Duration() > s_longestOffset)
            throw new JobFailedException("clockWrong", "The device's clock is off by more than a year; set it first.");
        return new ImportFootageRequest
        {
            CameraId = camera.Id,
            CameraName = camera.Settings.Name,
            SiteId = camera.Settings.SiteId,
            Url = url,
            AllowBasicInClear = camera.Settings.AllowBasicInClear,
            TlsCertificateSha256 = camera.Settings.TlsCertificateSha256 ?? "",
            ClockOffsetUs = (long)clockOffset.TotalMicroseconds,
            MaxBytesPerSecond = MaxBytesPerSecond,
            Source = host,
        };
    }

    /// <summary>What every step asks for.</summary>
    /// <param name="Zone">That local times in the address are in; null: there are none.</param>
    private sealed record Wish(ImportFootageRequest Request, DeviceZone? Zone)
    {
        public ImportFootageRequest Of(DateTimeOffset from, DateTimeOffset to)
        {
            (Request.FromUnixMs, Request.ToUnixMs) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
            // Summer time may begin between two steps. An hour in which it does is played by the clock of its beginning.
            Request.UrlZoneOffsetUs = Zone is { } zone ? (long)(zone.ToLocal(from) - from.UtcDateTime).TotalMicroseconds : 0;
            return Request;
        }
    }

    /// <summary>Of a database without its node key none: the device refuses.</summary>
    private string PasswordOf(CameraRow camera)
    {
        try
        {
            return camera.PasswordProtected is { } stored ? nodeKey.Unprotect(stored) : "";
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return "";
        }
    }
}
