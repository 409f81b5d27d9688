using Vms.Control.Auth;

namespace Vms.Control.Features.Events;

/// <summary>Which cameras a question is about: those that are named, and those of groups and sites.</summary>
internal static class ChosenCameras
{
    /// <param name="groupIds">With the groups that are in them.</param>
    /// <param name="places">Null: they were not read yet, and nothing is in a group or a site.</param>
    /// <returns>Null: none is chosen, all are meant.</returns>
    public static string[]? Of(string[]? cameraIds, string[]? groupIds, string[]? siteIds, RightsSnapshot? places)
    {
        if (cameraIds is not { Length: > 0 } && groupIds is not { Length: > 0 } && siteIds is not { Length: > 0 })
            return null;
        var there = places?.Cameras.Where(c => siteIds?.Contains(c.Value.SiteId) == true || groupIds?.Intersect(c.Value.GroupIds).Any() == true).Select(c => c.Key) ?? [];
        return [.. there.Union(cameraIds ?? [])];
    }
}
