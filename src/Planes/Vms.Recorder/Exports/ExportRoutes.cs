using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Vms.Hosting;

namespace Vms.Recorder.Exports;

/// <summary>Downloads of exports, file by file or as one ZIP, with byte ranges. The same paths stand behind control's front door and on the recorder's own port.</summary>
internal static class ExportRoutes
{
    public static IServiceCollection AddExports(this IServiceCollection services)
    {
        services.AddViewing("recorder");
        services.AddSingleton<ExportFolder>();
        services.AddSingleton<ExportRoom>();
        services.AddSingleton<ExportGaps>();
        services.AddSingleton<ExportTails>();
        services.AddSingleton<ExportWriter>();
        services.AddSingleton<ExportConversion>();
        services.AddSingleton<ExportClosing>();
        services.AddSingleton<ExportRun>();
        services.AddSingleton<ExportMetrics>();
        services.AddSingleton<ExportQueue>();
        services.AddSingleton<ExportService>();
        return services.AddHostedService(s => s.GetRequiredService<ExportQueue>());
    }

    public static void MapExports(this WebApplication app)
    {
        var export = app.MapGroup("/api/exports/{exportId}").RequireTicket(TicketKind.Export);
        string[] read = ["GET", "HEAD"];
        export.MapMethods("/files/{name}", read, File);
        export.MapMethods("/export.zip", read, Zip);
    }

    private static IResult File(string exportId, string name, HttpContext context, ExportQueue exports, ExportFolder folder)
    {
        if (Find(exportId, context, exports, out var refusal) is not { } job) return refusal;
        if (job.State.Entries.FirstOrDefault(e => e.Name == name) is not { } entry) return NotFound();
        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.PhysicalFile(
            folder.PathOf(exportId, entry.Name), TypeOf(name), entry.Name, job.State.ExportedAt, new EntityTagHeaderValue($"\"{entry.Sha256}\""), enableRangeProcessing: true);
    }

    private static IResult Zip(string exportId, HttpContext context, ExportQueue exports, ExportFolder folder)
    {
        if (Find(exportId, context, exports, out var refusal) is not { } job) return refusal;
        context.Response.Headers.CacheControl = "private, no-cache";
        // The manifest names the hash of every other file, and its signature is made once.
        return TypedResults.Stream(
            new ExportZip(job.State, name => folder.PathOf(exportId, name)), "application/zip", $"export_{exportId}.zip", job.State.ExportedAt,
            new EntityTagHeaderValue($"\"{job.State.Entries[0].Sha256}\""), enableRangeProcessing: true);
    }

    /// <summary>An export that is done, and that the ticket covers: all of its cameras, all of its time.</summary>
    private static ExportJob? Find(string id, HttpContext context, ExportQueue exports, out ProblemHttpResult refusal)
    {
        refusal = NotFound();
        if (exports.Get(id) is not { State.State: ExportStates.Done } job) return null;
        // Exports know milliseconds; whoever takes the times for the ticket from elsewhere may have more of them.
        if (context.Viewer().Ticket is { } ticket
            && (job.Spec.FromUnixMs < ticket.From?.ToUnixTimeMilliseconds() || job.Spec.ToUnixMs > ticket.To?.ToUnixTimeMilliseconds() || !job.Spec.Cameras.All(c => ticket.Opens(c.Id))))
        {
            refusal = Problems.Of(StatusCodes.Status403Forbidden, "outsideTicket", "The ticket does not cover all that is in this export");
            return null;
        }

        if (!context.Viewing().TryName([.. job.Spec.Cameras.Select(c => c.Id)]))
        {
            refusal = TicketGate.Revoked();
            return null;
        }

        return job;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".mp4" => "video/mp4",
        ".mkv" => "video/x-matroska",
        ".json" => "application/json",
        ".html" => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };

    private static ProblemHttpResult NotFound() => Problems.NotFound("exportNotFound", "There is no such export, or it is not done, or it has been deleted");
}
