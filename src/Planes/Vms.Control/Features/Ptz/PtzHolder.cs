namespace Vms.Control.Features.Ptz;

/// <summary>Who moves a camera.</summary>
/// <param name="LastAt">When the last command came.</param>
internal sealed record PtzHolder(Guid AccountId, string Name, DateTimeOffset LastAt)
{
    /// <summary>Somebody else may take over when nothing came for so long.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>Whoever goes on within it has not seized the camera anew.</summary>
    public static readonly TimeSpan Sitting = TimeSpan.FromMinutes(10);

    public DateTimeOffset Until => LastAt + Grace;
}
