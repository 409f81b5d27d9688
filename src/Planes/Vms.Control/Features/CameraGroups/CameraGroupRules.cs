using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.Features.CameraGroups;

/// <summary>What may be said of camera groups, and what changing one does to the others.</summary>
internal static class CameraGroupRules
{
    /// <summary>So many of one tenant: all are shown at once.</summary>
    public const int MaxGroups = 1000;

    /// <summary>Groups within groups: as deep as rights are followed.</summary>
    public const int MaxDepth = 16;

    /// <summary>Of one group.</summary>
    public const int MaxCameras = 10_000;

    /// <summary>That one camera is in.</summary>
    public const int MaxGroupsOfCamera = 64;

    private const int MaxNameLength = 64;

    public static ProblemHttpResult NotFound() => Problems.NotFound("groupNotFound", "There is no such camera group");

    public static bool IsNameTaken(PostgresException e) => e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "camera_group_name" };

    public static ProblemHttpResult NameTaken() =>
        Problems.Of(StatusCodes.Status409Conflict, "groupNameTaken", "There is a group of this name in the same place", fields: [new FieldProblem("name", "taken", "Choose another name")]);

    public static string CheckName(string? name, List<FieldProblem> problems)
    {
        name = name?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem("name", "required", "A name is required"));
        else if (name.Length > MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {MaxNameLength} printable characters"));
        return name;
    }

    /// <summary>One change of a tenant's groups at a time: whether they stand in a ring depends on all of them. Returns each with the group it is in.</summary>
    public static async Task<Dictionary<string, string?>> LockAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('camera_group ' || $1, 0))", [tenantId], cancellationToken);
        await using var command = connection.Command("select id, parent_id from control.camera_group where tenant_id = $1", tenantId);
        var rows = await command.RowsAsync(r => KeyValuePair.Create(r.GetString(0), r.StringOrNull(1)), cancellationToken);
        return rows.ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether <paramref name="id"/> can stand in <paramref name="parentId"/>; null when it can.</summary>
    /// <param name="id">Null for one that is not there yet.</param>
    public static FieldProblem? CheckParent(string? id, string? parentId, Dictionary<string, string?> parents)
    {
        if (parentId is null)
            return null;
        if (!parents.ContainsKey(parentId))
            return new FieldProblem("parentId", "groupNotFound", "There is no such camera group");

        var above = 0;
        for (var at = parentId; at is not null; at = parents[at])
        {
            if (at == id)
                return new FieldProblem("parentId", "ring", "A group cannot stand in itself or in one of its own");
            above++;
        }

        return above + HeightOf(id, parents) > MaxDepth ? new FieldProblem("parentId", "tooDeep", $"Use at most {MaxDepth} groups within each other") : null;
    }

    /// <summary>Makes these the cameras of the group. Each counts as changed: where it stands is a part of it.</summary>
    /// <param name="cameraIds">All of the tenant.</param>
    /// <returns>The first that is no camera of the tenant; null when all are.</returns>
    public static async Task<string?> SetCamerasAsync(
        NpgsqlConnection connection, string tenantId, string groupId, string[] cameraIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // In the order of their ids, as everybody who locks several cameras: nobody waits in a ring.
        await using var known = connection.Command(
            """
            select id from control.camera where (id = any($1) and tenant_id = $2 and deleted_at is null)
                or id in (select camera_id from control.camera_group_member where group_id = $3)
            order by id for update
            """, cameraIds, tenantId, groupId);
        var there = (await known.RowsAsync(r => r.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
        if (cameraIds.FirstOrDefault(id => !there.Contains(id)) is { } unknown)
            return unknown;
        await connection.ExecuteAsync("""
            with gone as (delete from control.camera_group_member where group_id = $1 and not camera_id = any($2) returning camera_id),
            come as (insert into control.camera_group_member (group_id, camera_id) select $1, unnest($2) on conflict do nothing returning camera_id)
            update control.camera set generation = generation + 1, updated_at = $3 where id in (select camera_id from gone union select camera_id from come)
            """, [groupId, cameraIds, now], cancellationToken);
        return null;
    }

    /// <summary>Levels from this group down; 1 for one that has none within it.</summary>
    private static int HeightOf(string? id, Dictionary<string, string?> parents)
    {
        if (id is null)
            return 1;
        var children = parents.Where(p => p.Value == id).Select(p => p.Key).ToList();
        return 1 + (children.Count == 0 ? 0 : children.Max(c => HeightOf(c, parents)));
    }
}
