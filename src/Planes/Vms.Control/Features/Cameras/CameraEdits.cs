using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.CameraGroups;
using Vms.Control.Features.KeptFootage;
using Vms.Control.Features.Sites;
using Vms.Control.Features.Tree;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>Adds cameras and changes them: of one request, of a list of them, of a file. A plane restarts a stream only when something it is asked
/// for changed. Any thread.</summary>
internal sealed class CameraEdits(
    NpgsqlDataSource database, NodeKey nodeKey, DesiredState desired, KeptRangesReconciler kept, RightsState rights, CameraAddresses addresses, AnalysisModels models, TreeFeed tree,
    TimeProvider time)
{
    /// <summary>Either the row or what is wrong.</summary>
    /// <param name="Kept">How long its bookmarks are kept is another.</param>
    /// <param name="Placed">It stands somewhere else, or has another name.</param>
    public sealed record Result(CameraRow? Row, ProblemHttpResult? Problem, bool Kept = false, bool Placed = false)
    {
        public static Result Of(ProblemHttpResult problem) => new(null, problem);
    }

    /// <param name="by">Whose rights decide about the site and the groups.</param>
    /// <param name="connection">In its transaction: the caller commits, then calls <see cref="DoneAsync"/>.</param>
    public async Task<Result> AddAsync(CameraRequest request, Rights by, Actor actor, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var settings = CameraRules.Check(request, out var credentials, out var problems);
        var groups = CheckGroups(request.GroupIds, problems);
        if (problems.Count > 0)
            return Result.Of(Problems.Fields(problems));
        if (await CameraTargets.RefusedAsync(settings, before: null, addresses, cancellationToken) is { Count: > 0 } elsewhere)
            return Result.Of(Problems.Fields(elsewhere));
        if ((await models.KnownForAsync(settings.Analytics.Model, cancellationToken)).Refuses(settings.Analytics, before: null) is { } model)
            return Result.Of(Problems.Fields(model));
        if (!by.AllowsSite(Permissions.CamerasWrite, settings.SiteId) || !await SiteRow.IsThereAsync(connection, settings.SiteId, cancellationToken))
            return Result.Of(CameraProblems.UnknownSite());

        var password = string.IsNullOrEmpty(request.Password) ? credentials?.Password : request.Password;
        var now = time.GetUtcNow();
        var row = new CameraRow(CameraId.New(), settings, string.IsNullOrEmpty(password) ? null : nodeKey.Protect(password), CameraGenerations.First, now, now)
        {
            GroupIds = groups ?? [],
        };
        await row.InsertAsync(connection, cancellationToken);
        if (row.GroupIds.Count > 0 && await SetGroupsAsync(connection, row.Id, row.GroupIds, by, cancellationToken) is { } refused)
            return Result.Of(refused);
        await AuditLog.AddAsync(connection, now, actor, "camera.created", row.Id, new { name = settings.Name }, cancellationToken);
        return new Result(row, null, Placed: true);
    }

    /// <summary>What a change has to be compared with, to be asked for once for all cameras that are to have it.</summary>
    public Task<KnownModels> ModelsForAsync(JsonElement patch, CancellationToken cancellationToken) =>
        models.KnownForAsync(Of(Of(patch, "analytics"), "model") is { ValueKind: JsonValueKind.String } model ? model.GetString() : null, cancellationToken);

    /// <summary>Commits by itself. Call <see cref="DoneAsync"/> afterwards, for one or for many.</summary>
    /// <param name="by">Whose rights decide about the new site and groups.</param>
    /// <param name="patch">JSON merge patch (RFC 7396) of a camera.</param>
    /// <param name="check">Of the camera as it is, locked, in the transaction of the change; null: whatever it is.</param>
    /// <param name="action">As the audit log names it.</param>
    /// <param name="known">Of <see cref="ModelsForAsync"/>; null: asked for here.</param>
    public async Task<Result> PatchAsync(
        string id, JsonElement patch, Rights by, Actor actor, CancellationToken cancellationToken,
        Func<CameraRow, NpgsqlConnection, ValueTask<ProblemHttpResult?>>? check = null, string action = "camera.changed",
        Func<CameraRow, NpgsqlConnection, Task>? stored = null, KnownModels? known = null)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return Result.Of(Problems.Fields(new FieldProblem("$", "invalidType", "Expected a JSON object")));

        known ??= await ModelsForAsync(patch, cancellationToken);        // before the camera is locked: nobody waits for another plane
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CameraRow.LockAsync(connection, id, cancellationToken) is not { } row)
            return Result.Of(CameraProblems.NotFound());
        if (check is not null && await check(row, connection) is { } refusal)
            return Result.Of(refusal);

        CameraRequest request;
        try
        {
            request = MergePatch.To<CameraRequest>(JsonSerializer.SerializeToNode(row.Settings, JsonSerializerOptions.Web), patch);
        }
        catch (JsonException e)
        {
            return Result.Of(JsonFailure.ToProblem(e));
        }

        if (request.Generation is { } read && read != row.Generations.Camera)
        {
            return Result.Of(Problems.Of(StatusCodes.Status409Conflict, "generationConflict", "The camera was changed meanwhile",
                $"You read generation {read}, it is now {row.Generations.Camera}."));
        }

        var settings = CameraRules.Check(request, out var credentials, out var problems);
        var groups = patch.TryGetProperty("groupIds", out _) ? CheckGroups(request.GroupIds, problems) ?? [] : row.GroupIds;
        if (problems.Count > 0)
            return Result.Of(Problems.Fields(problems));
        if (await CameraTargets.RefusedAsync(settings, row.Settings, addresses, cancellationToken) is { Count: > 0 } elsewhere)
            return Result.Of(Problems.Fields(elsewhere));
        if (known.Refuses(settings.Analytics, row.Settings.Analytics) is { } model)
            return Result.Of(Problems.Fields(model));

        if (settings.SiteId != row.Settings.SiteId
            && !(by.AllowsSite(Permissions.CamerasWrite, settings.SiteId) && await SiteRow.IsThereAsync(connection, settings.SiteId, cancellationToken)))
            return Result.Of(CameraProblems.UnknownSite());
        if (settings.SiteId != row.Settings.SiteId && by.GainsBySite(id, settings.SiteId))
            return Result.Of(Grants.Beyond());

        // Credentials in a new URL replace the stored ones, unless the patch says otherwise itself.
        if (credentials is not null && !patch.TryGetProperty("username", out _))
            settings = settings with { Username = credentials.Username };

        var regrouped = !groups.SequenceEqual(row.GroupIds);
        var changed = Desired.Next(
            row with
            {
                Settings = settings,
                PasswordProtected = PasswordAfter(row, patch, request, credentials),
                UpdatedAt = time.GetUtcNow(),
                GroupIds = groups,
            },
            row, nodeKey);
        await changed.UpdateAsync(connection, cancellationToken);
        if (stored is not null)
            await stored(changed, connection);
        if (regrouped && await SetGroupsAsync(connection, id, groups, by, cancellationToken) is { } refused)
            return Result.Of(refused);

        var bookmarkDaysChanged = changed.Settings.Recording.Retention.BookmarkDays != row.Settings.Recording.Retention.BookmarkDays;
        if (bookmarkDaysChanged && await KeptRangeRows.ChangeBookmarkDaysAsync(connection, actor.TenantId, id, cancellationToken) is { } tooMany)
            return Result.Of(tooMany);
        var fields = ChangedFields(row, changed);
        if (regrouped)
            fields.Add("groupIds");
        if (fields.Count > 0)
        {
            await AuditLog.AddAsync(
                connection, changed.UpdatedAt, actor, action, id, new { name = changed.Settings.Name, fields }, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        var placed = regrouped || settings.SiteId != row.Settings.SiteId || settings.Name != row.Settings.Name;
        return new Result(changed, null, bookmarkDaysChanged, placed);
    }

    /// <summary>After the commits: what was changed counts, and who shows it is told.</summary>
    public async Task DoneAsync(string tenantId, IReadOnlyCollection<Result> results, CancellationToken cancellationToken)
    {
        if (!results.Any(r => r.Row is not null))
            return;
        if (results.Any(r => r.Kept))
            kept.Changed();
        if (results.Any(r => r.Placed))
        {
            await rights.RefreshAsync();
            tree.Changed(tenantId);
        }

        desired.Changed();
    }

    /// <summary>As a merge patch finds it, in any case; what stands last counts.</summary>
    private static JsonElement? Of(JsonElement? parent, string name) => parent is { ValueKind: JsonValueKind.Object } there
        ? there.EnumerateObject().Where(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(p => (JsonElement?)p.Value).LastOrDefault()
        : null;

    /// <summary>In order and without doubles; null for null.</summary>
    private static string[]? CheckGroups(IReadOnlyList<string>? ids, List<FieldProblem> problems)
    {
        if (ids?.Count > CameraGroupRules.MaxGroupsOfCamera)
            problems.Add(new FieldProblem("groupIds", "tooMany", $"A camera is in at most {CameraGroupRules.MaxGroupsOfCamera} groups"));
        if (ids?.Any(string.IsNullOrEmpty) == true)
            problems.Add(new FieldProblem("groupIds", "groupNotFound", "There is no such camera group"));
        return ids?.Where(id => !string.IsNullOrEmpty(id)).Distinct().Order(StringComparer.Ordinal).ToArray();
    }

    /// <summary>Groups decide who sees a camera: whoever changes them needs more than the camera.</summary>
    private static async Task<ProblemHttpResult?> SetGroupsAsync(
        NpgsqlConnection connection, string cameraId, IReadOnlyList<string> groups, Rights by, CancellationToken cancellationToken)
    {
        if (!by.AllowsTenant(Permissions.GroupsWrite))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this", "Moving a camera between groups needs the right to change groups.",
                [new FieldProblem("groupIds", "forbidden", "Your role does not allow changing groups")]);
        }

        await using var known = connection.Command(
            "select id from control.camera_group where id = any($1) and tenant_id = $2 for key share", groups.ToArray(), by.TenantId);
        if ((await known.RowsAsync(r => r.GetString(0), cancellationToken)).Count != groups.Count)
            return Problems.Fields(new FieldProblem("groupIds", "groupNotFound", "There is no such camera group"));
        await connection.ExecuteAsync(
            "with gone as (delete from control.camera_group_member where camera_id = $1 and not group_id = any($2)) "
            + "insert into control.camera_group_member (group_id, camera_id) select unnest($2), $1 on conflict do nothing",
            [cameraId, groups.ToArray()], cancellationToken);
        return null;
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

    /// <summary>Absent keeps, null or empty removes, text replaces; a URL that brings a password replaces it too.</summary>
    private string? PasswordAfter(CameraRow row, JsonElement patch, CameraRequest request, CameraCredentials? credentials)
    {
        if (!string.IsNullOrEmpty(request.Password))
            return nodeKey.Protect(request.Password);
        if (patch.TryGetProperty("password", out _))
            return null;
        return string.IsNullOrEmpty(credentials?.Password) ? row.PasswordProtected : nodeKey.Protect(credentials.Password);
    }
}
