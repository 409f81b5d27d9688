using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Features.Exports;

/// <summary>GET /api/exports/{exportId}/files/{name} and …/export.zip: the recorder answers; who takes something out of the house is noted here.</summary>
internal static class DownloadExport
{
    private static readonly string[] s_read = ["GET", "HEAD"];

    /// <summary>Parts of a file that are fetched within this time are one download, whichever part came first.</summary>
    private static readonly TimeSpan s_sameDownload = TimeSpan.FromMinutes(10);

    public static void Map(RouteGroupBuilder exports)
    {
        Describe(exports.MapMethods("/{exportId}/files/{name}", s_read, FileAsync), "DownloadExportFile", "A file of an export, with ranges. Bearer or ticket.")
            .Produces<Stream>(200, "application/octet-stream").Produces<Stream>(206, "application/octet-stream");
        Describe(exports.MapMethods("/{exportId}/export.zip", s_read, ZipAsync), "DownloadExportZip", "All of an export as a ZIP, with ranges. Bearer or ticket.")
            .Produces<Stream>(200, "application/zip").Produces<Stream>(206, "application/zip");
    }

    private static Task FileAsync(string exportId, string name, HttpContext context, Planes planes, NpgsqlDataSource database, TimeProvider time) =>
        SendAsync(exportId, name, context, planes, database, time);

    private static Task ZipAsync(string exportId, HttpContext context, Planes planes, NpgsqlDataSource database, TimeProvider time) =>
        SendAsync(exportId, "export.zip", context, planes, database, time);

    private static async Task SendAsync(string exportId, string name, HttpContext context, Planes planes, NpgsqlDataSource database, TimeProvider time)
    {
        if (await ExportRow.FindAsync(database, exportId, ExportsRoutes.SeenBy(context), context.RequestAborted) is not { State: ExportStates.Done })
        {
            await ExportsRoutes.NotFound().ExecuteAsync(context);
            return;
        }

        using var answer = await planes.Recorder.AskAsync(context);
        if (answer is null)
            return;
        if (HttpMethods.IsGet(context.Request.Method) && answer.IsSuccessStatusCode)
        {
            await using var connection = await database.OpenConnectionAsync(context.RequestAborted);
            await AuditLog.AddOnceAsync(
                connection, time.GetUtcNow(), s_sameDownload, Actor.Of(context), "export.downloaded", exportId, new { file = name },
                context.RequestAborted);
        }

        await planes.Recorder.CopyAnswerAsync(context, answer);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name).WithSummary(summary).WithMetadata(new AcceptsTicket(TicketKind.Export)).ProducesProblem(404);
}
