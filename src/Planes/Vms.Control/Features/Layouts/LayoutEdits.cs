using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Features.LiveFeed;
using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>What adding and changing a layout have in common.</summary>
internal sealed class LayoutEdits(FeedHub hub)
{
    /// <summary>What of the settings is not the caller's to ask for; null when they may.</summary>
    /// <param name="before">Cameras that were in it already: they may stay, also where the caller does not see them.</param>
    public static async Task<ProblemHttpResult?> CheckAsync(
        NpgsqlConnection connection, Caller caller, LayoutSettings settings, IReadOnlyCollection<string> before, CancellationToken cancellationToken)
    {
        if (settings.Shared && !caller.Rights.AllowsAnywhere(Permissions.LayoutsWrite))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "It allows layouts of your own, not shared ones.",
                [new FieldProblem("shared", "forbidden", "Your role does not allow sharing layouts")]);
        }

        var added = settings.CameraIds.Except(before, StringComparer.Ordinal).ToArray();
        await using var known = connection.Command("select id from control.camera where id = any($1) and deleted_at is null", (object)added);
        var there = (await known.RowsAsync(r => r.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var wrong = settings.Cells.Select((cell, i) => (cell.CameraId, i))
            .Where(c => c.CameraId is { } id && added.Contains(id) && !(there.Contains(id) && caller.Rights.Allows(Permissions.CamerasRead, id)))
            .Select(c => new FieldProblem($"cells[{c.i}].cameraId", "cameraNotFound", "There is no such camera")).ToList();
        if (wrong.Count > 0)
            return Problems.Fields(wrong);
        return await UsageLimitRows.CheckLayoutAsync(connection, caller.TenantId, settings.CameraIds, cancellationToken);
    }

    /// <summary>Tells those who have it in their list.</summary>
    public void Changed(Caller caller, string id, bool shared)
    {
        var (tenant, own) = (caller.TenantId, caller.Rights.Key);
        hub.Publish(new LayoutChangedMessage(id), rights => rights.Key == own || (shared && rights.TenantId == tenant && rights.AllowsAnywhere(Permissions.LiveView)));
    }
}
