namespace Vms.Control.Devices.Nvr;

/// <summary>A recorder's clock.</summary>
/// <param name="Zone">That its local times are in.</param>
/// <param name="Now">As it was asked; null: it does not say.</param>
internal sealed record NvrClock(DeviceZone Zone, DateTimeOffset? Now)
{
    /// <summary>Recorders tell whole seconds, and the answer takes its time: less is none.</summary>
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(2);

    /// <summary>The recorder's clock minus ours, in whole seconds.</summary>
    /// <param name="now">By our clock, when it was asked.</param>
    public TimeSpan OffsetAt(DateTimeOffset now) =>
        Now is { } told && (told - now).Duration() > s_least ? TimeSpan.FromSeconds(Math.Round((told - now).TotalSeconds)) : TimeSpan.Zero;
}
