using Vms.Control.Features.Cameras;
using Vms.Control.Features.Device;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Dashboard;

/// <summary>Something that needs a person now; gone when the cause is.</summary>
/// <param name="Severity">critical (video is being lost) or warning.</param>
internal sealed record Alert(string Code, string Severity, string Message, string? CameraId, DateTimeOffset? Since);

/// <summary>Derives the alerts from the state of planes and cameras.</summary>
internal sealed class Alerts(ObservedState observed, DeviceStates devices)
{
    private static readonly string[] s_planes = ["media", "recorder"];

    public IReadOnlyList<Alert> Of(IEnumerable<(CameraRow Row, CameraState State)> cameras, IReadOnlyList<PoolView> pools)
    {
        var alerts = s_planes.Where(p => !observed.IsConnected(p))
            .Select(p => new Alert(p + "Unavailable", "critical", $"The {p} plane does not answer", null, null)).ToList();
        alerts.AddRange(pools.Where(p => p.State != "ready").Select(OfPool));
        foreach (var (row, state) in cameras)
        {
            var name = row.Settings.Name;
            if (state.Recording.State == "failed")
                alerts.Add(new Alert("recordingFailed", "critical", $"{name}: recording stopped ({state.Recording.StateReason ?? "unknown"})", row.Id, null));
            if (state.Recording.ReadBack is { Result: not ("good" or "notDecoded") } read)
            {
                alerts.Add(new Alert("readBackFailed", "critical",
                    $"{name}: what was recorded does not read back from the disk ({read.Result}: {read.Detail}); look at the disk, the next reading back is when its turn comes", row.Id, read.From));
            }

            if (state.Recording.ForecastDays < row.Settings.Recording.Retention.MinAgeDays)
            {
                alerts.Add(new Alert("retentionShort", "warning",
                    $"{name}: at today's bitrate you keep {state.Recording.ForecastDays:0.#} days, you asked for {row.Settings.Recording.Retention.MinAgeDays:0.#}", row.Id, null));
            }

            if (devices.Of(row.Id)?.Clock is { } clock && clock.IsOff())
            {
                alerts.Add(new Alert(
                    "cameraClock", "warning",
                    $"{name}: its clock is {Math.Abs(clock.OffsetMs) / 1000.0:0.#} s {(clock.OffsetMs > 0 ? "ahead of" : "behind")} this server's; give it a time server", row.Id, clock.CheckedAt));
            }

            if (devices.ChangeOf(row.Id) is { } change)
                alerts.Add(new Alert("cameraDeviceChanged", "warning", $"{name}: its {WordOf(change.What)} is {change.Now} now, it was {change.Was}; was that an update of yours?", row.Id, change.At));

            if (state.State is "offline" or "unauthorized" or "unsupported" && state.StateReason != "mediaUnavailable")
            {
                alerts.Add(new Alert(
                    "camera" + char.ToUpperInvariant(state.State[0]) + state.State[1..],
                    row.Settings.Recording.WantsAnything ? "critical" : "warning",
                    $"{name}: {state.StateDetail ?? state.StateReason ?? state.State}", row.Id, state.StateSince));
            }
        }

        return alerts;
    }

    private static string WordOf(string fact) => fact switch
    {
        "serialNumber" => "serial number",
        "hardwareId" => "hardware",
        _ => fact,
    };

    private static Alert OfPool(PoolView pool) => pool.State switch
    {
        "full" => new Alert("storagePoolFull", "critical", $"The storage pool {pool.Name} is full, and nothing in it may be deleted", null, null),
        "failed" => new Alert("storagePoolFailed", "critical", $"The storage pool {pool.Name} does not take what is recorded; look at its disk", null, null),
        _ => new Alert("storagePoolAway", "critical", $"The storage pool {pool.Name} is not there; is its disk mounted?", null, null),
    };
}
