using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Exports;

/// <summary>POST /api/exports: recordings are to leave the archive. The recorder makes the files; this is the wish.</summary>
internal static class RequestExport
{
    private const string Mp4 = "mp4";
    private const string Matroska = "mkv";
    internal const int MaxCameras = 64;
    private const int MaxNoteCharacters = 2000;
    private const int MaxWaiting = 50;
    internal static TimeSpan Longest { get; } = TimeSpan.FromDays(7);

    /// <param name="Cameras">Their ids.</param>
    /// <param name="Format">mp4 (the default): as it was recorded, provable second by second. mkv: the same pictures without the proof.</param>
    /// <param name="Watermark">One line of text that is burnt into the pictures.</param>
    /// <param name="BurnIn">What else is. Anything burnt in has the pictures encoded anew, and takes the proof of what was recorded from them.</param>
    /// <param name="Note">What it is for; stands in the manifest.</param>
    public sealed record Request(
        IReadOnlyList<string>? Cameras, DateTimeOffset? From, DateTimeOffset? To, string? Format, string? Watermark, BurnIn? BurnIn, string? Note);

    public sealed record Accepted(string Id);

    public static void Map(RouteGroupBuilder exports) => exports.MapPost("/", Handle).WithName(nameof(RequestExport))
        .WithSummary("Export recordings with proof of what was recorded.").ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429).AnswersOnce();

    private static async Task<Results<Accepted<Accepted>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, ExportJobs jobs, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var problems = Check(request, now);
        if (problems.Count > 0)
            return Problems.Fields(problems);
        string[] cameras = [.. request.Cameras!.Distinct(StringComparer.Ordinal)];
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (Caller.Of(context).Rights.FirstForeign(Permissions.RecordingsExport, cameras) is { } unknown)
            return Problems.Fields(new FieldProblem("cameras", "cameraNotFound", $"There is no camera {unknown}"));
        string format = request.Format ?? Mp4;
        var burnIn = ExportBurnIn.Of(request.Watermark, request.BurnIn);
        string id = Guid.CreateVersion7(now).ToString("N");
        var user = Actor.Of(context);
        var to = request.To!.Value < now ? request.To.Value : now;
        int inserted = await connection.ExecuteAsync(
            """
            insert into control.export (id, camera_ids, from_time, to_time, format, note, requested_by, requested_at, burn_in, state, tenant_id)
            select $1, $2, $3, $4, $5, $6, $7, $8, $10::jsonb, 'queued', $11
            where (select count(*) from control.export where not cleared and state in ('queued', 'running') and tenant_id = $11)
                < greatest(1, $9 / (select count(*) from control.tenant))
            """,
            [
                id, cameras, request.From!.Value.ToUniversalTime(), to.ToUniversalTime(), format, request.Note ?? "", user.Name, now, MaxWaiting,
                burnIn is null ? null : JsonSerializer.Serialize(burnIn, JsonSerializerOptions.Web), user.TenantId,
            ],
            cancellationToken);
        if (inserted == 0)
            return Problems.Of(StatusCodes.Status429TooManyRequests, "exportQueueFull", "Many exports wait already", "They are made one at a time. Try again when some are done.");
        await AuditLog.AddAsync(
            connection, now, user, "export.requested", id, new { cameras, from = request.From, to, format, burnIn, note = request.Note ?? "" }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Changed();
        return TypedResults.Accepted($"/api/exports/{id}", new Accepted(id));
    }

    private static List<FieldProblem> Check(Request request, DateTimeOffset now)
    {
        var problems = new List<FieldProblem>();
        if (request.Cameras is not { Count: > 0 and <= MaxCameras } cameras || cameras.Any(string.IsNullOrEmpty))
            problems.Add(new FieldProblem("cameras", "outOfRange", $"Name 1 to {MaxCameras} cameras"));
        if (request.From is null)
            problems.Add(new FieldProblem("from", "required", "Say from when"));
        else if (request.From >= now)
            problems.Add(new FieldProblem("from", "outOfRange", "That is in the future"));
        if (request.To is null)
            problems.Add(new FieldProblem("to", "required", "Say until when"));
        else if (request.To <= request.From)
            problems.Add(new FieldProblem("to", "outOfRange", "The end must be after the beginning"));
        else if (request.To - request.From > Longest)
            problems.Add(new FieldProblem("to", "tooLong", $"At most {Longest.TotalDays} days at a time"));
        if (request.Format is not (null or Mp4 or Matroska))
            problems.Add(new FieldProblem("format", "notSupported", $"Use {Mp4} or {Matroska}"));
        problems.AddRange(ExportBurnIn.Check(request.Watermark, request.BurnIn, request.Cameras ?? []));
        if (request.Note is { Length: > MaxNoteCharacters })
            problems.Add(new FieldProblem("note", "tooLong", $"At most {MaxNoteCharacters} characters"));
        return problems;
    }
}
