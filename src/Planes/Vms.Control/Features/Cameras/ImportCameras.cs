using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Jobs;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/import: a list of cameras as comma-separated values. With dryRun it is looked at; without, a job adds the cameras, each by
/// itself, and leaves out what is wrong or there already.</summary>
internal static class ImportCameras
{
    /// <summary>Lines of one file; the body is limited besides.</summary>
    public const int MaxLines = 2000;

    private const string Csv = "text/csv";

    /// <param name="Valid">Lines that would become cameras.</param>
    public sealed record DryRun(int Valid, int Invalid, IReadOnlyList<LineView> Lines);

    /// <param name="Code">Null: it would become a camera; invalidInput, or duplicate.</param>
    public sealed record LineView(int Line, string? Name, string? Code, string? Detail, IReadOnlyList<FieldProblem> Fields);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/import", Handle).WithName(nameof(ImportCameras)).WithSummary("Add cameras from comma-separated values: look at them (dryRun), or begin the job.")
            .Needs(Permissions.CamerasWrite).AddOpenApiOperationTransformer(TakesCsvAsync).Produces<DryRun>().Produces<JobView>(202).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Ok<DryRun>, Accepted<JobView>, ProblemHttpResult>> Handle(
        bool? dryRun, HttpContext context, NpgsqlDataSource database, NodeKey nodeKey, JobRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase))
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", "The content type is not supported", "Send text/csv.");
        using var reader = new StreamReader(context.Request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        string text;
        try
        {
            text = await reader.ReadToEndAsync(cancellationToken);   // the server's limit of a body holds
        }
        catch (DecoderFallbackException)
        {
            return Problems.Fields(new FieldProblem("$", "notUtf8", "The file is not UTF-8; a spreadsheet saves it as \"CSV UTF-8\""));
        }

        var read = CameraCsv.Read(text, MaxLines + 1);
        if (read.Count == 0)
            return Problems.Fields(new FieldProblem("$", "empty", "The first line has to name the columns"));
        var header = read[0].Cells;
        var problems = CameraLine.CheckHeader(header);
        if (read.Count == 1)
            problems.Add(new FieldProblem("$", "empty", "There is no line after the first"));
        if (read.Count > MaxLines + 1)
            problems.Add(new FieldProblem("$", "tooMany", $"Use at most {MaxLines} lines"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var lines = read.Skip(1).Select(l => CameraLine.Of(l.Line, header, l.Cells)).ToList();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (dryRun == true)
        {
            var known = await CameraImportJob.KnownAsync(connection, Caller.Of(context).TenantId, cancellationToken);
            var views = new List<LineView>(lines.Count);
            foreach (var line in lines)
            {
                views.Add(ViewOf(line, isNew: !line.IsIn(known)));
                if (line is { Problems.Count: 0, Url: { } url })
                    known.Add(url);
            }

            var valid = views.Count(v => v.Code is null);
            return TypedResults.Ok(new DryRun(valid, views.Count - valid, views));
        }

        var now = time.GetUtcNow();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // There are passwords in it.
        var secret = nodeKey.Protect(JsonSerializer.Serialize(lines, JsonSerializerOptions.Web));
        var args = JsonSerializer.Serialize(new CameraImportJob.Args(secret), JsonSerializerOptions.Web);
        var row = await JobRow.AddAsync(connection, CameraImportJob.KindName, args, Caller.Of(context), Actor.Of(context), now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted($"/api/jobs/{row.Id}", JobView.Of(row, now));
    }

    /// <summary>Said in the document alone: declared, it would be compared before the credential is.</summary>
    private static Task TakesCsvAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [Csv] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } },
        };
        return Task.CompletedTask;
    }

    private static LineView ViewOf(CameraLine line, bool isNew) =>
        line.Problems.Count > 0
            ? new LineView(line.Line, line.Request.Name, "invalidInput", string.Join(' ', line.Problems.Select(p => $"{p.Field}: {p.Message}.")), line.Problems)
            : new LineView(line.Line, line.Request.Name, isNew ? null : "duplicate", isNew ? null : CameraImportJob.Duplicate, []);
}
