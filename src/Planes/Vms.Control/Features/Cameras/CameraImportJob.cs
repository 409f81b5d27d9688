using System.Text.Json;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>Adds the cameras of a list. A step is a line: the camera and the note that its line is done come with one commit, so that a line becomes
/// one camera however often the job begins again.</summary>
internal sealed class CameraImportJob(NpgsqlDataSource database, NodeKey nodeKey, CameraEdits edits, RightsState rights) : IJobKind
{
    public const string KindName = "cameraImport";
    public const string Duplicate = "A camera with this address is there already.";

    /// <param name="Lines">JSON of the lines, encrypted with the node key.</param>
    public sealed record Args(string Lines);

    public sealed record Progress(int Next, IReadOnlyList<LineResult> Lines);

    public sealed record Result(int Added, int Refused, IReadOnlyList<LineResult> Lines);

    /// <param name="CameraId">Null where there is none; then Code says why, as for a single camera, or duplicate.</param>
    public sealed record LineResult(int Line, string? CameraId, string? Code, string? Detail);

    public string Name => KindName;

    /// <summary>By what cameras of a tenant are known: their ids, and keys of their addresses.</summary>
    public static async Task<HashSet<string>> KnownAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select id, main_url from control.camera where tenant_id = $1 and deleted_at is null", tenantId);
        var cameras = await command.RowsAsync(r => (Id: r.GetString(0), Url: CameraLine.UrlKey(r.GetString(1))), cancellationToken);
        return [.. cameras.Select(c => c.Id), .. cameras.Select(c => c.Url).OfType<string>()];
    }

    /// <summary>Until the transaction's end nobody else looks whether a camera is there, to add it.</summary>
    public static Task<int> AloneAsync(NpgsqlConnection connection, string tenantId, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('cameras of ' || $1, 0))", [tenantId], cancellationToken);

    public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var lines = LinesOf(run.Row);
        if (await rights.FindFreshAsync(run.Row.CreatedById) is not { Enabled: true } who || !who.Rights.AllowsAnywhere(Permissions.CamerasWrite))
            throw new JobFailedException("forbidden", "Whoever asked for it may not add cameras any more.");

        var progress = run.CursorAs<Progress>() ?? new Progress(0, []);
        var added = new List<CameraEdits.Result>();
        try
        {
            while (progress.Next < lines.Count)
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var (result, camera) = await AddAsync(lines[progress.Next], who, run.Row.Actor, connection, cancellationToken);
                progress = new Progress(progress.Next + 1, [.. progress.Lines, result]);
                await run.SaveAsync(connection, progress, progress.Next, lines.Count, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                if (camera is not null)
                    added.Add(camera);
                run.Saved();
            }
        }
        finally
        {
            await edits.DoneAsync(run.Row.TenantId, added, CancellationToken.None);
        }

        return new Result(progress.Lines.Count(l => l.CameraId is not null), progress.Lines.Count(l => l.CameraId is null), progress.Lines);
    }

    private async Task<(LineResult Result, CameraEdits.Result? Camera)> AddAsync(
        CameraLine line, Principal who, Actor actor, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (line.Problems.Count > 0)
            return (new LineResult(line.Line, null, "invalidInput", string.Join(' ', line.Problems.Select(p => $"{p.Field}: {p.Message}."))), null);
        // Looked at anew for each: other people add cameras meanwhile, and the same list may have been sent twice.
        await AloneAsync(connection, who.TenantId, cancellationToken);
        if (line.IsIn(await KnownAsync(connection, who.TenantId, cancellationToken)))
            return (new LineResult(line.Line, null, "duplicate", Duplicate), null);
        await using var point = connection.Command("savepoint line");
        await point.ExecuteNonQueryAsync(cancellationToken);
        var camera = await edits.AddAsync(line.Request, who.Rights, actor, connection, cancellationToken);
        if (camera.Row is { } row)
            return (new LineResult(line.Line, row.Id, null, null), camera);
        await using var back = connection.Command("rollback to savepoint line");
        await back.ExecuteNonQueryAsync(cancellationToken);
        var problem = camera.Problem!.ProblemDetails;
        return (new LineResult(line.Line, null, problem.Extensions["code"] as string, problem.Detail ?? problem.Title), null);
    }

    private List<CameraLine> LinesOf(JobRow row)
    {
        try
        {
            var args = JsonSerializer.Deserialize<Args>(row.Args, JsonSerializerOptions.Web)!;
            return JsonSerializer.Deserialize<List<CameraLine>>(nodeKey.Unprotect(args.Lines), JsonSerializerOptions.Web)!;
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or FormatException)
        {
            throw new JobFailedException("unreadable", "The list was encrypted with the key of another installation; import it again.");
        }
    }
}
