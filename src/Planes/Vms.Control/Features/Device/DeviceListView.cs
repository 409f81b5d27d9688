namespace Vms.Control.Features.Device;

/// <summary>A camera's device as the inventory shows it. What it never told is null.</summary>
/// <param name="Onvif">It speaks ONVIF: it has answered once.</param>
/// <param name="Problem">Code of why it did not answer when it was asked last.</param>
/// <param name="ClockOffsetMs">Its clock minus this server's.</param>
/// <param name="ChangedAt">When it last said something otherwise than before, as far as that is an alert.</param>
internal sealed record DeviceListView(
    string CameraId, string CameraName, string SiteId, bool Onvif, string? Maker, string? Model, string? Firmware, string? SerialNumber, string? Address,
    long? ClockOffsetMs, DateTimeOffset? CheckedAt, string? Problem, DateTimeOffset? ChangedAt);
