using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>PATCH /api/nvrs/{id}: JSON merge patch (RFC 7396) of its name and credentials. New credentials are tried once at the recorder, and are stored, for the cameras
/// behind it too, when it takes them.</summary>
internal static class PatchNvr
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="Password">Absent keeps, null removes.</param>
    public sealed record Request(string? Name, string? Username, string? Password);

    public static void Map(RouteGroupBuilder nvrs) =>
        nvrs.MapPatch("/{id}", Handle).WithName(nameof(PatchNvr)).WithSummary("Change a recorder's name or credentials (JSON merge patch).").Needs(Permissions.CamerasWrite)
            .Accepts<Request>("application/merge-patch+json", "application/json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<NvrView>, ProblemHttpResult>> Handle(
        string id, JsonElement patch, HttpContext context, NpgsqlDataSource database, NvrConnector connector, NvrImport import, NvrWatch watch, NodeKey nodeKey, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (await NvrRow.FindAsync(database, caller, Permissions.CamerasWrite, id, cancellationToken) is not { } before)
            return NvrProblems.NotFound();
        if (ItemVersion.Check(context, ItemVersion.Of(before.UpdatedAt)) is { } old)
            return old;

        Request wanted;
        var oldPassword = connector.PasswordOf(before);
        try
        {
            wanted = MergePatch.Of(new Request(before.Name, before.Username, oldPassword), patch);
        }
        catch (JsonException e)
        {
            return JsonFailure.ToProblem(e);
        }

        var problems = new List<FieldProblem>();
        var name = NvrProblems.CheckName(wanted.Name, problems);
        if (string.IsNullOrEmpty(name))
            problems.Add(new FieldProblem("name", "required", "A name is required"));
        DeviceAddress.Check(before.Host, before.Port, wanted.Username, wanted.Password, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var username = string.IsNullOrEmpty(wanted.Username) ? null : wanted.Username;
        var password = string.IsNullOrEmpty(wanted.Password) ? null : wanted.Password;
        var newCredentials = username != before.Username || password != oldPassword;
        if (newCredentials && await TryAsync(connector, before, username, password, cancellationToken) is { } refused)
            return refused;

        var now = time.GetUtcNow();
        NvrRow after;
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (await NvrRow.LockAsync(connection, caller, Permissions.CamerasWrite, id, cancellationToken) is not { } current)
                return NvrProblems.NotFound();
            // While the recorder was asked somebody else may have changed it.
            if (current.UpdatedAt != before.UpdatedAt)
                return Problems.Of(StatusCodes.Status412PreconditionFailed, "changedMeanwhile", "It was changed meanwhile", "Read it again and apply the change to what it is now.");
            after = current with { Name = name!, UpdatedAt = now };
            if (newCredentials)
                after = after with { Username = username, PasswordProtected = password is null ? null : nodeKey.Protect(password), State = NvrRow.Online, StateDetail = null, CheckedAt = now };
            await after.SaveAsync(connection, cancellationToken);
            string[] fields = [.. name != before.Name ? ["name"] : Array.Empty<string>(), .. username != before.Username ? ["username"] : Array.Empty<string>(), .. password != oldPassword ? ["password"] : Array.Empty<string>()];
            if (fields.Length > 0)
                await AuditLog.AddAsync(connection, now, Actor.Of(context), "nvr.changed", id, new { name, fields }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        if (newCredentials)
            await import.ChangeKnownAsync(before, after, password, caller, Actor.Of(context), cancellationToken);
        watch.Changed();
        return TypedResults.Ok(await GetNvr.ViewAsync(database, after, cancellationToken));
    }

    private static async Task<ProblemHttpResult?> TryAsync(NvrConnector connector, NvrRow row, string? username, string? password, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            var (connection, problem) = await connector.OpenAsync(row.Host, row.Port, row.Vendor, username, password, deadline.Token);
            connection?.Dispose();
            return problem;
        }
        catch (DeviceException e)
        {
            return DeviceProblems.Of(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DeviceProblems.Unreachable("The recorder took too long to answer");
        }
    }
}
