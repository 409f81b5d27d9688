using Vms.Control.Features.Cameras;

namespace Vms.Control.Features.Device;

/// <summary>What can be asked of a device.</summary>
internal sealed record DeviceAbilities(bool Ptz, bool Imaging, bool Relays, bool DigitalInputs, bool Events);

/// <summary>What the device of a camera says of itself.</summary>
/// <param name="Onvif">It speaks ONVIF: it has answered once.</param>
/// <param name="Address">Host and port that it is asked at.</param>
/// <param name="Problem">Why it did not answer when it was asked last.</param>
/// <param name="Clock">Its clock minus this server's; absent when it does not tell.</param>
/// <param name="Events">Where the camera's own events come from: pullPoint (the device is asked), metadata (they come with the stream) or none.</param>
/// <param name="EventsProblem">Why the device is asked for events in vain.</param>
/// <param name="Changes">What it said otherwise before, newest first.</param>
internal sealed record DeviceView(
    bool Onvif, string? Maker, string? Model, string? Firmware, string? SerialNumber, string? HardwareId, string? Address, DateTimeOffset? CheckedAt,
    DeviceProblem? Problem, ClockReading? Clock, DeviceAbilities Can, string Events, DeviceProblem? EventsProblem, IReadOnlyList<DeviceChange> Changes)
{
    public static DeviceView Of(DeviceRow? row, CameraState state, EventSubscriptions subscriptions, string cameraId, IReadOnlyList<DeviceChange> changes)
    {
        var told = row?.Information;
        var (isSubscribed, problem) = subscriptions.StateOf(cameraId);
        bool hasMetadata = state.Streams.Any(stream => stream.Metadata);
        return new DeviceView(
            row is { IsOnvif: true }, NullIfEmpty(told?.Manufacturer), NullIfEmpty(told?.Model), NullIfEmpty(told?.Firmware), NullIfEmpty(told?.SerialNumber), NullIfEmpty(told?.HardwareId),
            row?.Service.Authority, row?.CheckedAt, row?.Problem, row?.Clock,
            new DeviceAbilities(row?.PtzProfile is not null, row is { HasImaging: true }, row is { Relays: > 0 }, row is { HasInputs: true }, row is { HasEvents: true }),
            hasMetadata ? "metadata" : isSubscribed ? "pullPoint" : "none", hasMetadata ? null : problem, changes);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
