namespace Vms.Control.Features.Sites;

internal static class SiteRow
{
    /// <summary>Made by the first migration.</summary>
    public const string DefaultId = "default";
}
