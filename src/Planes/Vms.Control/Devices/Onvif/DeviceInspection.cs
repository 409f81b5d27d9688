using Vms.Onvif.Device;
using Vms.Onvif.Events;
using Vms.Onvif.Media;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Onvif;

/// <summary>One picture of a device, as a camera: its streams and where they are, on the host that answered and without credentials.</summary>
/// <param name="Snapshot">A JPEG of now; null when the device has none.</param>
internal sealed record InspectedCamera(StreamChoice Choice, Uri Main, Uri? Sub, Uri? Snapshot);

/// <summary>What a device is and has, as far as it tells.</summary>
/// <param name="ClockOffset">Its clock minus ours; null when it does not tell the time.</param>
/// <param name="Service">Of the device service, on the host that answered.</param>
/// <param name="IsClockFromNtp">A time server sets it; null when it does not tell.</param>
/// <param name="Topics">What it may tell about; null when it offers no events.</param>
/// <param name="Macs">Of its network interfaces; empty when it does not tell.</param>
/// <param name="Cameras">One for each video source; several for recorders and panoramas.</param>
/// <param name="AreCredentialsProven">It refuses what it is asked without them.</param>
internal sealed record DeviceInspection(
    Uri Service,
    DeviceInformation Information,
    TimeSpan? ClockOffset,
    bool? IsClockFromNtp,
    IReadOnlyList<string> Macs,
    DeviceServices Services,
    IReadOnlyList<MediaProfile> Profiles,
    IReadOnlyList<InspectedCamera> Cameras,
    IReadOnlyList<RelayOutput> Relays,
    EventTopics? Topics,
    bool AreCredentialsProven)
{
    /// <summary>Pictures of one device.</summary>
    public const int MaxCameras = 256;

    /// <summary>Asks a device everything that is needed to add it. Fails when it cannot be one: not reachable, wrong credentials, no ONVIF, no streams.</summary>
    public static async Task<OnvifResult<DeviceInspection>> ReadAsync(OnvifClient client, CancellationToken cancellationToken)
    {
        var services = await client.ConnectAsync(cancellationToken);
        if (!services.IsSuccess)
            return OnvifResult<DeviceInspection>.Failed(services.Failure);

        var information = await client.CallAsync(DeviceInformation.Get, cancellationToken);
        if (information.Kind is OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear or OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut)
            return OnvifResult<DeviceInspection>.Failed(information.Failure!);
        var (media, profiles) = await ProfilesAsync(client, cancellationToken);
        if (!profiles.IsSuccess)
            return OnvifResult<DeviceInspection>.Failed(profiles.Failure);

        var macs = await client.CallAsync(NetworkInterfaces.Get, cancellationToken);
        var cameras = new List<InspectedCamera>();
        foreach (var choice in StreamChoice.PerSource(profiles.Value).Take(MaxCameras))
        {
            var main = await StreamAsync(client, media, choice.Main.Token, cancellationToken);
            if (!main.IsSuccess)
                return OnvifResult<DeviceInspection>.Failed(main.Failure);
            var sub = choice.Sub is { } small ? await StreamAsync(client, media, small.Token, cancellationToken) : default;
            cameras.Add(new InspectedCamera(choice, main.Value, sub.Value, await SnapshotAsync(client, media, choice.Main.Token, cancellationToken)));
        }

        var relays = await client.CallAsync(RelayOutput.GetAll, cancellationToken);
        var topics = await client.CallAsync(EventTopics.Get, cancellationToken);
        return OnvifResult<DeviceInspection>.Of(new DeviceInspection(
            client.Device, information.Value ?? new DeviceInformation("", "", "", "", ""), client.ClockOffset, client.Clock?.FromNtp, macs.Value?.Macs ?? [], services.Value, profiles.Value, cameras,
            relays.Value ?? [], client.Has(OnvifService.Events) ? topics.Value ?? new EventTopics([]) : null, client.AreCredentialsProven));
    }

    /// <summary>Media 2 knows more (H.265); where it is announced but refused, or empty, the first media service tells.</summary>
    private static async Task<(OnvifService Media, OnvifResult<IReadOnlyList<MediaProfile>> Profiles)> ProfilesAsync(OnvifClient client, CancellationToken cancellationToken)
    {
        if (client.Has(OnvifService.Media2))
        {
            var second = await client.CallAsync(Media2Calls.GetProfiles, cancellationToken);
            if (second.Value?.Any(profile => profile.Video is not null) == true || second.Kind == OnvifFailureKind.BadCredentials)
                return (OnvifService.Media2, second);
        }

        return (OnvifService.Media, await client.CallAsync(MediaCalls.GetProfiles, cancellationToken));
    }

    private static async Task<OnvifResult<Uri>> StreamAsync(OnvifClient client, OnvifService media, string profile, CancellationToken cancellationToken)
    {
        var told = media == OnvifService.Media2 ? await client.CallAsync(Media2Calls.GetStreamUri(profile), cancellationToken) : default;
        if (told.Value is null && client.Has(OnvifService.Media))
            told = await client.CallAsync(MediaCalls.GetStreamUri(profile), cancellationToken);
        if (ServiceAddress.Stream(told.Value, client.Device) is { } uri)
            return OnvifResult<Uri>.Of(uri);
        return OnvifResult<Uri>.Failed(told.Failure ?? new OnvifFailure(OnvifFailureKind.NotOnvif, "The device tells no RTSP address"));
    }

    private static async Task<Uri?> SnapshotAsync(OnvifClient client, OnvifService media, string profile, CancellationToken cancellationToken)
    {
        var told = await client.CallAsync(media == OnvifService.Media2 ? Media2Calls.GetSnapshotUri(profile) : MediaCalls.GetSnapshotUri(profile), cancellationToken);
        return ServiceAddress.Snapshot(told.Value, client.Device);
    }
}
