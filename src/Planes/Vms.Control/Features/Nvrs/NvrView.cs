using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Nvrs;

/// <summary>A recorder as the API shows it. Never its password.</summary>
/// <param name="Vendor">onvif, hikvision or dahua: how it is talked to.</param>
/// <param name="Address">Host, and port where it is not 80.</param>
/// <param name="State">online, offline, or unauthorized: it refused the credentials and is not asked again before they are changed.</param>
/// <param name="StateDetail">One sentence for the operator; null when all is well.</param>
/// <param name="CheckedAt">When it was asked last.</param>
internal sealed record NvrView(
    string Id, string Name, string SiteId, string Vendor, string Address, string? Username, bool HasPassword, string? Model, string? Firmware, string? SerialNumber, string State,
    string? StateDetail, DateTimeOffset CheckedAt, ChannelCounts Channels, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    string IVersioned.Version => ItemVersion.Of(UpdatedAt);

    /// <param name="added">Channels that are cameras.</param>
    public static NvrView Of(NvrRow row, int added) => new(
        row.Id, row.Name, row.SiteId, NvrRow.WordOf(row.Vendor), row.Address, row.Username, row.PasswordProtected is not null, Told(row.Model), Told(row.Firmware),
        Told(row.SerialNumber), row.State, row.StateDetail, row.CheckedAt, new ChannelCounts(row.Channels.Count, added), row.CreatedAt, row.UpdatedAt);

    private static string? Told(string text) => text.Length == 0 ? null : text;
}

/// <param name="Added">Those that are cameras here.</param>
internal sealed record ChannelCounts(int Total, int Added);
