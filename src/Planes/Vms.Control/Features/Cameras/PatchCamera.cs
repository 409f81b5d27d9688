using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>PATCH /api/cameras/{id}: JSON merge patch (RFC 7396). A plane restarts a stream only when something it is asked for changed.</summary>
internal static class PatchCamera
{
    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPatch("/{id}", Handle).WithName(nameof(PatchCamera)).WithSummary("Change a camera (JSON merge patch). Absent keeps, null clears.").Needs(Permissions.CamerasWrite, Scope.Camera)
            .Accepts<CameraRequest>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<CameraView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, NodeKey nodeKey, DesiredState desired, CameraStates states, KeptRangesReconciler kept,
        RightsState rights, CameraAddresses addresses, TimeProvider time, CancellationToken cancellationToken)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return Problems.Fields(new FieldProblem("$", "invalidType", "Expected a JSON object"));

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CameraRow.LockAsync(connection, id, cancellationToken) is not { } row)
            return CameraProblems.NotFound();
        if (ItemVersion.Check(context, CameraView.VersionOf(row)) is { } otherVersion)
            return otherVersion;

        CameraRequest request;
        try
        {
            request = Patched(row.Settings, patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        if (request.Generation is { } read && read != row.Generations.Camera)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "generationConflict", "The camera was changed meanwhile",
                $"You read generation {read}, it is now {row.Generations.Camera}.");
        }

        var settings = CameraRules.Check(request, out var credentials, out var problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        if (await CameraTargets.RefusedAsync(settings, row.Settings, addresses, cancellationToken) is { Count: > 0 } refused)
            return Problems.Fields(refused);

        if (settings.SiteId != row.Settings.SiteId && !Caller.Of(context).Rights.AllowsSite(Permissions.CamerasWrite, settings.SiteId))
            return CameraProblems.UnknownSite();

        // Credentials in a new URL replace the stored ones, unless the patch says otherwise itself.
        if (credentials is not null && !patch.TryGetProperty("username", out _))
            settings = settings with { Username = credentials.Username };

        var changed = Desired.Next(
            row with
            {
                Settings = settings,
                PasswordProtected = PasswordAfter(row, patch, request, credentials, nodeKey),
                UpdatedAt = time.GetUtcNow(),
            },
            row, nodeKey);
        try
        {
            await changed.UpdateAsync(connection, cancellationToken);
        }
        catch (PostgresException e) when (CameraProblems.IsUnknownSite(e))
        {
            return CameraProblems.UnknownSite();
        }

        var bookmarkDaysChanged = changed.Settings.Recording.Retention.BookmarkDays != row.Settings.Recording.Retention.BookmarkDays;
        if (bookmarkDaysChanged && await KeptRangeRows.ChangeBookmarkDaysAsync(connection, id, cancellationToken) is { } tooMany)
            return tooMany;
        var fields = ChangedFields(row, changed);
        if (fields.Count > 0)
        {
            await AuditLog.AddAsync(
                connection, changed.UpdatedAt, Actor.Of(context), "camera.changed", id,
                new { name = changed.Settings.Name, fields }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (bookmarkDaysChanged)
            kept.Changed();
        if (settings.SiteId != row.Settings.SiteId)
            await rights.RefreshAsync();
        desired.Changed();
        return TypedResults.Ok(CameraView.Of(changed, states.Of(changed)));
    }

    /// <summary>Their names: what a URL or a password was and is stays out of the audit log.</summary>
    private static List<string> ChangedFields(CameraRow before, CameraRow after)
    {
        var fields = new List<string>();
        Compare(
            JsonSerializer.SerializeToNode(before.Settings, JsonSerializerOptions.Web), JsonSerializer.SerializeToNode(after.Settings, JsonSerializerOptions.Web),
            "", fields);
        if (before.PasswordProtected != after.PasswordProtected)
            fields.Add("password");
        return fields;
    }

    private static void Compare(JsonNode? before, JsonNode? after, string path, List<string> fields)
    {
        if (before is JsonObject was && after is JsonObject now)
        {
            foreach (var (name, value) in now)
                Compare(was[name], value, path.Length == 0 ? name : $"{path}.{name}", fields);
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            fields.Add(path);
        }
    }

    private static CameraRequest Patched(CameraSettings current, JsonElement patch)
    {
        var merged = Merge(JsonSerializer.SerializeToNode(current, JsonSerializerOptions.Web), patch);
        return merged.Deserialize<CameraRequest>(JsonSerializerOptions.Web)!;
    }

    /// <summary>RFC 7396 §2.</summary>
    private static JsonNode? Merge(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return JsonSerializer.SerializeToNode(patch);
        var result = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            var existing = result[member.Name];
            result.Remove(member.Name);
            if (member.Value.ValueKind != JsonValueKind.Null)
                result[member.Name] = Merge(existing, member.Value);
        }

        return result;
    }

    /// <summary>Absent keeps, null or empty removes, text replaces; a URL that brings a password replaces it too.</summary>
    private static string? PasswordAfter(CameraRow row, JsonElement patch, CameraRequest request, CameraCredentials? credentials, NodeKey nodeKey)
    {
        if (!string.IsNullOrEmpty(request.Password))
            return nodeKey.Protect(request.Password);
        if (patch.TryGetProperty("password", out _))
            return null;
        return string.IsNullOrEmpty(credentials?.Password) ? row.PasswordProtected : nodeKey.Protect(credentials.Password);
    }
}
